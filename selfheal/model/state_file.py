"""A user's file of weights as named arrays. No code that the file may hold is ever run."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# torch annotates only a part of its own signatures.

import io
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from selfheal.model.arrays import AnyArray
from selfheal.model.errors import WeightsError
from selfheal.model.weights import load

_KEPT = frozenset({torch.float32, torch.float64, torch.int64, torch.bool})


def read_state(content: bytes, name: str) -> dict[str, AnyArray]:
    """The arrays of a state_dict.

    name: of the file, for errors; .safetensors is read as that, anything else as what `torch.save`
          writes, by torch's loader for tensors alone
    Half precision becomes float32, small integers int64.
    Raises WeightsError for bytes that are neither, and for a file that holds anything but tensors
    by name.
    """
    if name.endswith(".safetensors"):
        return load(content)[0]
    try:
        found = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # of any kind, by what is wrong with the bytes
        raise WeightsError(
            f"{name}: no file of tensors alone ({type(error).__name__}), expected what "
            "torch.save(module.state_dict(), ...) writes"
        ) from None
    return {key: _plain(tensor) for key, tensor in _tensors(found, name).items()}


def _tensors(found: Any, name: str) -> Mapping[str, Tensor]:
    is_state = isinstance(found, Mapping) and all(
        isinstance(key, str) and isinstance(value, Tensor) for key, value in found.items()
    )
    if not is_state or not found:
        raise WeightsError(f"{name}: holds no state_dict, expected tensors by name")
    return found


def _plain(tensor: Tensor) -> AnyArray:
    if tensor.dtype not in _KEPT:
        tensor = tensor.float() if tensor.is_floating_point() else tensor.long()
    return tensor.numpy(force=True).copy()
