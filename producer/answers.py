"""Analysts who answer requests for labels: the truth, some rows after they are asked.

As a fraud team does with a list: one after the other, and as wrong as its other labels are.
"""

from collections.abc import Iterable
from itertools import islice

import numpy as np

from producer.batches import Batch
from producer.delays import ExponentialDelay
from producer.labels import DueLabel, Labeller, PendingLabels
from producer.lots import draw_lots
from producer.rows import UNKNOWN_LABEL

SOURCE = "analysts"

REMEMBERED_ROWS = 100_000
"""Newest transactions that can be asked about."""

_LONGEST = 10
"""No answer takes more times the mean."""


class Answers:
    """Knows the newest transactions by id, and whose label is asked for.

    mean_rows: between a request and its answer, exponentially distributed, > 0; else LabelError
    """

    def __init__(self, labeller: Labeller, mean_rows: float) -> None:
        self._labeller = labeller
        self._delay = ExponentialDelay(mean_rows, round(_LONGEST * mean_rows))
        self._known: dict[str, tuple[int, int]] = {}
        self._pending = PendingLabels()
        self._row = 0

    def pass_by(self, batch: Batch) -> None:
        """Take note of transactions: they can be asked about from now on."""
        said = self._labeller.said(batch.labels, batch.row).tolist()
        rows = zip(batch.ids, batch.row.tolist(), said, strict=True)
        self._known |= {id_: (row, label) for id_, row, label in rows if label != UNKNOWN_LABEL}
        surplus = max(0, len(self._known) - REMEMBERED_ROWS)
        for id_ in list(islice(self._known, surplus)):
            del self._known[id_]
        self._row = batch.first_row + len(batch)

    def ask(self, ids: Iterable[str]) -> None:
        """Ask about transactions; those that are not known, or were asked about, have no answer."""
        found = [(id_, *self._known.pop(id_)) for id_ in ids if id_ in self._known]
        row = np.array([row for _, row, _ in found], dtype=np.int64)
        wait = self._delay.of(draw_lots(self._labeller.seed, "answer", row)).tolist()
        self._pending.add(
            [
                DueLabel(self._row + rows, place, id_, label)
                for (id_, place, label), rows in zip(found, wait, strict=True)
            ]
        )

    def take(self, until: int) -> list[DueLabel]:
        """Answers that are given before row `until` is sent; they leave."""
        return self._pending.take(until)
