"""How far back the stream still looks like now: the rows that a heal may learn from.

The longest suffix of which each older part agrees with all that is newer, in location and in
spread, by rank statistics, which no heavy tail can disturb. Source: Mann and Whitney 1947 (rank
sum); Mood 1954 (spread), with the sizes and the limit measured in docs/log.md.
"""

import numpy as np
from numpy.typing import NDArray

NEWEST_ROWS = 100
"""Rows that stand for now."""

LIMIT = 4.2
"""Largest |z| at which two groups of rows still agree."""


NEAR = 0.1
"""Standard deviations, outliers cut, within which two values are the same: a level that drifts by
less is still that level, though no row has the very value that earlier ones had."""


def change_window(values: NDArray[np.float64], newest: int = NEWEST_ROWS) -> int:
    """Number of rows of the suffix that agrees with itself; at least `newest`, or all there are.

    values: (n, k) float64 in event order, the newest last; NaN is missing and left out.
    Suffixes grow by half each time, so that the answer is exact to a third; a part that reaches a
    little over the onset may still agree.
    """
    rows = len(values)
    length = min(newest, rows)
    while length < rows:
        longer = min(rows, max(length + 100, length * 3 // 2))
        if _differ(values[rows - longer : rows - length], values[rows - length :]):
            return length
        length = longer
    return length


def _differ(older: NDArray[np.float64], newer: NDArray[np.float64]) -> bool:
    columns = range(newer.shape[1])
    return any(_largest_z(older[:, c], newer[:, c]) > LIMIT for c in columns)


def _largest_z(older: NDArray[np.float64], newer: NDArray[np.float64]) -> float:
    """Larger of the rank-sum and the rank-spread |z| of two samples; 0 where one is too small."""
    older, newer = older[np.isfinite(older)], newer[np.isfinite(newer)]
    if len(older) < 20 or len(newer) < 20:
        return 0.0
    ranks = _mid_ranks(np.concatenate([older, newer]))
    spread = np.abs(ranks - 0.5)
    return max(_mean_z(ranks, len(older)), _mean_z(spread, len(older)))


def _mid_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) ranks in [0, 1] of the middle of those that are as large; near values are ties."""
    ordered = np.sort(values)
    low, high = np.quantile(ordered, [0.05, 0.95])
    near = NEAR * float(ordered.clip(low, high).std())
    below, above = ordered.searchsorted(values - near), ordered.searchsorted(values + near, "right")
    return 0.5 * (below + above) / len(values)


def _mean_z(ranks: NDArray[np.float64], split: int) -> float:
    """|z| of the difference of mean ranks before and after the split, under random order."""
    variance = float(ranks.var())
    if variance <= 0.0:
        return 0.0
    first, second = ranks[:split], ranks[split:]
    error = np.sqrt(variance * (1.0 / len(first) + 1.0 / len(second)))
    return abs(float(first.mean() - second.mean())) / float(error)
