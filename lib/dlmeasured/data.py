"""Real data as tensors: a part that ships with the package, or the full sets, downloaded once and verified."""

import gzip
import hashlib
import io
import os
import secrets
import urllib.request
from collections.abc import Iterable
from http.client import HTTPException
from pathlib import Path
from typing import NamedTuple

import numpy as np
import platformdirs
import torch

from dlmeasured.device import scale as current_scale

# Name in data/: sha256, as printed by data/build.py
SHIPPED = {
    "co2.csv": "2737f74222cf1fb702d41058927d2b8d2a34778d519bfa6b1dea2f1b47c234f4",
    "countries.csv": "d4f7c3df792e0f05f897e5884d0d3e2a1d780223f9ef70c89f0b2fc4147d45ac",
    "engel.csv": "796c3da0406291dd324c51901b51386be12b5f52e330afaf69584f57c06ad45c",
    "fashion_mnist.npz": "0af81a29bba99ea4ac6e244f72045bf3ce844a65e523c4ef0e5d30951ed1b0fc",
    "nightingale.csv": "4e0b76937a02c02dd3a13b6016860609fe8a690ad1ed38f1fd9cbdf43a9b5ceb",
    "nyc_weather.csv": "89efe40b03cbb196336f1cfbdbffa6001392d25e571553ac9144d0f1ec238695",
    "outlines.csv": "78d9a4bb4e721699b3bc116abec937010facd9bf9ebf5b5f7e7182aee57fa4b6",
    "penguins.csv": "f204db2c753b0937caac3cb35258562c14f073e4bbc76be24b4c51ce22767a93",
    "seattle_weather.csv": "0845078a290b48e3149ab8639966824110a251db4e06fc144c06ebb534af23be",
}

CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

# Name: sha256 of the file as published, and as packed by Debian (another gzip header, the same contents).
FILES = {
    "train-images-idx3-ubyte.gz": (
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7",
    ),
    "train-labels-idx1-ubyte.gz": (
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056",
    ),
    "t10k-images-idx3-ubyte.gz": (
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa",
    ),
    "t10k-labels-idx1-ubyte.gz": (
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05",
    ),
}
MIRRORS = (
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    "https://fashion-mnist.s3.eu-central-1.amazonaws.com/",
)
LOCAL = Path("/usr/share/datasets/fashion-mnist")  # Debian: apt-get install dataset-fashion-mnist


class DataError(RuntimeError):
    """Data that could not be had; the message says what was tried, what was wrong and what to do."""


class FashionMNIST(NamedTuple):
    """Grey images of clothes, 0 (background) to 255, and their classes, 0 to 9. Source: Xiao et al. 2017."""

    train_images: torch.Tensor  # (N, 28, 28) uint8
    train_labels: torch.Tensor  # (N,) int64
    test_images: torch.Tensor  # (M, 28, 28) uint8
    test_labels: torch.Tensor  # (M,) int64
    classes: tuple[str, ...] = CLASSES


def fashion_mnist(scale: str | None = None) -> FashionMNIST:
    """Fashion-MNIST (https://arxiv.org/abs/1708.07747), on the CPU.

    ``"small"``: 10,000 training and 2,000 test images, classes balanced, shipped with the package.
    ``"full"``: 60,000 and 10,000, from Debian's package where installed, else downloaded once (31 MB) to the folder
    that the environment variable ``DLM_CACHE`` names (default: the user's cache folder).
    ``None``: what the environment variable ``DLM_SCALE`` says, else ``"small"``.

    Raises ``ValueError`` for another scale and ``DataError`` where the data cannot be had.
    """
    scale = current_scale() if scale is None else scale
    if scale == "small":
        with np.load(io.BytesIO(shipped("fashion_mnist.npz"))) as arrays:
            parts = {name: torch.from_numpy(array) for name, array in arrays.items()}
    elif scale == "full":
        parts = {
            "train_images": _idx("train-images-idx3-ubyte.gz", header=16).view(-1, 28, 28),
            "train_labels": _idx("train-labels-idx1-ubyte.gz", header=8),
            "test_images": _idx("t10k-images-idx3-ubyte.gz", header=16).view(-1, 28, 28),
            "test_labels": _idx("t10k-labels-idx1-ubyte.gz", header=8),
        }
    else:
        raise ValueError(f"scale is {scale!r}: use 'small' (ships with the package) or 'full' (60,000 images).")
    return FashionMNIST(
        parts["train_images"], parts["train_labels"].long(), parts["test_images"], parts["test_labels"].long()
    )


def download(urls: Iterable[str], sha256: str, path: Path, *, timeout: float = 20.0) -> bytes:
    """The contents of ``path``, fetched from the first of ``urls`` that sends them right, unless already there.

    Only https is spoken, redirects included, and ``timeout`` seconds of silence end an attempt. Every byte string is
    checked against ``sha256`` before use, that of an existing file too (a wrong one is deleted). A new file is written
    under a temporary name in the same folder and renamed. Raises ``DataError`` and leaves no partial file.
    """
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        if path.exists():
            content = path.read_bytes()
            if _sha256(content) == sha256:
                return content
            path.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("xb") as file:  # opened first: a folder that cannot be written is told before the wait
                content = _first_good(urls, sha256, path, timeout)
                file.write(content)
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise DataError(
            f"Cannot keep {path.name} in {path.parent}: {error}. Make room or set DLM_CACHE to a folder that can be "
            'written, or use the small scale: fashion_mnist("small") ships with the package and works offline.'
        ) from error
    return content


class _HttpsOnly(urllib.request.BaseHandler):
    def default_open(self, request: urllib.request.Request) -> None:
        """Called by urllib before each request, those that follow a redirect too."""
        if request.type != "https":
            raise OSError(f"refused {request.full_url}, which is not https")


def _first_good(urls: Iterable[str], sha256: str, path: Path, timeout: float) -> bytes:
    opener = urllib.request.build_opener(_HttpsOnly)
    problems = []
    for url in urls:
        try:
            with opener.open(url, timeout=timeout) as response:
                content = response.read()
        except (OSError, HTTPException, ValueError) as error:
            problems.append(f"{url} ({error})")
            continue
        if _sha256(content) == sha256:
            return content
        problems.append(f"{url} (sent {len(content):,} bytes with the wrong sha256, {_sha256(content)})")
    raise DataError(
        f"Cannot download {path.name} to {path.parent}; tried {'; '.join(problems)}. Check the network and try again, "
        'or use the small scale: fashion_mnist("small") ships with the package and works offline.'
    )


def _idx(name: str, header: int) -> torch.Tensor:
    """The bytes after the header of a gzipped IDX file, as a flat uint8 tensor."""
    local = LOCAL / name
    try:
        content = local.read_bytes()
    except OSError:
        content = b""
    if _sha256(content) not in FILES[name]:
        cache = Path(os.environ.get("DLM_CACHE") or platformdirs.user_cache_dir("dlmeasured", appauthor=False))
        path = cache.expanduser() / "fashion-mnist" / name
        content = download([mirror + name for mirror in MIRRORS], FILES[name][0], path)
    return torch.frombuffer(bytearray(gzip.decompress(content)), dtype=torch.uint8, offset=header)


def shipped(name: str) -> bytes:
    """The contents of a file of data/, from the installed package or from a clone."""
    module = Path(__file__)
    places = [module.parent / "_data" / name, module.parents[2] / "data" / name]
    remedy = f"Install dlmeasured anew, or in a clone restore it with: git checkout -- data/{name}"
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        raise DataError(f"{name} is missing from the package: it is neither {places[0]} nor {places[1]}. {remedy}")
    content = path.read_bytes()
    if _sha256(content) != SHIPPED[name]:
        raise DataError(f"{path} is damaged: its sha256 is {_sha256(content)}, not {SHIPPED[name]}. {remedy}")
    return content


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
