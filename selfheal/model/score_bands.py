"""How the features of rows depend on their score: what makes a row that scores as fraud look so."""

from dataclasses import dataclass

import numpy as np

from selfheal.model.arrays import Flags, Float64
from selfheal.model.columns import BINS


@dataclass(frozen=True, slots=True, eq=False)
class ScoreBands:
    """Of rows with a logit, in the 20 bins of the logit, each class apart; NaN for empty bins.

    logit:    (2, 20) mean logit
    rank:     (2, 20, k) mean rank of each numeric feature among all rows, in [0, 1]
    variance: (2, 20, k) of those ranks
    """

    logit: Float64
    rank: Float64
    variance: Float64


def score_bands(columns: Float64, logit: Float64, edges: Float64, is_fraud: Flags) -> ScoreBands:
    """The bands of columns (n, k) with logits (n,), NaN for rows that have none.

    edges: (19,) between the bins of the logit
    """
    ranks = np.stack([_ranks(column) for column in columns.T], axis=1).reshape(columns.shape)
    band = np.searchsorted(edges, logit, side="right")
    features = columns.shape[1]
    found = ScoreBands(
        np.full((2, BINS), np.nan),
        np.full((2, BINS, features), np.nan),
        np.full((2, BINS, features), np.nan),
    )
    for kind in (0, 1):
        for place in range(BINS):
            rows = (band == place) & (is_fraud == bool(kind)) & ~np.isnan(logit)
            if rows.any():
                found.logit[kind, place] = logit[rows].mean()
                found.rank[kind, place], found.variance[kind, place] = _moments(ranks[rows])
    return found


def _ranks(column: Float64) -> Float64:
    """Mid-ranks in [0, 1]; NaN stays NaN."""
    ordered = np.sort(column[~np.isnan(column)])
    below = np.searchsorted(ordered, column, side="left")
    at = np.searchsorted(ordered, column, side="right")
    return np.where(np.isnan(column), np.nan, (below + at) / (2.0 * max(len(ordered), 1)))


def _moments(ranks: Float64) -> tuple[Float64, Float64]:
    """Mean and variance of each column (n, k), missing values left out; NaN for none."""
    present = ~np.isnan(ranks)
    rows = present.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(present, ranks, 0.0).sum(axis=0) / rows
        return mean, np.where(present, (ranks - mean) ** 2, 0.0).sum(axis=0) / rows
