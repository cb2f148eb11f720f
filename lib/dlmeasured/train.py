"""One training loop for the whole book: model, data, loss, optimizer."""

import copy
import math
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn
from tqdm import tqdm

from dlmeasured._checks import check, check_pair
from dlmeasured.device import device, seeded

Data = tuple[Tensor, Tensor]
Loss = Callable[[Tensor, Tensor], Tensor]
History = dict[str, list[float]]


def fit(
    model: nn.Module,
    train: Data,
    loss: Loss,
    optimizer: torch.optim.Optimizer,
    *,
    epochs: int,
    batch_size: int = 128,
    valid: Data | None = None,
    metrics: dict[str, Loss] | None = None,
    scheduler: torch.optim.lr_scheduler.LRScheduler | None = None,
    patience: int | None = None,
    seed: int = 0,
) -> History:
    """Train ``model`` in place, on the fastest device present, and return what was measured after each epoch.

    Parameters
    ----------
    train, valid : pairs (inputs, targets) of tensors with the examples along the first axis, moved to the device once.
    loss : function of (outputs, targets) that returns the mean over the batch, such as ``F.cross_entropy``.
    optimizer : a torch optimizer over ``model.parameters()``.
    metrics : functions like ``loss``, by name, measured on ``valid``, such as ``{"accuracy": accuracy}``.
    scheduler : a torch schedule. It is stepped after every batch, so count its length in batches.
    patience : stop after this many epochs without a lower validation loss, and restore the best parameters.
    seed : seeds dropout and the order of the examples, the same on every device. The generators outside stay untouched.

    Returns
    -------
    Lists with one entry an epoch: ``"loss"`` (mean over the examples, while they were trained on), ``"seconds"``
    (training alone) and, with ``valid``, ``"valid_loss"`` and ``"valid_<metric>"``. The model is left in evaluation
    mode. What cannot be trained on raises ``ValueError`` or ``TypeError`` before anything is changed.
    """
    check(model, train, valid, metrics, epochs=epochs, batch_size=batch_size, patience=patience)
    if {id(p) for p in model.parameters()}.isdisjoint(id(p) for g in optimizer.param_groups for p in g["params"]):
        raise ValueError(f"{type(optimizer).__name__} holds no parameter of this model: make it after the model.")
    if isinstance(scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau):
        raise TypeError("ReduceLROnPlateau steps on a metric: give a schedule that counts batches.")
    where = device()
    model.to(where)
    inputs, targets = (part.to(where) for part in train)
    valid = valid and tuple(part.to(where) for part in valid)
    order = torch.Generator().manual_seed(seed)
    autocast, measures = _autocast(where), _measures(loss, metrics)
    history: History = {}
    best_loss, best_state, waited = math.inf, None, 0

    with seeded(seed):
        for _ in _progress(epochs):
            start, total = time.perf_counter(), torch.zeros((), device=where)
            model.train()
            for batch in torch.randperm(len(inputs), generator=order).to(where).split(batch_size):
                with autocast:
                    batch_loss = loss(model(inputs[batch]), targets[batch])
                optimizer.zero_grad()
                batch_loss.backward()
                optimizer.step()
                if scheduler:
                    scheduler.step()
                total += batch_loss.detach() * len(batch)
            mean = total.item() / len(inputs)  # .item() waits for the GPU
            _record(history, {"loss": mean, "seconds": time.perf_counter() - start}, model, valid, measures)

            if patience:
                waited += 1
                if history["valid_loss"][-1] < best_loss:
                    best_loss, best_state, waited = history["valid_loss"][-1], copy.deepcopy(model.state_dict()), 0
                if waited == patience:
                    break
    if best_state:
        model.load_state_dict(best_state)
    model.eval()
    return history


def fit_seeds(
    make_model: Callable[[], nn.Module],
    train: Data,
    loss: Loss,
    make_optimizer: Callable[[Iterator[Tensor]], torch.optim.Optimizer],
    *,
    seeds: Sequence[int],
    epochs: int,
    batch_size: int = 128,
    valid: Data | None = None,
    metrics: dict[str, Loss] | None = None,
    stacked: bool = False,
) -> list[tuple[nn.Module, History]]:
    """Train one freshly made model for each seed; return a pair (model, history) for each, as ``fit`` gives it.

    ``make_optimizer`` takes parameters, as ``torch.optim.Adam`` does. ``stacked=True`` trains all seeds at once by
    ``torch.vmap`` in float32, for small models on a GPU, without batch norm, dropout or recurrent layers; each history
    then holds its share of the common time.
    """
    models = []
    for seed in seeds:
        with seeded(seed):
            models.append(make_model())
    if not models:
        raise ValueError(f"seeds is {seeds!r}: give at least one seed.")
    if not stacked:
        settings = {"epochs": epochs, "batch_size": batch_size, "valid": valid, "metrics": metrics}
        return [
            (model, fit(model, train, loss, make_optimizer(model.parameters()), seed=seed, **settings))
            for model, seed in zip(models, seeds, strict=True)
        ]

    check(models[0], train, valid, metrics, epochs=epochs, batch_size=batch_size)
    for layer in models[0].modules():
        if isinstance(layer, nn.RNNBase | nn.modules.dropout._DropoutNd) or list(layer.buffers(recurse=False)):
            raise ValueError(f"stacked=True cannot train {type(layer).__name__}: leave stacked out.")
    where = device()
    inputs, targets = (part.to(where) for part in train)
    parameters, _ = torch.func.stack_module_state([model.to(where) for model in models])  # each (seeds, *shape)
    optimizer = make_optimizer(iter(parameters.values()))
    orders = [torch.Generator().manual_seed(seed) for seed in seeds]
    measures = _measures(loss, metrics)
    histories: list[History] = [{} for _ in seeds]
    losses = torch.vmap(lambda p, x, y: loss(torch.func.functional_call(models[0], p, (x,)), y))

    for _ in _progress(epochs):
        start, totals = time.perf_counter(), torch.zeros(len(seeds), device=where)
        shuffled = torch.stack([torch.randperm(len(inputs), generator=order) for order in orders]).to(where)
        for batch in shuffled.split(batch_size, dim=1):  # (seeds, batch)
            batch_losses = losses(parameters, inputs[batch], targets[batch])  # (seeds,)
            optimizer.zero_grad()
            batch_losses.sum().backward()
            optimizer.step()
            totals += batch_losses.detach() * batch.shape[1]
        means = (totals / len(inputs)).tolist()  # .tolist() waits for the GPU
        seconds = (time.perf_counter() - start) / len(seeds)
        for i, model in enumerate(models):
            for name, parameter in model.named_parameters():
                parameter.data.copy_(parameters[name][i])
            _record(histories[i], {"loss": means[i], "seconds": seconds}, model, valid, measures)
    return [(model.eval(), history) for model, history in zip(models, histories, strict=True)]


@torch.no_grad()
def evaluate(model: nn.Module, data: Data, metrics: dict[str, Loss], batch_size: int = 2048) -> dict[str, float]:
    """Mean of each metric over all of ``data``, with the model in evaluation mode (its mode is restored)."""
    check_pair("data", data, model)
    where = next(model.parameters(), data[0]).device
    was_training = model.training
    model.eval()
    totals = dict.fromkeys(metrics, 0.0)
    for inputs, targets in zip(*(part.split(batch_size) for part in data), strict=True):
        outputs, targets = model(inputs.to(where)), targets.to(where)
        for name, metric in metrics.items():
            totals[name] += metric(outputs, targets).item() * len(inputs)
    model.train(was_training)
    return {name: total / len(data[0]) for name, total in totals.items()}


def accuracy(logits: Tensor, labels: Tensor) -> Tensor:
    """Share of rows of ``logits`` (N, classes) whose largest entry stands at ``labels`` (N,) int64: in [0, 1]."""
    return (logits.argmax(dim=1) == labels).float().mean()


def _autocast(where: torch.device) -> AbstractContextManager:
    """bfloat16 for training where the hardware has it (NVIDIA from Ampere on, so not a T4); `evaluate` uses float32."""
    native = where.type == "cuda" and torch.cuda.get_device_capability() >= (8, 0)
    return torch.autocast("cuda", dtype=torch.bfloat16) if native else nullcontext()


def _progress(epochs: int) -> tqdm:
    """A bar over the epochs where somebody watches, cleared at the end. ``DLM_PROGRESS=0`` turns it off."""
    watched = os.environ.get("DLM_PROGRESS", "1") != "0" and ("ipykernel" in sys.modules or sys.stderr.isatty())
    return tqdm(range(epochs), unit="epoch", leave=False, disable=not watched)


def _measures(loss: Loss, metrics: dict[str, Loss] | None) -> dict[str, Loss]:
    return {"valid_loss": loss} | {f"valid_{name}": metric for name, metric in (metrics or {}).items()}


def _record(history: History, row: dict, model: nn.Module, valid: Data | None, measures: dict[str, Loss]) -> None:
    for name, value in (row | (evaluate(model, valid, measures) if valid else {})).items():
        history.setdefault(name, []).append(value)
