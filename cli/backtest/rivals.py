"""Other ways to score the same rows, with the same labels at the same times."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cli.backtest.late_labels import RowLabels
from producer.rows import Floats
from producer.stretches import Stretch


class Learner(Protocol):
    """A model that learns as labels come."""

    def score(self, values: Floats) -> NDArray[np.float64]:
        """P(fraud) of raw values (n, f): (n,)."""
        ...

    def learn(self, values: Floats, labels: NDArray[np.int8], scored: int) -> None:
        """More labelled rows (m, f), (m,). scored: rows of the stream so far."""
        ...


class Rival:
    """A learner beside the system, and its scores of every row.

    scores: (n,) float64 P(fraud), each given before anything learned from its row
    """

    def __init__(self, learner: Learner, rows: int) -> None:
        self._learner = learner
        self._scored = 0
        self.scores = np.full(rows, np.nan)

    def score(self, rows: Stretch) -> None:
        """Score the next rows."""
        first, self._scored = self._scored, self._scored + len(rows)
        self.scores[first : self._scored] = self._learner.score(rows.values)

    def learn(self, known: Sequence[RowLabels]) -> None:
        """Learn from labels that have become known."""
        for some in known:
            self._learner.learn(some.values, some.label, self._scored)
