"""How a latent value becomes a raw one: skew, heavy tails, whole numbers, zeros, bounds."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from producer.rows import Floats

Form = Literal["plain", "skewed", "heavy", "bounded"]


@dataclass(frozen=True, slots=True)
class Shape:
    """A feature's name and the growing map from its latent value to its raw value.

    form:     "plain": z; "skewed": exp(spread·z); "heavy": sinh(spread·z); "bounded": 1/(1+e^-z)
    unit:     what the form is multiplied by
    spread:   of the exponent
    floor:    subtracted after `unit`, what falls below zero is then zero: zero-inflated; None for
              no such floor
    is_whole: rounded down to a whole number
    """

    name: str
    form: Form = "plain"
    unit: float = 1.0
    spread: float = 1.0
    floor: float | None = None
    is_whole: bool = False

    def of(self, latent: Floats) -> Floats:
        """(n,) latent values, cut off at ±8 -> (n,) raw values."""
        z = np.clip(latent, -8.0, 8.0)
        raw = self.unit * self._form(z)
        if self.floor is not None:
            raw = np.maximum(raw - self.floor, 0.0)
        return np.floor(raw) if self.is_whole else raw

    def _form(self, z: Floats) -> Floats:
        match self.form:
            case "plain":
                return z
            case "skewed":
                return np.exp(self.spread * z)
            case "heavy":
                return np.sinh(self.spread * z)
            case "bounded":
                return 1.0 / (1.0 + np.exp(-z))
