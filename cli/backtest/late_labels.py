"""Labels on their way: some rows get one, each a fixed number of rows after its own."""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from producer.delays import ConstantDelay
from producer.labels import Labeller, LabelPolicy
from producer.rows import Floats, Integers, Rows
from producer.stretches import Stretch


@dataclass(frozen=True, slots=True, eq=False)
class RowLabels:
    """Labels of some rows, in the order of the rows.

    row:    (m,) int64, places in the file
    label:  (m,) int8, 0 or 1
    values: (m, f) float64 raw values, for those who learn from them
    """

    row: Integers
    label: NDArray[np.int8]
    values: Floats

    def __len__(self) -> int:
        return len(self.row)

    def part(self, chosen: slice) -> "RowLabels":
        """The chosen ones alone."""
        return RowLabels(self.row[chosen], self.label[chosen], self.values[chosen])


class LateLabels:
    """Which rows get a label, and from when on it is known.

    delay_rows: the label of row r is known once row r + delay_rows has been scored
    coverage:   share of the rows that get one, in [0, 1], drawn by a keyed hash of the row
    Raises LabelError for a coverage or a delay out of range.
    """

    def __init__(self, delay_rows: int, coverage: float, seed: int) -> None:
        policy = LabelPolicy(coverage=coverage, delay=ConstantDelay(delay_rows))
        self._labeller = Labeller(policy, seed)
        self._delay_rows = delay_rows
        self._waiting: deque[RowLabels] = deque()

    def expect(self, rows: Stretch, labels: NDArray[np.int8]) -> None:
        """Rows that were seen, in order. labels: (n,) what will be said; -1 is never said."""
        truth = Rows(rows.values, labels, np.full(len(rows), np.nan))
        given = self._labeller.give(truth, rows.row, rows.event_ms)
        if len(given.position):
            chosen = given.position
            self._waiting.append(RowLabels(rows.row[chosen], given.labels, rows.values[chosen]))

    def known(self, scored: int) -> list[RowLabels]:
        """Labels that are known now that the rows before `scored` have been scored; they leave."""
        taken: list[RowLabels] = []
        newest = scored - 1 - self._delay_rows
        while self._waiting and self._waiting[0].row[0] <= newest:
            first = self._waiting.popleft()
            until = int(np.searchsorted(first.row, newest, side="right"))
            taken.append(first.part(slice(None, until)))
            if until < len(first):
                self._waiting.appendleft(first.part(slice(until, None)))
        return taken
