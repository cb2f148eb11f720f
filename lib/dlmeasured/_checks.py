"""What `fit` and `evaluate` refuse, each in one sentence that names the value and the remedy."""

from torch import Tensor, nn, uint8


def check(
    model: nn.Module,
    train: tuple[Tensor, Tensor],
    valid: tuple[Tensor, Tensor] | None,
    metrics: dict | None,
    **counts: int | None,
) -> None:
    """Raise unless ``model`` can be trained on these arguments of ``fit``; ``counts`` are those that start at 1."""
    for name, pair in {"train": train, "valid": valid}.items():
        if pair is not None:
            check_pair(name, pair, model)
    for name, count in counts.items():
        if count is not None and count < 1:
            raise ValueError(f"{name} is {count}: it must be at least 1.")
    if valid is None and (metrics or counts.get("patience")):
        asked = f"patience={counts['patience']}" if counts.get("patience") else f"metrics={list(metrics)}"
        raise ValueError(f"{asked} needs data to be measured on: give `valid` too.")


def check_pair(name: str, pair: tuple[Tensor, Tensor], model: nn.Module) -> None:
    """Raise unless ``pair`` holds as many inputs as targets, as tensors that ``model`` takes."""
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise TypeError(f"{name} is a {type(pair).__name__}: give a pair (inputs, targets) of tensors.")
    inputs, targets = pair
    if not isinstance(inputs, Tensor) or not isinstance(targets, Tensor):
        raise TypeError(f"{name} holds {type(inputs).__name__} and {type(targets).__name__}: give torch tensors.")
    if len(inputs) != len(targets) or not len(inputs):
        raise ValueError(f"{name} holds {len(inputs)} inputs and {len(targets)} targets: give as many, at least one.")
    if inputs.dtype == uint8:
        raise TypeError(f"{name} inputs are uint8 in 0..255: scale them first, for example with `images / 255`.")
    wanted = next(model.parameters(), inputs).dtype
    if inputs.is_floating_point() and inputs.dtype != wanted:
        raise TypeError(f"{name} inputs are {inputs.dtype}, the model is {wanted}: convert them with `.to({wanted})`.")
