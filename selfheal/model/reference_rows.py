"""The statistics behind a reference, measured on the rows of one class or of all."""

import numpy as np

from selfheal.model.arrays import Float64, Int64, frozen64
from selfheal.model.columns import BINS, bin_counts, inner_edges, quantiles_at
from selfheal.model.feature_kinds import Categorical

QUANTILES = 257
BLOCKS = (100, 400, 1600, 4000)
"""Rows of the blocks whose straying is measured."""

_BEYOND_CHANCE = 2.2
"""Standard errors that exchangeable rows pass in one block of 10,000."""

PROBABILITIES = frozen64(np.linspace(0.0, 1.0, QUANTILES))


def quantile_grids(columns: Float64) -> Float64:
    """The (k, 257) quantiles of columns (n, k); NaN for a column without values."""
    grids = [quantiles_at(column, PROBABILITIES) for column in columns.T]
    return np.array(grids).reshape(-1, QUANTILES)


def edges_of(columns: Float64) -> Float64:
    """The (k, 19) inner edges of 20 bins of equal mass of columns (n, k)."""
    return np.array([inner_edges(column) for column in columns.T]).reshape(-1, BINS - 1)


def bin_shares(columns: Float64, edges: Float64) -> Float64:
    """The (k, 20) shares of columns (n, k) between their edges (k, 19); NaN without values."""
    pairs = zip(columns.T, edges, strict=True)
    counts = np.array([bin_counts(column, inner) for column, inner in pairs]).reshape(-1, BINS)
    return _shares(counts)


def level_shares(codes: Float64, kind: Categorical) -> Float64:
    """The (levels + 1,) shares of a column of codes (n,), the last one of unknown levels."""
    present = codes[~np.isnan(codes)].astype(np.int64)
    return _shares(np.bincount(present, minlength=len(kind.levels) + 1))


def block_wander(columns: Float64) -> Float64:
    """(4, k): how far blocks of BLOCKS rows stray from all other rows of columns (n, k), at most.

    Kolmogorov-Smirnov distances in [0, 1]. Where rows are in the order of time and a feature has a
    daily cycle, a part of a day never looks like all days. 0 where chance alone could explain it.
    Blocks longer than half of the rows, which their rest cannot judge, are taken to stray as far
    as the longest that it can.
    """
    found = np.array([[_wander(column, rows) for column in columns.T] for rows in BLOCKS])
    found = found.reshape(len(BLOCKS), -1)
    is_judged = len(columns) >= 2 * np.array(BLOCKS)
    shortest_unjudged = int(is_judged.sum())
    if 0 < shortest_unjudged < len(BLOCKS):
        found[shortest_unjudged:] = found[shortest_unjudged - 1]
    return found


def _wander(column: Float64, rows: int) -> float:
    present = column[~np.isnan(column)]
    if len(present) < 2 * rows:
        return 0.0
    ordered, ranks = np.unique(present, return_inverse=True)
    shares = np.bincount(ranks) / len(present)
    overall = np.cumsum(shares) - 0.5 * shares
    starts = range(0, len(present) - rows + 1, max(rows // 2, len(present) // 100))
    distances = [_block_distance(ranks[s : s + rows], overall, len(ordered)) for s in starts]
    furthest = max(distances) / (1.0 - rows / len(present))
    chance = _BEYOND_CHANCE * np.sqrt(1.0 / rows + 1.0 / (len(present) - rows))
    return furthest if furthest > chance else 0.0


def _block_distance(ranks: Int64, overall: Float64, values: int) -> float:
    shares = np.bincount(ranks, minlength=values) / len(ranks)
    return float(np.abs(np.cumsum(shares) - 0.5 * shares - overall).max())


def _shares(counts: Int64) -> Float64:
    with np.errstate(invalid="ignore"):
        return counts / counts.sum(axis=-1, keepdims=True)
