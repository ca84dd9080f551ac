"""Which labels would help most: rows spread evenly over all rows, each as likely as any other.

Whoever asks where the model is unsure gets labels of unlike rows, on which a contender that is
better there and worse elsewhere would win. So every row has the same chance here, and the labels
join the others unweighted; what is left to choose is that no two rows say the same twice. The rows
are put in an order in which neighbours are alike, and every so-manyth is taken. Sources: Madow
1949, systematic sampling; Grafstrom et al. 2012, "Spatially balanced sampling".
"""

import numpy as np

from healer.evidence import Floats, Integers

_LEAF_ROWS = 2


def spread_choice(values: Floats, count: int, rng: np.random.Generator) -> Integers:
    """Positions of `count` of the rows, the most helpful first; all where there are no more.

    values: (n, d) float64, of what makes rows alike: features and scores; NaN where missing
    The first k are spread evenly as well, so that whoever labels only these is served no worse.
    """
    rows = len(values)
    if rows == 0 or count < 1:
        return np.zeros(0, dtype=np.int64)
    tour = _tour(_ranks(values), np.arange(rows))
    taken = min(count, rows)
    places = ((np.arange(taken) + rng.random()) * rows / taken).astype(np.int64)
    return tour[places.clip(0, rows - 1)][_balanced_order(taken, rng)]


def _tour(ranks: Floats, rows: Integers) -> Integers:
    """The rows in an order in which neighbours are alike: halved again and again.

    Each time by the feature in which this part still differs the most.
    """
    if len(rows) <= _LEAF_ROWS:
        return rows
    part = ranks[rows]
    widest = int(part.std(axis=0).argmax())
    ordered = rows[np.argsort(part[:, widest], kind="stable")]
    half = len(rows) // 2
    return np.concatenate([_tour(ranks, ordered[:half]), _tour(ranks, ordered[half:])])


def _ranks(values: Floats) -> Floats:
    """(n, d) ranks in [0, 1], the mean rank for missing values: no scale, no outlier counts."""
    order = np.argsort(np.argsort(values, axis=0, kind="stable"), axis=0, kind="stable")
    return np.where(np.isnan(values), 0.5, order / max(len(values) - 1, 1))


def _balanced_order(count: int, rng: np.random.Generator) -> Integers:
    """0 to count - 1 so that any beginning is spread evenly: van der Corput's, shifted."""
    bits = max(count - 1, 1).bit_length()
    place: Integers = np.arange(1 << bits, dtype=np.int64)
    reverse: Integers = np.zeros(1 << bits, dtype=np.int64)
    for bit in range(bits):
        reverse |= ((place >> bit) & 1) << (bits - 1 - bit)
    return (reverse[reverse < count] + rng.integers(count)) % count
