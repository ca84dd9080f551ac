"""How far apart two shares of rows are, beside what chance explains.

In the unit of Kolmogorov-Smirnov distances: a share as far away as c errors comes by chance with a
probability of at most 2 exp(-2 c^2), however rare what is counted is. A normal bound would not hold
for rare levels, of which a hundred rows have one or none.
Source: Chernoff 1952, n KL(p, q) against a share q that is known; with two samples, the likelihood
ratio of one common share to two, which becomes that where one sample is large (Wilks 1938).
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import rel_entr

from selfheal.model.arrays import Float64

Shares: TypeAlias = Float64 | float

_KNOWN = 1e12
"""Rows behind a share that is known."""


def share_errors(
    share: npt.ArrayLike, rows: npt.ArrayLike, other: npt.ArrayLike, other_rows: npt.ArrayLike
) -> Float64:
    """Errors between the share in `rows` rows and that in `other_rows` rows, elementwise.

    Shares are in [0, 1], rows may be infinite. 0 where either side has no rows.

    >>> float(share_errors(0.0, 100, 0.25, np.inf).round(2))
    3.79
    """
    p, q = np.asarray(share, np.float64), np.asarray(other, np.float64)
    n, m = np.clip(rows, 1.0, _KNOWN), np.clip(other_rows, 1.0, _KNOWN)
    pooled = (n * p + m * q) / (n + m)
    gain = n * _divergence(p, pooled) + m * _divergence(q, pooled)
    is_known = np.minimum(rows, other_rows) > 0.0
    return np.sqrt(np.where(is_known, np.maximum(gain, 0.0), 0.0) / 2.0)


def _divergence(share: Float64, pooled: Float64) -> Float64:
    """Kullback-Leibler, in nat."""
    return rel_entr(share, pooled) + rel_entr(1.0 - share, 1.0 - pooled)
