"""The statistics behind a reference, measured on the rows of one class or of all."""

import numpy as np

from selfheal.model.arrays import Flags, Float64, Int64, frozen64
from selfheal.model.columns import BINS, bin_counts, inner_edges, quantiles_at
from selfheal.model.feature_kinds import Categorical
from selfheal.model.repeated_rows import repetition

QUANTILES = 257
BLOCKS = (100, 400, 1600, 4000)
"""Rows of the blocks whose straying is measured."""

_BEYOND_CHANCE = 2.2
"""Standard errors that exchangeable rows pass in one block of 10,000."""

_CERTAIN = 3.0
"""Standard errors that exchangeable rows all but never pass in any block."""

_BEYOND_SCATTER = 2.6
"""Standard errors that the scatter of all blocks of exchangeable rows hardly passes."""

STRAYED = 2.0
"""Standard errors at which clean blocks that stray are counted: less than moves a feature."""

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


def distinct_rows(values: Float64, is_fraud: Flags) -> tuple[int, int]:
    """How many rows (n, f) of each class there are, those left out that were drawn again.

    A training set that was oversampled or drawn with replacement knows less than its length says.
    """
    is_new = repetition(np.column_stack([values, is_fraud.astype(np.float64)])).is_new
    return int(np.count_nonzero(is_new & ~is_fraud)), int(np.count_nonzero(is_new & is_fraud))


def block_wander(columns: Float64) -> Float64:
    """(4, k): how far blocks of BLOCKS rows stray from all other rows of columns (n, k), at most.

    Kolmogorov-Smirnov distances in [0, 1]. Where rows are in the order of time and a feature has a
    daily cycle, a part of a day never looks like all days. 0 where chance alone could explain it.

    As many rows of the stream may be a shorter time than of the training rows, which are often a
    sample: blocks are taken to stray as far as those of the next shorter length, and as far as any
    shorter ones that stray for certain. Likewise blocks longer than half of the rows that are
    there, which their rest cannot judge. Where all blocks together scatter more than those of
    shuffled rows, as those of features do that lean on the hour a little or come in bursts, each
    may stray as far as that scatter allows, though none did for certain.
    """
    found = np.array([_wanders(column[~np.isnan(column)]) for column in columns.T])
    return found.reshape(-1, len(BLOCKS)).T


def _wanders(present: Float64) -> Float64:
    """(4,), of a column without missing values."""
    values, ranks = np.unique(present, return_inverse=True)
    chance = _squares(np.random.default_rng(0).permutation(ranks), BLOCKS[0], len(values))
    wander = np.zeros(len(BLOCKS))
    shorter = certain = 0.0
    excess = 1.0
    for place, rows in enumerate(BLOCKS):
        is_judged = len(present) >= 2 * rows
        stray, error = _furthest(ranks, rows, len(values)) if is_judged else (shorter, 0.0)
        own = stray if stray > _BEYOND_CHANCE * error else 0.0
        if own > _CERTAIN * error:
            certain = max(certain, own)
        if is_judged:
            excess = max(excess, _excess(_squares(ranks, rows, len(values)), chance))
        scattered = STRAYED * np.sqrt(excess / rows) if excess > 1.0 and not certain else 0.0
        wander[place] = max(own, shorter, certain, scattered)
        shorter = own
    return wander


def _excess(squares: Float64, chance: Float64) -> float:
    """Mean of these squares over that of others by chance; 1 where chance explains the ratio."""
    if not len(chance) or not chance.any():
        return 1.0
    ratio, spread = squares.mean() / chance.mean(), chance.std() / chance.mean()
    error = spread * np.sqrt(1.0 / len(squares) + 1.0 / len(chance))
    return float(ratio) if ratio > 1.0 + _BEYOND_SCATTER * error else 1.0


def _squares(ranks: Int64, rows: int, values: int) -> Float64:
    """Squares of the distances of all whole blocks from all rows, for one row of a block each."""
    distances = _distances(ranks, rows, values, step=rows)
    return distances**2 * rows / max(1.0 - rows / max(len(ranks), 1), 0.5)


def _furthest(ranks: Int64, rows: int, values: int) -> tuple[float, float]:
    """How far one block of so many rows strays from the rest, at most, and the standard error."""
    distances = _distances(ranks, rows, values, step=max(rows // 2, len(ranks) // 100))
    rest = len(ranks) - rows
    furthest = float(distances.max()) * len(ranks) / rest
    return furthest, float(np.sqrt(1.0 / rows + 1.0 / rest))


def _distances(ranks: Int64, rows: int, values: int, step: int) -> Float64:
    """Of blocks of so many rows, one every `step`, from all rows; none where they are fewer."""
    shares = np.bincount(ranks, minlength=values) / max(len(ranks), 1)
    overall = np.cumsum(shares) - 0.5 * shares
    starts = range(0, len(ranks) - rows + 1, step)
    return np.array([_block_distance(ranks[s : s + rows], overall, values) for s in starts])


def _block_distance(ranks: Int64, overall: Float64, values: int) -> float:
    shares = np.bincount(ranks, minlength=values) / len(ranks)
    return float(np.abs(np.cumsum(shares) - 0.5 * shares - overall).max())


def _shares(counts: Int64) -> Float64:
    with np.errstate(invalid="ignore"):
        return counts / counts.sum(axis=-1, keepdims=True)
