"""The distribution that a feature should have when only the share of frauds moved.

F(x) = (1 - prior) F0(x) + prior F1(x), from the quantiles of each class in the training rows. Under
a pure change of the prior this is the stream's distribution, so what still differs has moved.
"""

from dataclasses import dataclass, field
from math import inf
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

_ROUNDING = 1e-12
"""A step of the distribution function that is none."""


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """A class mixture of one feature (or of the logit).

    quantiles: (2, q) float64 ascending, of legitimate and fraudulent rows, at q probabilities
               evenly spaced from 0 to 1; equal neighbours are a point with a mass of its own
    prior:     share of frauds, in [0, 1]
    rows:      behind the quantiles of each class; infinite for a distribution that is known
    """

    quantiles: Floats
    prior: float
    rows: tuple[float, float] = (inf, inf)
    _points: Floats = field(init=False, repr=False)
    _steps: Floats = field(init=False, repr=False)
    _has_masses: bool = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # Between the quantiles of both classes the mixture is linear; at each it may jump.
        points = np.unique(self.quantiles)
        below, at = self._weighted(np.nextafter(points, -np.inf)), self._weighted(points)
        steps = np.maximum.accumulate(np.stack([below, at], axis=1).ravel())
        object.__setattr__(self, "_points", np.repeat(points, 2))
        object.__setattr__(self, "_steps", steps)
        object.__setattr__(self, "_has_masses", bool((at - below).max() > _ROUNDING))

    @property
    def effective_rows(self) -> float:
        """Rows of one sample whose distribution function is as uncertain as this one's.

        1 / ((1 - prior)^2 / n0 + prior^2 / n1): fewer than n0 + n1 where the prior is not the share
        of frauds among them; 0 where a class that counts has no rows.
        """
        terms = zip((1.0 - self.prior, self.prior), self.rows, strict=True)
        variance = sum(w**2 / n if n > 0 else inf for w, n in terms if w > 0.0)
        return 1.0 / variance if variance > 0.0 else inf

    def cdf(self, values: Floats) -> Floats:
        """P(X <= value), elementwise, in [0, 1]."""
        return np.interp(values, self._points, self._steps, left=0.0)

    def mid_cdf(self, values: Floats) -> Floats:
        """P(X < value) + P(X = value) / 2, elementwise: equals `cdf` where no value has a mass."""
        at = self.cdf(values)
        if not self._has_masses:
            return at
        return 0.5 * (at + self.cdf(np.nextafter(values, -np.inf)))

    def quantile(self, probabilities: Floats) -> Floats:
        """The values at these probabilities, elementwise: the inverse of `cdf`."""
        return np.interp(probabilities, self._steps, self._points)

    def _weighted(self, values: Floats) -> Floats:
        steps = np.linspace(0.0, 1.0, self.quantiles.shape[1])
        legit, fraud = (np.interp(values, q, steps) for q in self.quantiles)
        return (1.0 - self.prior) * legit + self.prior * fraud
