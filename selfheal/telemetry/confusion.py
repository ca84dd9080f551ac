"""Right and wrong decisions, counted batch by batch, and the ratios that follow from them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Ratios = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Confusion:
    """Counts of labelled rows for each of b batches, each (b,); the positive class is fraud."""

    tp: Counts
    fp: Counts
    fn: Counts
    tn: Counts

    @classmethod
    def count(
        cls, labels: NDArray[np.float64], decisions: NDArray[np.bool_], batches: Counts, b: int
    ) -> Self:
        """Count rows by batch.

        labels (n,): 1, 0, or NaN, which counts nowhere; decisions (n,): true says fraud;
        batches (n,): the batch of each row, in 0..b-1
        """
        is_fraud, is_legitimate = labels == 1, labels == 0

        def rows(chosen: NDArray[np.bool_]) -> Counts:
            return np.bincount(batches[chosen], minlength=b).astype(np.int64)

        return cls(
            tp=rows(is_fraud & decisions),
            fp=rows(is_legitimate & decisions),
            fn=rows(is_fraud & ~decisions),
            tn=rows(is_legitimate & ~decisions),
        )

    def rolling(self, window: int, breaks: Sequence[int] = ()) -> Self:
        """Summed over the batch and up to `window - 1` before it, never back over a break.

        breaks: batches at which something changed, so that the sums begin anew there
        """
        return type(self)(
            *(rolling_sum(getattr(self, part.name), window, breaks) for part in fields(self))
        )

    @property
    def labelled(self) -> Counts:
        """Rows whose label is known."""
        return self.tp + self.fp + self.fn + self.tn

    @property
    def accuracy(self) -> Ratios:
        """Share of right decisions; NaN without a label."""
        return _ratio(self.tp + self.tn, self.labelled)

    @property
    def precision(self) -> Ratios:
        """Share of frauds among the decisions that say so; NaN where none says so."""
        return _ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> Ratios:
        """Share of the frauds that are found; NaN without a fraud."""
        return _ratio(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> Ratios:
        """Harmonic mean of precision and recall; NaN without a fraud, real or called."""
        return _ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)


def _ratio(part: Counts, whole: Counts) -> Ratios:
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)


def rolling_sum(counts: Counts, window: int, breaks: Sequence[int] = ()) -> Counts:
    """Sums (b,) over the last `window` of counts (b,), or as many as there are since a break.

    >>> rolling_sum(np.array([1, 1, 1, 1, 1]), 3, breaks=[3]).tolist()
    [1, 2, 3, 1, 2]
    """
    sums = np.cumsum(np.concatenate([[0], counts]))
    ends = np.arange(1, counts.size + 1)
    latest_break = np.zeros(counts.size, dtype=np.int64)
    latest_break[list(breaks)] = list(breaks)
    begins = np.maximum(ends - window, np.maximum.accumulate(latest_break))
    return sums[ends] - sums[begins]
