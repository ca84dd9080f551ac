"""Adapter parts as torch modules that can learn, and back."""

from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from selfheal.model.adapter import Bottleneck, HeadDelta, Latent, Output, Reflexive
from selfheal.model.arrays import AnyArray, Float32
from selfheal.model.network import HealingAdapter, ReflexiveLayer


class HeadCorrection(nn.Module):
    """h . weight + bias, to be added to the logit: a `HeadDelta` that can learn."""

    def __init__(self, part: HeadDelta) -> None:
        super().__init__()
        self.weight = nn.Parameter(_tensor(part.weight))
        self.bias = nn.Parameter(torch.tensor(part.bias, dtype=torch.float32))

    def forward(self, hidden: Tensor) -> Tensor:
        """(batch, h) to (batch,)."""
        return hidden @ self.weight + self.bias

    def part(self) -> HeadDelta:
        """Its present weights."""
        return HeadDelta(_array(self.weight), self.bias.item())


class OutputCorrection(nn.Module):
    """scale * logit + shift + x . skip: an `Output` that can learn."""

    def __init__(self, part: Output, width: int) -> None:
        super().__init__()
        skip = torch.zeros(width) if part.skip is None else _tensor(part.skip)
        self.scale = nn.Parameter(torch.tensor(part.scale, dtype=torch.float32))
        self.shift = nn.Parameter(torch.tensor(part.shift, dtype=torch.float32))
        self.skip = nn.Parameter(skip)

    def forward(self, logit: Tensor, x: Tensor) -> Tensor:
        """Logits (batch,) and encoded rows (batch, d) to logits (batch,)."""
        return self.scale * logit + self.shift + x @ self.skip

    def part(self) -> Output:
        """Its present weights."""
        return Output(self.scale.item(), self.shift.item(), _array(self.skip))


LatentModule: TypeAlias = ReflexiveLayer | HealingAdapter


def latent_module(part: Latent) -> LatentModule:
    """The module with the part's weights, without drawing random ones first."""
    if isinstance(part, Reflexive):
        with torch.device("meta"):
            module = ReflexiveLayer(part.width, len(part.b1))
    else:
        with torch.device("meta"):
            module = HealingAdapter(part.width, len(part.down_b))
    names = _LATENT_STATE[type(part)]
    state = {name: _tensor(getattr(part, field)) for name, field in names.items()}
    module.load_state_dict(state, assign=True)
    return module


def latent_part(module: LatentModule) -> Latent:
    """The module's present weights."""
    kind = Reflexive if isinstance(module, ReflexiveLayer) else Bottleneck
    names = _LATENT_STATE[kind]
    arrays: dict[str, Any] = {
        names[name]: _array(tensor) for name, tensor in module.state_dict().items()
    }
    return kind(**arrays)


_LATENT_STATE: dict[type[Latent], dict[str, str]] = {
    Reflexive: {
        "first.weight": "w1",
        "first.bias": "b1",
        "second.weight": "w2",
        "second.bias": "b2",
        "scale": "scale",
    },
    Bottleneck: {
        "down.weight": "down_w",
        "down.bias": "down_b",
        "up.weight": "up_w",
        "up.bias": "up_b",
        "gate": "gate",
    },
}


def _tensor(array: Float32 | float) -> Tensor:
    return torch.tensor(array, dtype=torch.float32)


def _array(tensor: Tensor) -> AnyArray:
    return tensor.numpy(force=True)
