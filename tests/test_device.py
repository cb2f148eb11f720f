"""Where to compute, at what size, from which seed."""

import random
import sys

import numpy as np
import pytest
import torch

from dlmeasured import device, pick, scale, set_seed
from dlmeasured.device import seeded


@pytest.mark.parametrize(
    ("cuda", "mps", "expected"),
    [(True, True, "cuda"), (True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_device_takes_the_fastest(cuda: bool, mps: bool, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert device() == torch.device(expected)


@pytest.mark.parametrize(("value", "expected"), [(None, "small"), ("small", "small"), ("full", "full")])
def test_scale_and_pick(value: str | None, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if value is None:
        monkeypatch.delenv("DLM_SCALE", raising=False)
    else:
        monkeypatch.setenv("DLM_SCALE", value)
    assert scale() == expected
    assert pick("small", "full") == expected
    assert pick(small=[1], full=None) == ([1] if expected == "small" else None)


@pytest.mark.parametrize("value", ["", "Full", "medium"])
def test_an_unknown_scale_is_named(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLM_SCALE", value)
    for ask in (scale, lambda: pick(1, 2)):
        with pytest.raises(ValueError, match=rf"DLM_SCALE is '{value}': set it to 'small' .* or 'full'"):
            ask()


def draw() -> list[float]:
    """One number of each generator."""
    return [random.random(), float(np.random.rand()), torch.rand(()).item()]


def test_set_seed_seeds_every_generator() -> None:
    set_seed(3)
    first = [draw(), draw()]
    set_seed(3)
    assert [draw(), draw()] == first
    set_seed(4)
    assert not set(draw()) & set(first[0])


def test_seeded_gives_the_seed_inside_and_leaves_no_trace_outside() -> None:
    set_seed(3)
    inside = draw()
    set_seed(9)
    outside = [draw(), draw()]

    set_seed(9)
    measured = [draw()]
    with seeded(3):
        assert draw() == inside
    assert [*measured, draw()] == outside


def test_seeded_leaves_no_trace_after_an_error() -> None:
    set_seed(9)
    expected = draw()
    set_seed(9)
    with pytest.raises(RuntimeError, match="within"), seeded(3):
        raise RuntimeError("within")
    assert draw() == expected


@pytest.mark.parametrize("where", ["cuda", "mps"])
def test_seeded_restores_the_accelerator_in_use(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one: the calls that torch makes to the module of the device."""
    calls = []
    module = getattr(torch, where)
    monkeypatch.setattr(sys.modules["dlmeasured.device"], "device", lambda: torch.device(where))
    monkeypatch.setattr(module, "get_rng_state", lambda device: calls.append(("get", device)) or "state")
    monkeypatch.setattr(module, "set_rng_state", lambda state, device: calls.append(("set", state, device)))
    with seeded(0):
        pass
    assert calls == [("get", torch.device(where)), ("set", "state", torch.device(where))]
