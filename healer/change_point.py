"""Where did a series of losses become worse? The one split that tells its two parts best apart."""

import numpy as np
from numpy.typing import NDArray

SHORTEST = 15
"""Losses that a part must have."""

_ROUNDING = 1e-6
"""A t statistic that is none."""


def change_point(losses: NDArray[np.float64]) -> int:
    """Position of the first loss after the change, 0 where nothing rose.

    losses: (n,) float64, in order. The split with the greatest t statistic of the later mean over
    the earlier one. Source: Hinkley 1970, "Inference about the change-point in a sequence".
    """
    rows = len(losses)
    if rows < 2 * SHORTEST:
        return 0
    before = np.arange(SHORTEST, rows - SHORTEST + 1)
    after = rows - before
    sums, squares = np.cumsum(losses)[before - 1], np.cumsum(losses**2)[before - 1]
    rest, rest_squares = losses.sum() - sums, (losses**2).sum() - squares
    within = squares - sums**2 / before + rest_squares - rest**2 / after
    error = np.sqrt(np.maximum(within, 1e-12) / rows * (1.0 / before + 1.0 / after))
    rise = (rest / after - sums / before) / error
    best = int(rise.argmax())
    return int(before[best]) if rise[best] > _ROUNDING else 0
