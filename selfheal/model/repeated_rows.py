"""Rows that are there more than once: drawn again from a small pool, or alike by nature?

A stream that is replayed from a thousand rows, or a training set that was oversampled, knows less
than its length says: what a row tells twice, it tells once. Where every feature has few values,
rows are alike by nature, and each of them counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

_FINE = 0.05
"""Distinct values a row, from which a feature tells rows apart."""

_SMALLEST_POOL = 100
"""Distinct rows; fewer are kinds of rows, and no pool that somebody draws from."""

_SINGLE = 0.25
"""Share of the distinct rows that came once: of kinds of rows there are always rare ones."""

_OF_ALL_KINDS = 0.1
"""Share of the combinations of values that came: kinds fill these, a pool cannot."""


@dataclass(frozen=True, slots=True, eq=False)
class Repetition:
    """Which rows repeat others. is_new: (n,) bool, true for the newest of those that are alike."""

    is_new: Flags

    def new_shares(self, lengths: Sequence[int]) -> Floats:
        """(lengths,): of so many newest rows, 1 to n, the share that repeats none of them."""
        return np.array([self.is_new[len(self.is_new) - rows :].mean() for rows in lengths])


def repetition(values: Floats) -> Repetition:
    """Of rows (n, f), the newest last; missing values are alike. Nothing repeats by nature."""
    rows = np.nan_to_num(values, nan=np.inf)[::-1]
    _, last, times = np.unique(rows, axis=0, return_index=True, return_counts=True)
    is_new = np.ones(len(rows), dtype=np.bool_)
    if _tells_rows_apart(rows) or _is_pool(rows, times):
        is_new[:] = False
        is_new[last] = True
    return Repetition(is_new[::-1])


def _tells_rows_apart(rows: Floats) -> bool:
    """Whether some feature has so many values that equal rows are one row."""
    return any(len(np.unique(column)) > _FINE * len(column) for column in rows.T)


def _is_pool(rows: Floats, times: NDArray[np.int64]) -> bool:
    """Whether these many distinct rows, each so many times there, are all that there were."""
    if len(times) < _SMALLEST_POOL or np.mean(times == 1) > _SINGLE:
        return False
    log_kinds = sum(np.log(len(np.unique(column))) for column in rows.T)
    return bool(np.log(len(times)) < np.log(_OF_ALL_KINDS) + log_kinds)
