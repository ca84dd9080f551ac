"""The two-sample Kolmogorov-Smirnov test, on rows and on counts in bins.

Source: Smirnov 1939. On bins the distance is looked at between bins only, so it is never larger
than that of the rows, and a limit for rows holds. `ks.py` tests against a class mixture.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import special

from selfheal.drift.ks import standard_error
from selfheal.drift.mixture import Floats
from selfheal.drift.shares import Shares


def two_sample_distance(first: Floats, second: Floats) -> float:
    """Largest distance between the distribution functions of two samples, in [0, 1].

    first, second: (n,) and (m,) float64 without NaN; 0.0 where one is empty

    >>> two_sample_distance(np.array([1.0, 2.0]), np.array([2.0, 3.0]))
    0.5
    """
    if not len(first) or not len(second):
        return 0.0
    return sorted_distance(np.sort(first), np.sort(second))


def sorted_distance(first: Floats, second: Floats) -> float:
    """`two_sample_distance` of samples that are in ascending order and not empty."""
    values = np.concatenate([first, second])
    below_first = np.searchsorted(first, values, side="right") / len(first)
    below_second = np.searchsorted(second, values, side="right") / len(second)
    return float(np.abs(below_first - below_second).max())


def binned_distance(counts: NDArray[np.int64], expected: Shares) -> float:
    """Largest distance between the distribution functions at the edges of b bins, in [0, 1].

    counts: (b,); 0.0 for no rows, or where nothing is known of the reference

    >>> binned_distance(np.array([30, 70]), Shares(np.array([0.5, 0.5])))
    0.2
    """
    total = int(counts.sum())
    if not total or not expected.is_known:
        return 0.0
    gaps = np.cumsum(counts / total - expected.shares)[:-1]
    return float(np.abs(gaps).max(initial=0.0))


def ks_p_value(distance: float, rows: float, reference_rows: float) -> float:
    """Chance of such a distance, or a larger one, between samples of one distribution.

    Of the limiting distribution (Kolmogorov 1933); 1.0 where a sample is empty.
    """
    error = standard_error(rows, reference_rows)
    return float(special.kolmogorov(distance / error))
