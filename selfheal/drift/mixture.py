"""The distribution that a feature should have when only the share of frauds moved.

F(x) = (1 - prior) F0(x) + prior F1(x), from the quantiles of each class in the training rows. Under
a pure change of the prior this is the stream's distribution, so what still differs has moved.
"""

from dataclasses import dataclass, field
from math import inf, sqrt
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from selfheal.model.reference_rows import BLOCKS, STRAYED

Floats: TypeAlias = NDArray[np.float64]

_SMALLEST = 1e-290
"""Numbers below are taken for 0."""

_REACH = 1e-9
"""Share of the range, or of the one value that there is, within which two values are the same."""

_ROUNDING = 1e-12
"""A step of the distribution function that is none."""


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """One feature (or the logit) of legitimate and of fraudulent rows.

    quantiles: (2, q) float64 ascending, at q probabilities evenly spaced from 0 to 1; equal
               neighbours are a point with a mass of its own
    rows:      behind the quantiles of each class; infinite for a distribution that is known
    wander:    (len(BLOCKS),), how far blocks of so many clean rows stray from the others
    """

    quantiles: Floats
    rows: tuple[float, float] = (inf, inf)
    wander: Floats = field(default_factory=lambda: np.zeros(len(BLOCKS)))
    _points: Floats = field(init=False, repr=False)
    _steps: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # Steps between numbers as small as these have slopes that float64 cannot hold.
        quantiles = np.where(np.abs(self.quantiles) < _SMALLEST, 0.0, self.quantiles)
        object.__setattr__(self, "quantiles", quantiles)
        # Between the quantiles of both classes each is linear; at each quantile it may jump.
        points = np.unique(self.quantiles)
        below, at = self._cdfs(np.nextafter(points, -np.inf)), self._cdfs(points)
        object.__setattr__(self, "_points", np.repeat(points, 2))
        object.__setattr__(self, "_steps", np.stack([below, at], axis=2).reshape(2, -1))

    def mixture(self, prior: float) -> "Mixture":
        """Both classes together. prior: share of frauds, in [0, 1]"""
        steps = (1.0 - prior) * self._steps[0] + prior * self._steps[1]
        return Mixture(
            points=self._points,
            steps=np.maximum.accumulate(steps),
            effective_rows=self._effective_rows(prior),
            has_masses=bool((steps[1::2] - steps[::2]).max() > _ROUNDING),
            wander=self.wander,
        )

    def _effective_rows(self, prior: float) -> float:
        terms = zip((1.0 - prior, prior), self.rows, strict=True)
        variance = sum(w**2 / n if n > 0 else inf for w, n in terms if w > 0.0)
        return 1.0 / variance if variance > 0.0 else inf

    def _cdfs(self, values: Floats) -> Floats:
        """(2, n) distribution functions of the classes."""
        steps = np.linspace(0.0, 1.0, self.quantiles.shape[1])
        return np.stack([np.interp(values, q, steps, left=0.0) for q in self.quantiles])


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """Two classes under one prior, as `Classes` gives it.

    points, steps:  (m,) where the distribution function bends or jumps, and its values there
    effective_rows: rows of one sample whose distribution function is as uncertain as this one's,
                    1 / ((1 - prior)^2 / n0 + prior^2 / n1): fewer than n0 + n1 where the prior is
                    not the share of frauds among them; 0 where a class that counts has no rows
    has_masses:     some value has a probability of its own
    wander:         as of its classes
    """

    points: Floats
    steps: Floats
    effective_rows: float
    has_masses: bool
    wander: Floats

    def error(self, rows: float) -> float:
        """Scale of the distance of a clean sample of so many rows, inf where one side is empty.

        Of chance, and of what varies within a day: a sample that strays as far as clean blocks of
        its size did is `STRAYED` errors away.
        """
        if rows <= 0 or self.effective_rows <= 0:
            return inf
        stray = np.interp([rows], BLOCKS, self.wander).item()
        return max(sqrt(1.0 / rows + 1.0 / self.effective_rows), stray / STRAYED)

    @property
    def reach(self) -> float:
        """How near a value must be to a mass to hit it; 0 where there is no mass."""
        if not self.has_masses:
            return 0.0
        first, last = float(self.points[0]), float(self.points[-1])
        return _REACH * (last - first or abs(last) or 1.0)

    def cdf(self, values: Floats) -> Floats:
        """P(X <= value), elementwise, in [0, 1]."""
        return np.interp(values, self.points, self.steps, left=0.0)

    def mid_cdf(self, values: Floats) -> Floats:
        """P(X < value) + P(X = value) / 2, elementwise: equals `cdf` where no value has a mass.

        A value hits a mass when it is as near as a map that leads there can bring it.
        """
        if not self.has_masses:
            return self.cdf(values)
        return 0.5 * (self.cdf(values + self.reach) + self.cdf(values - self.reach))

    def masses(self, smallest: float) -> tuple[Floats, Floats]:
        """Values that have at least this probability of their own, and the middle of each step."""
        below, at = self.steps[::2], self.steps[1::2]
        is_mass = at - below >= smallest
        return self.points[::2][is_mass], 0.5 * (below + at)[is_mass]

    def quantile(self, probabilities: Floats) -> Floats:
        """The values at these probabilities, elementwise: the inverse of `cdf`."""
        return np.interp(probabilities, self.steps, self.points)
