"""Count, mean and squared deviation of columns, exact under merging.

Source: Chan, Golub, LeVeque 1979, "Updating formulae and a pairwise algorithm for computing sample
variances".
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class ColumnMoments:
    """Moments of k columns, missing values left out.

    count:             (k,) int64
    mean:              (k,) float64, 0 where nothing was counted
    squared_deviation: (k,) float64, summed squared distance from the mean
    """

    count: NDArray[np.int64]
    mean: NDArray[np.float64]
    squared_deviation: NDArray[np.float64]

    @staticmethod
    def empty(columns: int) -> "ColumnMoments":
        """Moments of nothing."""
        zeros = np.zeros(columns)
        return ColumnMoments(np.zeros(columns, dtype=np.int64), zeros, zeros)

    def merged(self, other: "ColumnMoments") -> "ColumnMoments":
        """Moments of both sets of rows together."""
        count = self.count + other.count
        share = np.divide(other.count, count, out=np.zeros_like(self.mean), where=count > 0)
        distance = other.mean - self.mean
        return ColumnMoments(
            count=count,
            mean=self.mean + distance * share,
            squared_deviation=self.squared_deviation
            + other.squared_deviation
            + distance**2 * self.count * share,
        )

    @property
    def sd(self) -> NDArray[np.float64]:
        """(k,) standard deviation with n - 1, nan below two values."""
        freedom = np.where(self.count > 1, self.count - 1.0, np.nan)
        return np.sqrt(self.squared_deviation / freedom)


def moments(values: NDArray[np.float64]) -> ColumnMoments:
    """Moments of the columns of (n, k) values; NaN is missing. No rows give empty moments.

    >>> moments(np.array([[1.0], [3.0], [np.nan]])).mean
    array([2.])
    """
    known = np.isfinite(values)
    count = known.sum(axis=0)
    filled = np.where(known, values, 0.0)
    mean = filled.sum(axis=0) / np.maximum(count, 1)
    squared = (np.where(known, values - mean, 0.0) ** 2).sum(axis=0)
    return ColumnMoments(count.astype(np.int64), mean, squared)
