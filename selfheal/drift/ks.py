"""Kolmogorov-Smirnov distances, with thresholds that count the reference's own error.

Source: Kolmogorov 1933; Smirnov 1948; tail by Massart 1990, P(sqrt(n) D > c) <= 2 exp(-2 c^2).
The distance uses mid-ranks, so that ties (integers, zero-inflated amounts) count half.
"""

from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from selfheal.drift.mixture import Mixture


def ks_distance(values: NDArray[np.float64], reference: Mixture) -> float:
    """Largest distance between the values' mid-ranks and the reference, in [0, 1].

    values: (n,) float64 without NaN; 0.0 for none.

    >>> uniform = Mixture(np.array([[0.0, 1.0], [0.0, 1.0]]), prior=0.5)
    >>> ks_distance(np.array([0.1, 0.3, 0.5, 0.7, 0.9]), uniform) < 1e-9
    True
    """
    if not len(values):
        return 0.0
    points, counts = np.unique(values, return_counts=True)
    ranks = (np.cumsum(counts) - 0.5 * counts) / len(values)
    return float(np.abs(_mid_cdf(points, reference) - ranks).max())


def _mid_cdf(points: NDArray[np.float64], reference: Mixture) -> NDArray[np.float64]:
    """The reference's mid-distribution: half of what it has exactly at a point counts."""
    below = reference.cdf(np.nextafter(points, -np.inf))
    return 0.5 * (below + reference.cdf(points))


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
