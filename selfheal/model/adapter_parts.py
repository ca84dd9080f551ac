"""The parts of an adapter outside the layers: at the inputs, at the head, at the logit."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from selfheal.model.arrays import Float32, Float64, Int64
from selfheal.model.part_checks import freeze, require_shapes


@dataclass(frozen=True, slots=True, eq=False)
class InputAlignment:
    """x' = scale * x + shift on the k raw numeric features, in schema order.

    scale, shift: float64 (k,), finite. A negative scale mirrors a feature; missing stays missing.
    """

    scale: Float64
    shift: Float64
    dtype: ClassVar[type] = np.float64

    def __post_init__(self) -> None:
        freeze(self, arrays=("scale", "shift"))
        are_right = self.scale.ndim == 1 and self.scale.shape == self.shift.shape
        require_shapes(self, are_right, "scale (k,) and shift (k,)")

    @staticmethod
    def born(features: int) -> "InputAlignment":
        """The identity on `features` numeric features."""
        return InputAlignment(np.ones(features), np.zeros(features))

    @property
    def is_identity(self) -> bool:
        """True when no value changes."""
        return bool((self.scale == 1).all() and (self.shift == 0).all())

    def apply(self, values: Float64, numeric: Int64) -> Float64:
        """Raw values (n, f), a new array, with the columns at positions `numeric` (k,) aligned.

        A value that leaves the range of float64 becomes infinite.
        """
        aligned = values.copy()
        with np.errstate(over="ignore"):
            aligned[:, numeric] = values[:, numeric] * self.scale + self.shift
        return aligned


@dataclass(frozen=True, slots=True, eq=False)
class HeadDelta:
    """What is added to the head's weights: logit + h . weight + bias.

    weight: float32 (h,), finite; h the inputs of the head
    """

    weight: Float32
    bias: float
    dtype: ClassVar[type] = np.float32

    def __post_init__(self) -> None:
        freeze(self, arrays=("weight",), scalars=("bias",))
        require_shapes(self, self.weight.ndim == 1, "weight (h,)")

    @staticmethod
    def born(width: int) -> "HeadDelta":
        """The identity for a head of `width` inputs."""
        return HeadDelta(np.zeros(width, np.float32), 0.0)

    @property
    def is_identity(self) -> bool:
        """True when no logit changes."""
        return self.bias == 0 and not self.weight.any()


@dataclass(frozen=True, slots=True, eq=False)
class Output:
    """logit' = scale * logit + shift + x' . skip, with x' the encoded aligned features.

    A change of the prior from p to q is the shift logit(q) - logit(p).

    skip: float32 (d,), finite, or None for zeros
    """

    scale: float = 1.0
    shift: float = 0.0
    skip: Float32 | None = None
    dtype: ClassVar[type] = np.float32

    def __post_init__(self) -> None:
        freeze(self, arrays=() if self.skip is None else ("skip",), scalars=("scale", "shift"))
        require_shapes(self, self.skip is None or self.skip.ndim == 1, "skip (d,)")

    @property
    def is_identity(self) -> bool:
        """True when no logit changes."""
        has_skip = self.skip is not None and bool(self.skip.any())
        return self.scale == 1 and self.shift == 0 and not has_skip
