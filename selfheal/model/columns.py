"""Statistics of columns with missing values (NaN), which they leave out; and bins of equal mass."""

import numpy as np

from selfheal.model.arrays import Float64, Int64

BINS = 20
"""Of every summary, one for each 5 % of the reference rows."""


def inner_edges(column: Float64) -> Float64:
    """The (19,) edges between 20 bins of equal mass of `column` (n,); NaN without any value.

    Ties make edges coincide and the bins between them empty.
    """
    return quantiles_at(column, np.arange(1, BINS) / BINS)


def bin_counts(column: Float64, edges: Float64) -> Int64:
    """How many values of `column` (n,) each of the 20 bins holds, int64 (20,); NaN is left out.

    Bin i holds edges[i - 1] <= x < edges[i].

    >>> bin_counts(np.arange(100.0), inner_edges(np.arange(100.0)))[:3]
    array([5, 5, 5])
    """
    present = column[~np.isnan(column)]
    return np.bincount(np.searchsorted(edges, present, side="right"), minlength=BINS)


def quantiles_at(column: Float64, probabilities: Float64) -> Float64:
    """Quantiles of the values that are there, interpolated linearly; NaN where there is none."""
    present = column[~np.isnan(column)]
    if not len(present):
        return np.full(len(probabilities), np.nan)
    return np.quantile(present, probabilities)


def mean_and_sd(columns: Float64) -> tuple[Float64, Float64]:
    """Mean and standard deviation (divided by n) of each column of (n, k), both (k,)."""
    present = ~np.isnan(columns)
    rows = present.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(present, columns, 0.0).sum(axis=0) / rows
        variance = np.where(present, (columns - mean) ** 2, 0.0).sum(axis=0) / rows
    return mean, np.sqrt(variance)


def correlations(columns: Float64) -> Float64:
    """The (k, k) correlations of columns (n, k), over the rows that have both; NaN where undefined.

    >>> correlations(np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]])).round(6).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    mean, sd = mean_and_sd(columns)
    present = (~np.isnan(columns)).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(np.isnan(columns), 0.0, (columns - mean) / sd)
        return z.T @ z / (present.T @ present)
