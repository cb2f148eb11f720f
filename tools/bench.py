"""Measure what the book promises: `fit` against a bare loop and its peers, and each notebook's time and memory.

python tools/bench.py [--fit | --notebooks]

**Images per second.** Every contender trains the same two models (float32, Adam at its defaults, learning rate 0.001,
batches of 128, a new order each epoch) on the shipped Fashion-MNIST images in one process, with the same number of
threads. Rounds are interleaved: every contender once, from fresh parameters, then all again in rotated order. Making
the model is not timed; what a call of the trainer sets up is. After a warm-up round each line gives the median of
images/s, and median, lowest and highest of the ratio to the bare loop *of the same round*, so that other load on the
machine weighs on both. The mean test accuracy shows that all have trained. Let the machine be idle; where it cannot be,
OMP_NUM_THREADS=1 gives steadier figures. On CUDA `fit` alone computes in bfloat16.

- bare loop: whole tensors, indexed by a shuffled batch of numbers. It measures nothing: no loss, no validation.
- fit: `dlmeasured.fit` without validation.
- DataLoader: the bare loop over a `DataLoader` of a `TensorDataset`, `shuffle=True`, loading in the same process.
- Lightning: its `Trainer` without logger, checkpoints, progress bar, model summary and validation, on the same
  tensors indexed as in the bare loop (faster than a `DataLoader`).
- Keras: `Model.fit` on the torch backend, `verbose=0`, the same tensors, `jit_compile` at its default ("auto").

**Notebooks.** Each is executed in a kernel of its own and not written. The time includes starting the kernel; the
memory is the kernel's peak resident set.
"""

import argparse
import json
import logging
import os
import re
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from dlmeasured import accuracy, device, fashion_mnist, fit, set_seed

BATCH, RATE = 128, 1e-3
ROUNDS = 7
EPOCHS = {"MLP": 10, "CNN": 1}
SECONDS, MEGABYTES = 60, 2000  # budget of a notebook

Prepared = tuple[nn.Module, Callable[[], object]]  # the model, and what trains it

EXECUTE = """
import json, resource, sys, time
import nbclient, nbformat
path = sys.argv[1]
notebook = nbformat.read(path, as_version=4)
start = time.perf_counter()
nbclient.NotebookClient(notebook, timeout=600, resources={"metadata": {"path": path.rpartition("/")[0]}}).execute()
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
print(json.dumps([seconds, peak]))
"""


def torch_model(kind: str) -> nn.Module:
    """The multilayer perceptron or the small convolutional net, for images (N, 1, 28, 28)."""
    if kind == "MLP":
        layers = [nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10)]
    else:
        layers = [nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        layers += [nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1568, 10)]
    return nn.Sequential(*layers).to(device())


def batches(x: Tensor, y: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """One epoch in a new order."""
    for batch in torch.randperm(len(x)).to(x.device).split(BATCH):
        yield x[batch], y[batch]


def loop(model: nn.Module, epoch: Callable[[], Iterator[tuple[Tensor, Tensor]]], epochs: int) -> None:
    """The loop of every torch tutorial."""
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    for _ in range(epochs):
        for x, y in epoch():
            loss = F.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def prepare_bare(kind: str, x: Tensor, y: Tensor) -> Prepared:
    model = torch_model(kind)
    return model, lambda: loop(model, lambda: batches(x, y), EPOCHS[kind])


def prepare_fit(kind: str, x: Tensor, y: Tensor) -> Prepared:
    model = torch_model(kind)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    settings = {"epochs": EPOCHS[kind], "batch_size": BATCH, "seed": torch.initial_seed()}
    return model, lambda: fit(model, (x, y), F.cross_entropy, optimizer, **settings)


def prepare_loader(kind: str, x: Tensor, y: Tensor) -> Prepared:
    model = torch_model(kind)
    loader = DataLoader(TensorDataset(x, y), batch_size=BATCH, shuffle=True)
    return model, lambda: loop(model, lambda: iter(loader), EPOCHS[kind])


def prepare_lightning(kind: str, x: Tensor, y: Tensor) -> Prepared:
    import lightning

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)

    class Batches:
        def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
            return batches(x, y)

        def __len__(self) -> int:
            return -(-len(x) // BATCH)

    class Classifier(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.model = torch_model(kind)

        def forward(self, x: Tensor) -> Tensor:
            return self.model(x)

        def training_step(self, batch: tuple[Tensor, Tensor], index: int) -> Tensor:
            return F.cross_entropy(self(batch[0]), batch[1])

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.Adam(self.parameters(), lr=RATE)

    model = Classifier()
    off = ("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary")
    trainer = lightning.Trainer(max_epochs=EPOCHS[kind], devices=1, **dict.fromkeys(off, False))
    return model, lambda: trainer.fit(model, Batches())


def prepare_keras(kind: str, x: Tensor, y: Tensor) -> Prepared:
    os.environ["KERAS_BACKEND"] = "torch"
    import keras
    from keras import layers

    keras.config.set_image_data_format("channels_first")
    if kind == "MLP":
        stack = [layers.Flatten(), layers.Dense(256, "relu"), layers.Dense(10)]
    else:
        stack = [layers.Conv2D(16, 3, padding="same", activation="relu"), layers.MaxPooling2D()]
        stack += [layers.Conv2D(32, 3, padding="same", activation="relu"), layers.MaxPooling2D()]
        stack += [layers.Flatten(), layers.Dense(10)]
    model = keras.Sequential([keras.Input((1, 28, 28)), *stack])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(RATE), loss)
    return model, lambda: model.fit(x, y, batch_size=BATCH, epochs=EPOCHS[kind], verbose=0)


CONTENDERS = {
    "bare loop": prepare_bare,
    "fit": prepare_fit,
    "DataLoader": prepare_loader,
    "Lightning": prepare_lightning,
    "Keras": prepare_keras,
}


def throughput() -> None:
    """Print images per second of every contender for both models."""
    where = device()
    data = fashion_mnist("small")
    x, x_test = ((images[:, None] / 255).to(where) for images in (data.train_images, data.test_images))
    y, y_test = data.train_labels.to(where), data.test_labels.to(where)

    contenders = dict(CONTENDERS)
    versions = [f"torch {version('torch')}"]
    for name in ("Lightning", "Keras"):
        try:
            versions.append(f"{name} {version(name.lower())}")
        except PackageNotFoundError:
            del contenders[name]
            print(f"{name} is missing, so it is not compared: pip install -r requirements-bench.txt")
    print(f"{', '.join(versions)}; {where.type}, {torch.get_num_threads()} threads; {len(x)} images, {ROUNDS} rounds\n")

    for kind, epochs in EPOCHS.items():
        speeds: dict[str, list[float]] = {name: [] for name in contenders}
        scores: dict[str, list[float]] = {name: [] for name in contenders}
        for trial in range(ROUNDS + 1):
            turn = trial % len(contenders)
            for name in [*contenders][turn:] + [*contenders][:turn]:
                set_seed(trial)
                model, train = contenders[name](kind, x, y)
                start = time.perf_counter()
                train()
                if where.type == "cuda":
                    torch.cuda.synchronize()
                speeds[name].append(epochs * len(x) / (time.perf_counter() - start))
                with torch.no_grad():
                    scores[name].append(accuracy(model.to(where)(x_test), y_test).item())
        print(f"{kind + f', epochs: {epochs}':<18}{'images/s':>10}   {'ratio to the bare loop':<24}test accuracy")
        for name, measured in speeds.items():
            measured = measured[1:]  # the first round warms up
            ratios = [one / bare for one, bare in zip(measured, speeds["bare loop"][1:], strict=True)]
            spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
            print(
                f"  {name:<16}{statistics.median(measured):>10,.0f}   {spread:<24}{statistics.mean(scores[name]):.3f}"
            )
        print()


def notebooks(folder: Path) -> bool:
    """Print time and peak memory of each lecture below ``folder``; return whether all ran within the budget."""
    skipped = {".ipynb_checkpoints", "09_assignments"}  # assignments have blanks
    paths = [path for path in sorted(folder.rglob("*.ipynb")) if skipped.isdisjoint(path.parts)]
    print(f"{'notebook':<52}{'seconds':>8}{'MB':>7}   budget: {SECONDS} s, {MEGABYTES} MB")
    whole, good = 0.0, True
    for path in paths:
        run = subprocess.run([sys.executable, "-c", EXECUTE, str(path.resolve())], capture_output=True, text=True)
        name = str(path.relative_to(folder))
        if run.returncode:
            error = re.sub(r"\x1b\[[0-9;]*m", "", run.stderr).strip().splitlines()[-1]  # without its colours
            print(f"{name:<52}{'-':>8}{'-':>7}   FAILED: {error}")
            good = False
            continue
        seconds, peak = json.loads(run.stdout.splitlines()[-1])
        within = seconds <= SECONDS and peak <= MEGABYTES
        print(f"{name:<52}{seconds:>8.1f}{peak:>7.0f}   {'ok' if within else 'OVER'}")
        whole, good = whole + seconds, good and within
    print(f"{f'{len(paths)} notebooks':<52}{whole:>8.1f}")
    return good


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measure what the book promises.")
    half = parser.add_mutually_exclusive_group()
    half.add_argument("--fit", action="store_true", help="images per second only")
    half.add_argument("--notebooks", action="store_true", help="time and memory of the notebooks only")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")  # of the peers
    if not asked.notebooks:
        throughput()
    if not asked.fit:
        sys.exit(not notebooks(Path(__file__).parents[1] / "chapters"))
