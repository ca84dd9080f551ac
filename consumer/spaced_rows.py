"""A few hundred rows out of any number, evenly spaced, in a memory of fixed size."""

import numpy as np

from consumer.decoding import Floats


class SpacedRows:
    """Keeps every s-th row; s doubles whenever more than `limit` are kept.

    >>> spaced = SpacedRows(limit=4, columns=1)
    >>> for first in range(0, 20, 5):
    ...     spaced.add(np.arange(first, first + 5.0).reshape(-1, 1))
    >>> spaced.rows.ravel().tolist()
    [0.0, 8.0, 16.0]
    """

    def __init__(self, limit: int, columns: int) -> None:
        self._limit = limit
        self._stride, self._seen, self._kept = 1, 0, 0
        self._parts: list[Floats] = [np.empty((0, columns))]

    def add(self, values: Floats) -> None:
        """Take in rows (n, columns), which are copied."""
        chosen = values[-self._seen % self._stride :: self._stride]
        self._parts.append(chosen.copy())
        self._seen += len(values)
        self._kept += len(chosen)
        while self._kept > self._limit:
            thinned = self.rows[::2].copy()
            self._parts, self._kept = [thinned], len(thinned)
            self._stride *= 2

    @property
    def rows(self) -> Floats:
        """The rows kept, (at most limit, columns), in the order in which they came."""
        return np.concatenate(self._parts)
