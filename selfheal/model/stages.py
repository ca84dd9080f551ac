"""The steps of a forward pass on plain arrays. A step never changes its input.

Each takes activations (n, h), float32 or, for rows that overflowed, float64, and keeps the type.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from selfheal.model.arrays import AnyArray, Float32, frozen32
from selfheal.model.latents import Bottleneck, Latent

Stage: TypeAlias = Callable[[AnyArray], AnyArray]


@dataclass(frozen=True, slots=True, eq=False)
class DenseRelu:
    """relu(h W + b): (n, h) to (n, m). weight is transposed, (h, m)."""

    weight: Float32
    bias: Float32

    def __call__(self, hidden: AnyArray) -> AnyArray:
        """(n, h) to (n, m)."""
        out = hidden @ self.weight
        out += self.bias
        return np.maximum(out, 0.0, out=out)


@dataclass(frozen=True, slots=True, eq=False)
class ResidualTanh:
    """h + tanh(h W1 + b1) W2 + b2, the scale folded into the second layer."""

    first: Float32
    first_bias: Float32
    second: Float32
    second_bias: Float32

    def __call__(self, hidden: AnyArray) -> AnyArray:
        """(n, h) to (n, h)."""
        inner = hidden @ self.first
        inner += self.first_bias
        out = np.tanh(inner, out=inner) @ self.second
        out += self.second_bias
        out += hidden
        return out


@dataclass(frozen=True, slots=True, eq=False)
class ResidualRelu:
    """h + relu(h W1 + b1) W2 + b2, the gate folded into the second layer."""

    first: DenseRelu
    second: Float32
    second_bias: Float32

    def __call__(self, hidden: AnyArray) -> AnyArray:
        """(n, h) to (n, h)."""
        out = self.first(hidden) @ self.second
        out += self.second_bias
        out += hidden
        return out


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """h . w + b: (n, h) to logits (n,)."""

    weight: Float32
    bias: float

    def __call__(self, hidden: AnyArray) -> AnyArray:
        """(n, h) to (n,)."""
        return hidden @ self.weight + hidden.dtype.type(self.bias)


@dataclass(frozen=True, slots=True, eq=False)
class TanhHead:
    """A ResidualTanh and the Head after it: h . w + tanh(h W1 + b1) . v + c, with v = W2 w.

    Nothing but a tanh stands between its second layer and the head, so the two are one vector:
    a third of the network's multiplications less.
    """

    first: Float32
    first_bias: Float32
    inner_weight: Float32
    weight: Float32
    bias: float

    def __call__(self, hidden: AnyArray) -> AnyArray:
        """(n, h) to (n,)."""
        inner = hidden @ self.first
        inner += self.first_bias
        logit = np.tanh(inner, out=inner) @ self.inner_weight
        logit += hidden @ self.weight
        logit += hidden.dtype.type(self.bias)
        return logit


def fused(steps: tuple[Stage, ...]) -> tuple[Stage, ...]:
    """The same steps, a ResidualTanh and a Head at the end as one TanhHead."""
    if len(steps) < 2 or not (isinstance(steps[-2], ResidualTanh) and isinstance(steps[-1], Head)):
        return steps
    residual, head = steps[-2], steps[-1]
    weight = head.weight.astype(np.float64)
    last = TanhHead(
        first=residual.first,
        first_bias=residual.first_bias,
        inner_weight=frozen32(residual.second @ weight),
        weight=head.weight,
        bias=head.bias + float(residual.second_bias @ weight),
    )
    return (*steps[:-2], last)


def dense_relu(weight: Float32, bias: Float32) -> DenseRelu:
    """The step of a layer with torch's weight (m, h)."""
    return DenseRelu(frozen32(weight.T), bias)


def latent_stage(latent: Latent) -> Stage:
    """The step of an adapter's latent part."""
    if isinstance(latent, Bottleneck):
        return ResidualRelu(
            dense_relu(latent.down_w, latent.down_b),
            frozen32(latent.up_w.T * np.float64(latent.gate)),
            frozen32(latent.up_b * np.float64(latent.gate)),
        )
    return ResidualTanh(
        frozen32(latent.w1.T),
        latent.b1,
        frozen32(latent.w2.T * np.float64(latent.scale)),
        frozen32(latent.b2 * np.float64(latent.scale)),
    )
