"""The latent parts of an adapter: small residual branches after a named layer."""

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np

from selfheal.model.arrays import Float32
from selfheal.model.part_checks import freeze, require_shapes


@dataclass(frozen=True, slots=True, eq=False)
class Reflexive:
    """h + scale * (tanh(h w1' + b1) w2' + b2): the ReflexiveLayer of the self-healing article.

    In a network with a trained ReflexiveLayer it takes that layer's place, and is born as its
    copy; elsewhere it is inserted after a named layer.

    w1 (m, h), b1 (m,), w2 (h, m), b2 (h,): float32, finite; m = h = 64 in the article
    """

    w1: Float32
    b1: Float32
    w2: Float32
    b2: Float32
    scale: float
    dtype: ClassVar[type] = np.float32

    def __post_init__(self) -> None:
        freeze(self, arrays=("w1", "b1", "w2", "b2"), scalars=("scale",))
        outer = self.w1.shape[::-1]
        are_right = self.w1.ndim == 2 and self.w1.size > 0 and self.w2.shape == outer
        are_right = are_right and self.b1.shape == outer[1:] and self.b2.shape == outer[:1]
        require_shapes(self, are_right, "w1 (m, h), b1 (m,), w2 (h, m), b2 (h,)")

    @staticmethod
    def born(width: int, rng: np.random.Generator) -> "Reflexive":
        """The identity where it is inserted: the second layer is zero, the first is random."""
        zeros = np.zeros(width, np.float32)
        return Reflexive(_uniform(rng, width, width), zeros, np.diag(zeros), zeros, scale=0.1)

    @property
    def width(self) -> int:
        """Units of the layer that it follows."""
        return self.w1.shape[1]

    @property
    def is_silent(self) -> bool:
        """True when the branch adds nothing to h."""
        return self.scale == 0 or not (self.w2.any() or self.b2.any())


@dataclass(frozen=True, slots=True, eq=False)
class Bottleneck:
    """h + gate * up(relu(down(h))): the HealingAdapter, inserted after a named layer.

    down_w (r, h), down_b (r,), up_w (h, r), up_b (h,): float32, finite; r = h / 4 in its article
    gate: learnable, 0 at birth
    """

    down_w: Float32
    down_b: Float32
    up_w: Float32
    up_b: Float32
    gate: float
    dtype: ClassVar[type] = np.float32

    def __post_init__(self) -> None:
        freeze(self, arrays=("down_w", "down_b", "up_w", "up_b"), scalars=("gate",))
        outer = self.down_w.shape[::-1]
        are_right = self.down_w.ndim == 2 and self.down_w.size > 0 and self.up_w.shape == outer
        are_right = are_right and self.down_b.shape == outer[1:] and self.up_b.shape == outer[:1]
        require_shapes(self, are_right, "down_w (r, h), down_b (r,), up_w (h, r), up_b (h,)")

    @staticmethod
    def born(width: int, rng: np.random.Generator, reduction: int = 4) -> "Bottleneck":
        """The identity: random layers behind a gate of 0. r = width // reduction, at least 1."""
        inner = max(width // reduction, 1)
        down, up = _uniform(rng, inner, width), _uniform(rng, width, inner)
        return Bottleneck(
            down, np.zeros(inner, np.float32), up, np.zeros(width, np.float32), gate=0.0
        )

    @property
    def width(self) -> int:
        """Units of the layer that it follows."""
        return self.down_w.shape[1]

    @property
    def is_silent(self) -> bool:
        """True when the branch adds nothing to h."""
        return self.gate == 0 or not (self.up_w.any() or self.up_b.any())


Latent: TypeAlias = Reflexive | Bottleneck


def _uniform(rng: np.random.Generator, outputs: int, inputs: int) -> Float32:
    """Weights as torch's Linear draws them: uniform within 1 / sqrt(inputs)."""
    bound = inputs**-0.5
    return rng.uniform(-bound, bound, (outputs, inputs)).astype(np.float32)
