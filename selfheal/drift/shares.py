"""What share of the stream each bin or level should hold under a prior, and how sure that is."""

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from selfheal.drift.mixture import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """Expected shares of b cells.

    shares: (b,) float64, sum 1; NaN where the reference never had a value
    rows:   of one sample that is as uncertain; infinite for shares that are known
    """

    shares: Floats
    rows: float = inf

    @property
    def is_known(self) -> bool:
        """False where the reference never had a value."""
        return self.rows > 0.0 and not np.isnan(self.shares).any()


def shares_under(prior: float, by_class: Floats, rows: Floats) -> Shares:
    """(1 - prior) p0 + prior p1.

    by_class: (2, b) shares of legitimate and of fraudulent rows; a class of NaN never had a value,
              and the other one stands for both
    rows:     (2,) behind them

    >>> shares_under(0.5, np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([100.0, 100.0])).rows
    200.0
    """
    is_known = ~np.isnan(by_class).any(axis=1)
    if not is_known.any():
        return Shares(by_class[0], 0.0)
    weights = np.array([1.0 - prior, prior])
    if not is_known.all():
        known = int(np.flatnonzero(is_known)[0])
        return Shares(by_class[known], float(rows[known]))
    counted = weights > 0.0
    variance = float((weights[counted] ** 2 / np.maximum(rows[counted], 1e-9)).sum())
    return Shares(weights @ by_class, 1.0 / variance)


def observed_shares(counts: NDArray[np.int64]) -> Floats:
    """Counts (b,) as shares; NaN where nothing was counted."""
    total = int(counts.sum())
    return counts / total if total else np.full(len(counts), np.nan)
