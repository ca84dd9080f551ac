"""The share of frauds that explains binned scores best, without a label.

Maximum likelihood of a mixture of two known distributions over b bins; on scores this is the
estimate of Saerens, Latinne and Decaestecker 2002, Neural Computation 14(1), from counts instead
of rows. Right where the prior alone moved: `kinds.py` asks first whether features moved.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfheal.drift.mixture import Floats

_STEPS = 60
_EDGE = 1e-6


@dataclass(frozen=True, slots=True)
class PriorFit:
    """prior: in [0, 1]; standard_error: of it, by both samples; inf where nothing tells."""

    prior: float
    standard_error: float

    def z_from(self, prior: float) -> float:
        """Standard errors between the fit and a prior, signed."""
        return (self.prior - prior) / self.standard_error


def prior_of_bins(
    counts: NDArray[np.int64], by_class: Floats, reference_rows: Floats, start: float
) -> PriorFit:
    """The prior of counts (b,) between class shares (2, b).

    reference_rows: (2,) behind the shares; start: the prior where no row says anything
    The likelihood is concave in the prior: its slope is followed by bisection.
    """
    shares = _smoothed(by_class, reference_rows)
    rows = float(counts.sum())
    lift = shares[1] - shares[0]
    if rows <= 0.0 or np.isnan(shares).any() or not np.abs(lift).max() > _EDGE:
        return PriorFit(start, float("inf"))
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = 0.5 * (low + high)
        slope = float((counts * lift / (shares[0] + middle * lift)).sum())
        low, high = (middle, high) if slope > 0.0 else (low, middle)
    prior = 0.5 * (low + high)
    mixture = shares[0] + prior * lift
    per_row = float((lift**2 / mixture).sum())
    errors = 1.0 / rows + _reference_error(prior, reference_rows)
    return PriorFit(prior, float(np.sqrt(errors / per_row)))


def _reference_error(prior: float, rows: Floats) -> float:
    """What the class shares' own error adds, as a number of rows of the mixture would."""
    return (1.0 - prior) ** 2 / float(rows[0]) + prior**2 / float(rows[1])


def _smoothed(by_class: Floats, rows: Floats) -> Floats:
    """No bin is impossible: half a row in each."""
    counts = by_class * rows[:, None] + 0.5
    return counts / counts.sum(axis=1, keepdims=True)
