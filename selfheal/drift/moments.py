"""Count, mean, squared deviation and extremes of columns, exact under merging.

Source: Chan, Golub, LeVeque 1979, "Updating formulae and a pairwise algorithm for computing sample
variances".
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LARGEST = 1e150
"""The square of a larger value would leave the range of float64, and take all moments with it."""


@dataclass(frozen=True, slots=True, eq=False)
class ColumnMoments:
    """Moments of k columns, missing values left out.

    count:             (k,) int64
    mean:              (k,) float64, 0 where nothing was counted
    squared_deviation: (k,) float64, summed squared distance from the mean
    lowest, highest:   (k,) float64, nan where nothing was counted
    """

    count: NDArray[np.int64]
    mean: NDArray[np.float64]
    squared_deviation: NDArray[np.float64]
    lowest: NDArray[np.float64]
    highest: NDArray[np.float64]

    @staticmethod
    def empty(columns: int) -> "ColumnMoments":
        """Moments of nothing."""
        zeros, none = np.zeros(columns), np.full(columns, np.nan)
        return ColumnMoments(np.zeros(columns, dtype=np.int64), zeros, zeros, none, none)

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
            lowest=np.fmin(self.lowest, other.lowest),
            highest=np.fmax(self.highest, other.highest),
        )

    @property
    def sd(self) -> NDArray[np.float64]:
        """(k,) standard deviation with n - 1, nan below two values."""
        freedom = np.where(self.count > 1, self.count - 1.0, np.nan)
        return np.sqrt(self.squared_deviation / freedom)


def moments(values: NDArray[np.float64]) -> ColumnMoments:
    """Moments of the columns of (n, k) values; NaN is missing, and so is what is beyond LARGEST.

    No rows give empty moments.

    >>> moments(np.array([[1.0], [3.0], [np.nan]])).mean
    array([2.])
    """
    if not len(values):
        return ColumnMoments.empty(values.shape[1])
    columns = np.ascontiguousarray(values.T)  # (k, n): sums along rows in memory are twice as fast
    known = np.abs(columns) < LARGEST  # NaN is not
    count = known.sum(axis=1)
    is_whole = bool(known.all())
    filled = columns if is_whole else np.where(known, columns, 0.0)
    mean = filled.sum(axis=1) / np.maximum(count, 1)
    distance = columns - mean[:, None]
    if not is_whole:
        distance = np.where(known, distance, 0.0)
    return ColumnMoments(
        count=count.astype(np.int64),
        mean=mean,
        squared_deviation=np.einsum("ij,ij->i", distance, distance),
        lowest=-_highest(-columns, known, is_whole=is_whole),
        highest=_highest(columns, known, is_whole=is_whole),
    )


def _highest(
    columns: NDArray[np.float64], known: NDArray[np.bool_], *, is_whole: bool
) -> NDArray[np.float64]:
    """(k,) largest known values of (k, n) columns; nan where there is none."""
    if is_whole:
        return columns.max(axis=1)
    highest = np.where(known, columns, -np.inf).max(axis=1)
    return np.where(np.isfinite(highest), highest, np.nan)
