"""The statistics behind a reference, measured on the rows of one class or of all."""

import numpy as np

from selfheal.model.arrays import Float64, Int64, frozen64
from selfheal.model.columns import BINS, bin_counts, inner_edges, quantiles_at
from selfheal.model.feature_kinds import Categorical

QUANTILES = 257
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


def _shares(counts: Int64) -> Float64:
    with np.errstate(invalid="ignore"):
        return counts / counts.sum(axis=-1, keepdims=True)
