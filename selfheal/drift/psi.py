"""PSI, the population stability index: how much of the stream is in other bins than it should be.

PSI = sum (p - q) ln(p / q) over bins of the reference. The usual limits of 0.1 and 0.25 are of the
index alone: with 20 bins, 100 rows of a stream that has not changed have 0.19 on average, while
5,000 rows that moved by a tenth of a standard deviation have 0.02. Its distribution on an unchanged
stream is known: PSI / (1/n + 1/m) is chi-square with b - 1 degrees of freedom (Yurdakul and
Naranjo 2020, J. Risk Model Validation 14(4)). `psi_limit` says from it what n rows may show.
Source of the index: Lewis 1994, An introduction to credit scoring.
"""

import numpy as np
from numpy.typing import NDArray

from selfheal.drift.alarms import chi_square_limit
from selfheal.drift.mixture import Floats
from selfheal.drift.shares import Shares

MODERATE, LARGE = 0.10, 0.25
"""The usual limits, as published: look into it; act."""

_PRIOR_COUNT = 0.5
"""Added to each bin, so that an empty one gives no infinity (Jeffreys)."""


def psi(counts: NDArray[np.int64], expected: Shares) -> float:
    """The index of counts (b,) against expected shares (b,); >= 0, nan for no rows.

    A bin that should hold nothing, as between tied edges, counts only where it holds something.

    >>> round(psi(np.array([500, 500]), Shares(np.array([0.5, 0.5]))), 4)
    0.0
    """
    total = int(counts.sum())
    if not total or not expected.is_known:
        return float("nan")
    is_used = (counts > 0) | (expected.shares > 0.0)
    p = _smoothed(counts[is_used].astype(np.float64), total)
    pseudo_rows = min(expected.rows, 1e9)
    q = _smoothed(expected.shares[is_used] * pseudo_rows, pseudo_rows)
    return float(((p - q) * np.log(p / q)).sum())


def psi_limit(rate: float, bins: int, rows: float, reference_rows: float) -> float:
    """The index that an unchanged stream exceeds with this chance; inf where one has no rows.

    bins: that can hold rows

    >>> round(psi_limit(0.05, bins=20, rows=100, reference_rows=5_000), 2)
    0.31
    """
    if rows <= 0 or reference_rows <= 0:
        return float("inf")
    return chi_square_limit(rate, bins - 1) * (1.0 / rows + 1.0 / reference_rows)


def used_bins(expected: Shares) -> int:
    """Bins that should hold something: ties of the reference leave others empty."""
    return int((expected.shares > 0.0).sum())


def _smoothed(counts: Floats, total: float) -> Floats:
    return (counts + _PRIOR_COUNT) / (total + _PRIOR_COUNT * len(counts))
