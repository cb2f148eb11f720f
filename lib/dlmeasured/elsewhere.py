"""An imaginary second device, so that a machine without a GPU notices a missing ``.to(device)``."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

MAY_MIX = ("__getitem__", "__setitem__", "copy_", "_has_compatible_shallow_copy_type")  # the last by nn.Module.to


class DeviceError(RuntimeError):
    """A mistake with devices, such as one that is named outright; or, as ``MixedDevicesError``, tensors that met."""


class MixedDevicesError(DeviceError):
    """Tensors on different devices met."""


class Elsewhere(TorchFunctionMode):
    """For the ``with`` block, ``Elsewhere.DEVICE`` is a second device.

    A tensor that was sent there computes as ever, on the CPU, but raises ``MixedDevicesError`` where it meets one that
    was not, as on a GPU. (There too, a tensor without axes may meet any other, and an index may stay on the CPU.)

    Not simulated: ``nn.Parameter(sent)``, ``nn.Linear(…, device=DEVICE)`` and ``copy.deepcopy(model)`` count as not
    sent, and ``torch.zeros_like(sent, device="cpu")`` as sent; ``pin_memory``, ``torch.Generator(DEVICE)`` and
    ``is_cuda`` know nothing of this device.
    """

    DEVICE = torch.device("meta")

    def __torch_function__(self, func: Callable, types: object, args: tuple = (), kwargs: dict | None = None) -> object:
        """Called by torch instead of each of its functions."""
        kwargs = kwargs or {}
        tensors = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)]
        sent = [tensor for tensor in tensors if is_sent(tensor)]
        if func == Tensor.device.__get__:
            return self.DEVICE if sent else func(*args)
        if func is Tensor.cuda:
            return self._move(args[0], "cuda")
        if func is Tensor.cpu:
            return self._move(args[0], "cpu")
        if func is Tensor.to:
            return self._move(args[0], *args[1:], *kwargs.values())
        if func == Tensor.data.__set__:  # nn.Module.to
            func(*args)
            return mark(args[0], is_sent(args[1]))
        if func is Tensor.type_as:
            return self._move(*args)
        if sent and func in (Tensor.numpy, Tensor.__array__):
            raise DeviceError("NumPy cannot read a tensor on a GPU: take it back first, with `.cpu()`.")
        if str(kwargs.get("device")) == str(self.DEVICE):  # a new tensor
            return mark(func(*args, **kwargs | {"device": None}))
        name = getattr(func, "__name__", str(func))
        if name == "__getitem__" and not is_sent(args[0]) and any(tensor.dim() for tensor in sent):
            raise MixedDevicesError(
                "A tensor on the CPU is indexed by one on another device: send it with `.to(device)`."
            )
        if sent and name not in MAY_MIX and any(tensor.dim() and not is_sent(tensor) for tensor in tensors):
            raise MixedDevicesError(f"Tensors on different devices met in `{name}`: send each with `.to(device)`.")
        result = func(*args, **kwargs)
        for leaf in tree_leaves(result) if (is_sent(args[0]) if name in MAY_MIX else sent) else []:
            mark(leaf)
        return result

    def _move(self, tensor: Tensor, *asked: object) -> Tensor:
        """What ``tensor.to(*asked)`` returns."""
        sent = is_sent(tensor)
        for wish in asked:
            if isinstance(wish, str | torch.device):
                if wish == "device":
                    raise DeviceError('The name stands in quotes: `.to(device)`, not `.to("device")`.')
                if str(wish) not in (str(self.DEVICE), "cpu"):
                    raise DeviceError(
                        f"The device {wish} is named outright, and not every machine has it: `.to(device)`."
                    )
                sent = str(wish) == str(self.DEVICE)
            elif isinstance(wish, Tensor):
                sent = is_sent(wish)
        result = tensor
        for wish in asked:
            dtype = wish.dtype if isinstance(wish, Tensor) else wish
            result = result.to(dtype) if isinstance(dtype, torch.dtype) else result
        if result is tensor and sent != is_sent(tensor):
            result = tensor.clone()
        return mark(result) if sent else result


def is_sent(tensor: Tensor) -> bool:
    """Whether a tensor was sent to ``Elsewhere.DEVICE``."""
    return getattr(tensor, "_elsewhere", False)


def mark(value: object, sent: bool = True) -> object:
    """Count a tensor, or all tensors of a module, as sent (or no longer); return it."""
    for tensor in (*value.parameters(), *value.buffers()) if isinstance(value, nn.Module) else (value,):
        if isinstance(tensor, Tensor):
            tensor._elsewhere = sent
    return value
