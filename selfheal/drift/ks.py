"""Kolmogorov-Smirnov distances, with thresholds that count the reference's own error.

Source: Kolmogorov 1933; Smirnov 1948; tail by Massart 1990, P(sqrt(n) D > c) <= 2 exp(-2 c^2).
The distance uses mid-ranks, so that ties (integers, zero-inflated amounts) count half. Without
ties it is the usual one less 1 / (2 n).
"""

from functools import lru_cache
from math import log, sqrt
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from selfheal.drift.mixture import Mixture

Floats: TypeAlias = NDArray[np.float64]


def ks_distance(values: Floats, reference: Mixture) -> float:
    """Largest distance between the values' mid-ranks and the reference, in [0, 1].

    values: (n,) float64 without NaN; 0.0 for none.

    >>> from selfheal.drift.mixture import Classes
    >>> uniform = Classes(np.array([[0.0, 1.0], [0.0, 1.0]])).mixture(prior=0.5)
    >>> ks_distance(np.array([0.1, 0.3, 0.5, 0.7, 0.9]), uniform) < 1e-9
    True
    """
    ordered = np.sort(values)
    return _distance(ordered, reference.mid_cdf(ordered))


def _distance(ordered: Floats, expected: Floats) -> float:
    """Largest distance between the mid-ranks of ordered values and what is expected of them."""
    rows = len(ordered)
    if not rows:
        return 0.0
    is_tied = ordered[1:] == ordered[:-1]
    if not is_tied.any():
        return float(np.abs(expected - _untied_ranks(rows)).max())
    ends = np.concatenate(([-1], np.flatnonzero(~is_tied), [rows - 1]))  # of each run of ties
    ranks = 0.5 * (ends[1:] + ends[:-1] + 2) / rows
    return float(np.abs(expected[ends[1:]] - ranks).max())


@lru_cache(maxsize=64)
def _untied_ranks(rows: int) -> Floats:
    """The mid-ranks of so many different values, in (0, 1). Kept: a stream's test asks again."""
    ranks = (np.arange(rows) + 0.5) / rows
    ranks.flags.writeable = False
    return ranks


def standard_error(rows: float, reference_rows: float) -> float:
    """Scale of the distance of two samples, sqrt(1/n + 1/m); inf where one is empty."""
    if rows <= 0 or reference_rows <= 0:
        return float("inf")
    return sqrt(1.0 / rows + 1.0 / reference_rows)


def critical_distance(rate: float) -> float:
    """The distance, in standard errors, that a clean sample exceeds with at most this probability.

    >>> round(critical_distance(1e-6), 2)
    2.69
    """
    return sqrt(log(2.0 / rate) / 2.0)
