"""`fit` is the plain loop, and measures what it says."""

import copy
import random
import re
import sys

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from dlmeasured import accuracy, evaluate, fit, fit_seeds, set_seed, train

Adam = torch.optim.Adam


@pytest.fixture(autouse=True)
def on_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same on every machine."""
    monkeypatch.setattr(train, "device", lambda: torch.device("cpu"))


def blobs(n: int = 70, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Points (n, 4) of three classes."""
    random_numbers = torch.Generator().manual_seed(seed)
    y = torch.randint(3, (n,), generator=random_numbers)
    centres = 2 * torch.eye(4)[:3]
    return centres[y] + torch.randn(n, 4, generator=random_numbers), y


def make_model() -> nn.Module:
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))


def make_dropout() -> nn.Module:
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 3))


def make(seed: int = 0, builder=make_model) -> nn.Module:
    set_seed(seed)
    return builder()


def same(a: nn.Module, b: nn.Module) -> bool:
    """Whether all parameters and buffers agree bit for bit."""
    mine, other = a.state_dict(), b.state_dict()
    return mine.keys() == other.keys() and all(torch.equal(mine[key], other[key]) for key in mine)


# The loop


@pytest.mark.parametrize("builder", [make_model, make_dropout])
@pytest.mark.parametrize("make_optimizer", [Adam, lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9)])
def test_fit_is_the_bare_loop_bit_for_bit(builder, make_optimizer) -> None:
    x, y = blobs(70)  # batches of 16, 16, 16, 16 and 6
    ours, bare = make(1, builder), make(1, builder)
    history = fit(ours, (x, y), F.cross_entropy, make_optimizer(ours.parameters()), epochs=3, batch_size=16, seed=5)

    optimizer, order, losses = make_optimizer(bare.parameters()), torch.Generator().manual_seed(5), []
    torch.manual_seed(5)
    for _ in range(3):
        total = 0.0
        permutation = torch.randperm(70, generator=order)
        for start in range(0, 70, 16):
            batch = permutation[start : start + 16]
            loss = F.cross_entropy(bare(x[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        losses.append(total / 70)
    assert same(ours, bare)
    assert history["loss"] == pytest.approx(losses, rel=1e-6)


@pytest.mark.parametrize("builder", [make_model, make_dropout])
def test_validation_changes_nothing_in_the_training(builder) -> None:
    a, b = make(0, builder), make(0, builder)
    fit(a, blobs(), F.cross_entropy, Adam(a.parameters()), epochs=2)
    fit(b, blobs(), F.cross_entropy, Adam(b.parameters()), epochs=2, valid=blobs(9, 1), metrics={"accuracy": accuracy})
    assert same(a, b)


def test_the_seed_decides_order_and_dropout_whatever_ran_before() -> None:
    results = []
    for seed, noise in [(3, 0), (3, 1), (4, 0)]:
        model = make(0, make_dropout)
        torch.manual_seed(noise)
        fit(model, blobs(), F.cross_entropy, Adam(model.parameters()), epochs=2, batch_size=16, seed=seed)
        results.append(model)
    assert same(results[0], results[1])
    assert not same(results[0], results[2])


@pytest.mark.parametrize("seeds", [False, True])
def test_the_generators_outside_go_on_where_they_stood(seeds: bool) -> None:
    def draw() -> list[float]:
        return [random.random(), float(np.random.rand()), torch.rand(()).item()]

    model = make(0, make_dropout)
    set_seed(7)
    expected = [draw(), draw()]
    set_seed(7)
    measured = [draw()]
    if seeds:
        fit_seeds(make_dropout, blobs(), F.cross_entropy, Adam, seeds=[0, 1], epochs=1)
    else:
        fit(model, blobs(), F.cross_entropy, Adam(model.parameters()), epochs=1)
    assert [*measured, draw()] == expected


def test_history_holds_what_was_measured_after_each_epoch() -> None:
    model, valid = make(), blobs(33, 1)
    history = fit(
        model, blobs(), F.cross_entropy, Adam(model.parameters()), epochs=4, valid=valid, metrics={"accuracy": accuracy}
    )
    assert list(history) == ["loss", "seconds", "valid_loss", "valid_accuracy"]
    assert {len(values) for values in history.values()} == {4}
    assert all(type(value) is float for values in history.values() for value in values)
    assert min(history["seconds"]) > 0
    with torch.no_grad():
        logits = model(valid[0])
    assert history["valid_loss"][-1] == pytest.approx(F.cross_entropy(logits, valid[1]).item(), rel=1e-6)
    assert history["valid_accuracy"][-1] == pytest.approx((logits.argmax(1) == valid[1]).float().mean().item())
    assert list(fit(model, blobs(), F.cross_entropy, Adam(model.parameters()), epochs=1)) == ["loss", "seconds"]


def test_the_model_is_left_in_evaluation_mode() -> None:
    model = make(0, make_dropout)
    fit(model, blobs(), F.cross_entropy, Adam(model.parameters()), epochs=1)
    [(stacked, _)] = fit_seeds(make_model, blobs(), F.cross_entropy, Adam, seeds=[0], epochs=1, stacked=True)
    assert not any(layer.training for layer in [*model.modules(), *stacked.modules()])


def test_a_model_in_evaluation_mode_is_trained_in_training_mode() -> None:
    a, b = make(0, make_dropout), make(0, make_dropout).eval()
    for model in (a, b):
        fit(model, blobs(), F.cross_entropy, Adam(model.parameters()), epochs=1)
    assert same(a, b)


def test_patience_stops_and_restores_the_best() -> None:
    """The validation labels are moved, so that the validation loss soon grows while training goes on."""
    x, y = blobs()
    model, states = make(0, make_dropout), []

    def spy(logits: Tensor, labels: Tensor) -> Tensor:
        states.append(copy.deepcopy(model.state_dict()))
        return F.cross_entropy(logits, labels)

    optimizer = torch.optim.SGD(model.parameters(), lr=0.2)
    history = fit(
        model, (x, y), F.cross_entropy, optimizer, epochs=50, valid=(x, (y + 1) % 3), metrics={"spy": spy}, patience=3
    )
    losses = history["valid_loss"]
    best = losses.index(min(losses))
    assert len(losses) == best + 1 + 3 < 50
    assert all(torch.equal(value, states[best][name]) for name, value in model.state_dict().items())
    assert not torch.equal(model[0].weight, states[-1]["0.weight"])


def test_patience_counts_from_the_last_improvement(monkeypatch: pytest.MonkeyPatch) -> None:
    losses = iter([5.0, 6.0, 4.0, 4.0, 5.0, 3.0, 3.0, 3.0, 3.0, 3.0])
    monkeypatch.setattr(train, "evaluate", lambda *_: {"valid_loss": next(losses)})
    model = make()
    history = fit(model, blobs(), F.cross_entropy, Adam(model.parameters()), epochs=10, valid=blobs(9), patience=3)
    assert history["valid_loss"] == [5.0, 6.0, 4.0, 4.0, 5.0, 3.0, 3.0, 3.0, 3.0]


def test_a_loss_that_is_never_a_number_ends_by_patience() -> None:
    model = make()
    history = fit(
        model,
        blobs(),
        lambda a, b: a.sum() * float("nan"),
        Adam(model.parameters()),
        epochs=9,
        valid=blobs(9),
        patience=2,
    )
    assert len(history["loss"]) == 2


@pytest.mark.parametrize(
    "schedule",
    [
        lambda o: torch.optim.lr_scheduler.OneCycleLR(o, max_lr=0.1, total_steps=15),
        lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=15),
    ],
)
def test_the_schedule_steps_after_every_batch(schedule) -> None:
    used: list[float] = []

    class Recorder(torch.optim.SGD):
        def step(self, closure=None):
            used.append(self.param_groups[0]["lr"])
            return super().step(closure)

    model = make()
    optimizer = Recorder(model.parameters(), lr=0.1)
    fit(model, blobs(70), F.cross_entropy, optimizer, epochs=3, batch_size=16, scheduler=schedule(optimizer))

    other = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.1)
    scheduler, expected = schedule(other), []
    for _ in range(15):  # 3 epochs of 5 batches
        expected.append(other.param_groups[0]["lr"])
        other.step()
        scheduler.step()
    assert used == expected
    assert len(set(used)) > 10


def test_regression() -> None:
    x, _ = blobs(200)
    y = x @ torch.tensor([[1.0], [-2.0], [0.5], [3.0]]) + 1
    model = nn.Linear(4, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    history = fit(
        model, (x, y), F.mse_loss, optimizer, epochs=40, batch_size=20, valid=(x, y), metrics={"mae": F.l1_loss}
    )
    assert history["valid_loss"][-1] < 1e-6 < history["valid_loss"][0]
    assert torch.allclose(model.weight.detach(), torch.tensor([[1.0, -2.0, 0.5, 3.0]]), atol=1e-3)


def test_tokens_to_tokens() -> None:
    """int64 inputs (N, length), targets of the same shape: each token's successor."""
    x = torch.randint(7, (64, 5), generator=torch.Generator().manual_seed(0))
    model = nn.Sequential(nn.Embedding(7, 16), nn.Linear(16, 7))

    def loss(logits: Tensor, targets: Tensor) -> Tensor:
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())

    history = fit(model, (x, (x + 1) % 7), loss, Adam(model.parameters(), lr=0.05), epochs=20, batch_size=16)
    assert history["loss"][-1] < 0.05 < history["loss"][0]


def test_outputs_may_be_a_pair() -> None:
    """As of an autoencoder that returns its code too."""

    class Coder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.code, self.back = nn.Linear(4, 2), nn.Linear(2, 4)

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            code = self.code(x)
            return self.back(code), code

    model, (x, _) = Coder(), blobs()
    history = fit(
        model, (x, x), lambda out, y: F.mse_loss(out[0], y), Adam(model.parameters(), lr=0.05), epochs=20, valid=(x, x)
    )
    assert history["valid_loss"][-1] < history["valid_loss"][0]


def test_bfloat16_reaches_the_layers_but_neither_the_parameters_nor_the_measurements(monkeypatch) -> None:
    """What CUDA does from Ampere on, tried with the CPU's own autocast."""
    monkeypatch.setattr(train, "_autocast", lambda _: torch.autocast("cpu", dtype=torch.bfloat16))
    seen, valid = set(), blobs(300, 1)

    def loss(logits: Tensor, labels: Tensor) -> Tensor:
        seen.add((logits.dtype, torch.is_grad_enabled()))
        return F.cross_entropy(logits, labels)

    model = make()
    history = fit(model, blobs(), loss, Adam(model.parameters()), epochs=2, valid=valid, metrics={"accuracy": accuracy})
    assert seen == {(torch.bfloat16, True), (torch.float32, False)}
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    with torch.no_grad():
        assert history["valid_loss"][-1] == pytest.approx(F.cross_entropy(model(valid[0]), valid[1]).item(), rel=1e-6)


@pytest.mark.parametrize(
    ("where", "capability", "autocast"),
    [
        ("cuda", (9, 0), True),
        ("cuda", (8, 0), True),
        ("cuda", (7, 5), False),
        ("mps", None, False),
        ("cpu", None, False),
    ],
)
def test_bfloat16_only_where_the_hardware_has_it(where, capability, autocast, monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: capability)
    asked = []
    monkeypatch.setattr(torch, "autocast", lambda *args, **kwargs: asked.append((*args, kwargs)))
    train._autocast(torch.device(where))
    assert asked == ([("cuda", {"dtype": torch.bfloat16})] if autocast else [])


# evaluate and accuracy


@settings(max_examples=60, deadline=None)
@given(n=st.integers(1, 40), batch_size=st.integers(1, 45), seed=st.integers(0, 5))
def test_evaluate_is_the_metric_over_all_examples_for_any_batch_size(n: int, batch_size: int, seed: int) -> None:
    x, y = blobs(n, seed)
    model = make()
    measured = evaluate(model, (x, y), {"loss": F.cross_entropy, "accuracy": accuracy}, batch_size=batch_size)
    with torch.no_grad():
        logits = model(x)
    assert list(measured) == ["loss", "accuracy"]
    assert measured["loss"] == pytest.approx(F.cross_entropy(logits, y).item(), rel=1e-5)
    assert measured["accuracy"] == pytest.approx((logits.argmax(1) == y).float().mean().item(), rel=1e-5)


@pytest.mark.parametrize("training", [True, False])
def test_evaluate_uses_evaluation_mode_and_restores_the_mode(training: bool) -> None:
    model = make(0, make_dropout).train(training)
    before = copy.deepcopy(model.state_dict())
    metrics = {"loss": F.cross_entropy}
    assert evaluate(model, blobs(), metrics) == evaluate(model, blobs(), metrics)
    assert all(layer.training is training for layer in model.modules())
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_evaluate_moves_the_data_to_the_model() -> None:
    """The meta device stands in for a GPU: it refuses tensors from elsewhere."""
    model, seen = make().to("meta"), []

    def metric(logits: Tensor, labels: Tensor) -> Tensor:
        seen.append((logits.device.type, labels.device.type))
        return torch.tensor(1.0)

    assert evaluate(model, blobs(), {"metric": metric}) == {"metric": 1.0}
    assert seen == [("meta", "meta")]


def test_evaluate_takes_a_model_without_parameters() -> None:
    assert evaluate(nn.Identity(), blobs(30), {"mean": lambda out, _: out.mean()})["mean"] == pytest.approx(
        blobs(30)[0].mean().item(), rel=1e-6
    )


def test_accuracy() -> None:
    logits = torch.tensor([[2.0, 1.0], [0.0, 1.0], [5.0, -1.0], [1.0, 3.0]])
    assert accuracy(logits, torch.tensor([0, 1, 1, 1])).item() == 0.75
    assert accuracy(logits.bfloat16(), torch.tensor([0, 1, 1, 1])).dtype == torch.float32


# Several seeds


def test_fit_seeds_is_fit_one_by_one() -> None:
    valid, metrics = blobs(30, 1), {"accuracy": accuracy}
    results = fit_seeds(
        make_dropout,
        blobs(),
        F.cross_entropy,
        Adam,
        seeds=[3, 1],
        epochs=2,
        batch_size=16,
        valid=valid,
        metrics=metrics,
    )
    for seed, (model, history) in zip([3, 1], results, strict=True):
        one = make(seed, make_dropout)
        expected = fit(
            one,
            blobs(),
            F.cross_entropy,
            Adam(one.parameters()),
            epochs=2,
            batch_size=16,
            valid=valid,
            metrics=metrics,
            seed=seed,
        )
        assert same(model, one)
        assert {**history, "seconds": 0} == {**expected, "seconds": 0}
    assert not same(results[0][0], results[1][0])


class Tied(nn.Module):
    """Tokens (N, length) to logits; embedding and output share their weight."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.out = nn.Embedding(9, 6), nn.Linear(6, 9, bias=False)
        self.out.weight = self.embed.weight

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.embed(x).mean(1))


def make_conv() -> nn.Module:
    return nn.Sequential(nn.Unflatten(1, (1, 2, 2)), nn.Conv2d(1, 4, 2), nn.ReLU(), nn.Flatten(), nn.Linear(4, 3))


@pytest.mark.parametrize(
    ("builder", "make_optimizer"),
    [
        (make_model, Adam),
        (make_model, lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9)),
        (make_conv, lambda p: torch.optim.SGD(p, lr=0.1)),
        (Tied, lambda p: torch.optim.SGD(p, lr=0.5)),
    ],
)
def test_stacked_seeds_equal_one_by_one(builder, make_optimizer) -> None:
    data, valid = blobs(70), blobs(30, 1)
    if builder is Tied:
        data = valid = (torch.randint(9, (70, 3), generator=torch.Generator().manual_seed(0)), blobs(70)[1])
    settings = {"seeds": [3, 1, 2], "epochs": 3, "batch_size": 16, "valid": valid, "metrics": {"accuracy": accuracy}}
    stacked = fit_seeds(builder, data, F.cross_entropy, make_optimizer, stacked=True, **settings)
    plain = fit_seeds(builder, data, F.cross_entropy, make_optimizer, **settings)
    for (model, history), (one, expected) in zip(stacked, plain, strict=True):
        assert list(history) == list(expected)
        for name in ("loss", "valid_loss", "valid_accuracy"):
            assert history[name] == pytest.approx(expected[name], abs=1e-4)
        for ours, other in zip(model.parameters(), one.parameters(), strict=True):
            assert torch.allclose(ours, other, atol=1e-4)
    assert not torch.allclose(next(stacked[0][0].parameters()), next(stacked[1][0].parameters()))


@pytest.mark.parametrize(
    ("layer", "name"),
    [
        (lambda: nn.BatchNorm1d(4), "BatchNorm1d"),
        (lambda: nn.Dropout(0.5), "Dropout"),
        (lambda: nn.LSTM(4, 3), "LSTM"),
        (lambda: nn.GRU(4, 3), "GRU"),
    ],
)
def test_stacked_names_the_layer_that_it_cannot_train(layer, name: str) -> None:
    with pytest.raises(ValueError, match=rf"stacked=True cannot train {name}: leave stacked out"):
        fit_seeds(
            lambda: nn.Sequential(nn.Linear(4, 4), layer()),
            blobs(),
            F.cross_entropy,
            Adam,
            seeds=[0],
            epochs=1,
            stacked=True,
        )


def test_no_seeds() -> None:
    with pytest.raises(ValueError, match=r"seeds is \[\]: give at least one"):
        fit_seeds(make_model, blobs(), F.cross_entropy, Adam, seeds=[], epochs=1)


# Errors

X, Y = blobs(10)
WRONG = [
    ({"train": (X, Y[:9])}, ValueError, "train holds 10 inputs and 9 targets"),
    ({"train": (X[:0], Y[:0])}, ValueError, "train holds 0 inputs and 0 targets"),
    ({"valid": (X[:3], Y)}, ValueError, "valid holds 3 inputs and 10 targets"),
    ({"train": (X.byte(), Y)}, TypeError, "train inputs are uint8 in 0..255: scale them first"),
    ({"valid": (X.byte(), Y)}, TypeError, "valid inputs are uint8"),
    ({"train": (X.numpy(), Y)}, TypeError, "train holds ndarray and Tensor: give torch tensors"),
    ({"train": (X, Y.tolist())}, TypeError, "train holds Tensor and list: give torch tensors"),
    ({"train": (X.double(), Y)}, TypeError, "train inputs are torch.float64, the model is torch.float32"),
    ({"train": (X,)}, TypeError, "train is a tuple: give a pair (inputs, targets)"),
    ({"valid": X}, TypeError, "valid is a Tensor: give a pair (inputs, targets)"),
    ({"epochs": 0}, ValueError, "epochs is 0"),
    ({"epochs": -1}, ValueError, "epochs is -1"),
    ({"batch_size": 0}, ValueError, "batch_size is 0"),
    ({"patience": 0, "valid": (X, Y)}, ValueError, "patience is 0"),
    ({"patience": 2}, ValueError, "patience=2 needs data to be measured on: give `valid` too"),
    ({"metrics": {"accuracy": accuracy}}, ValueError, "metrics=['accuracy'] needs data to be measured on"),
    ({"optimizer": Adam(make_model().parameters())}, ValueError, "Adam holds no parameter of this model"),
]


def test_a_schedule_that_waits_for_a_metric_is_refused_before_the_first_step() -> None:
    model = make(0, make_dropout)
    before, optimizer = copy.deepcopy(model), Adam(model.parameters())
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer)
    with pytest.raises(TypeError, match="ReduceLROnPlateau steps on a metric: give a schedule that counts batches"):
        fit(model, (X, Y), F.cross_entropy, optimizer, epochs=1, scheduler=plateau)
    assert same(model, before)


@pytest.mark.parametrize(("wrong", "error", "message"), WRONG, ids=[message for *_, message in WRONG])
def test_what_cannot_be_trained_on_is_named_and_nothing_changes(wrong, error, message: str) -> None:
    model = make(0, make_dropout)
    before = copy.deepcopy(model)
    optimizer = Adam(model.parameters())
    set_seed(2)
    expected = torch.rand(3)
    set_seed(2)
    arguments = {"train": (X, Y), "optimizer": optimizer, "epochs": 1} | wrong
    with pytest.raises(error, match=re.escape(message)):
        fit(model, loss=F.cross_entropy, **arguments)
    assert same(model, before)
    assert model.training
    assert all(p.grad is None for p in model.parameters())
    assert not optimizer.state
    assert torch.equal(torch.rand(3), expected)

    if "optimizer" in wrong or "patience" in wrong:
        return
    arguments = {"train": (X, Y), "epochs": 1} | wrong
    for stacked in (False, True):
        with pytest.raises(error, match=re.escape(message)):
            fit_seeds(make_model, loss=F.cross_entropy, make_optimizer=Adam, seeds=[0], stacked=stacked, **arguments)
    if "train" in wrong:
        with pytest.raises(error, match=re.escape(message.replace("train", "data", 1))):
            evaluate(model, wrong["train"], {"loss": F.cross_entropy})


# The progress bar


@pytest.mark.parametrize(("progress", "shown"), [("0", False), ("1", True), (None, True)])
def test_progress_can_be_turned_off(progress, shown: bool, capfd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    if progress is None:
        monkeypatch.delenv("DLM_PROGRESS", raising=False)
    else:
        monkeypatch.setenv("DLM_PROGRESS", progress)
    model = make()
    fit(model, blobs(), F.cross_entropy, Adam(model.parameters()), epochs=2)
    fit_seeds(make_model, blobs(), F.cross_entropy, Adam, seeds=[0], epochs=2, stacked=True)
    out, err = capfd.readouterr()
    assert out == ""
    assert ("epoch" in err) == shown
    assert bool(err) == shown


def test_no_progress_where_nobody_watches(capfd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    monkeypatch.setenv("DLM_PROGRESS", "1")
    model = make()
    fit(model, blobs(), F.cross_entropy, Adam(model.parameters()), epochs=2)
    assert capfd.readouterr() == ("", "")
