"""Where to compute, at what size, and from which seed."""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import numpy as np
import torch

SCALES = ("small", "full")
T = TypeVar("T")


def device() -> torch.device:
    """The fastest device present: CUDA, else MPS (Apple GPU), else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def scale() -> str:
    """The size to run at: ``"small"`` or ``"full"``, from the environment variable ``DLM_SCALE``.

    Raises ``ValueError`` for any other value.
    """
    value = os.environ.get("DLM_SCALE", "small")
    if value not in SCALES:
        raise ValueError(f"DLM_SCALE is {value!r}: set it to 'small' (2 CPU cores, the default) or 'full' (a GPU).")
    return value


def pick(small: T, full: T) -> T:
    """``small`` on two CPU cores (what is stored and checked), ``full`` when ``DLM_SCALE=full``."""
    return {"small": small, "full": full}[scale()]


def set_seed(seed: int) -> None:
    """Seed every generator in use: Python's, NumPy's global one and torch's on every device."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed every generator for a ``with`` block; afterwards each goes on from where it stood before."""
    where = device()
    python, numpy = random.getstate(), np.random.get_state()
    try:
        with torch.random.fork_rng([] if where.type == "cpu" else [where], device_type=where.type):
            set_seed(seed)
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
