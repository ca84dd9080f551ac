"""Another model in service: what the healer knows, said anew in that model's terms. Pure."""

from dataclasses import dataclass

import numpy as np

from healer.evidence import Floats
from healer.window import FeedbackWindow
from selfheal.model.compiled import compile_model
from selfheal.model.model import Model
from selfheal.model.schema import Schema

_AT_ONCE = 50_000
"""Rows scored at a time, so that a large window needs no memory as large again."""


def recoded(values: Floats, old: Schema, new: Schema) -> Floats:
    """Raw values (n, f) in the codes of a schema whose categories have other levels.

    A level that the new schema does not have becomes unknown; one that was unknown stays so.
    """
    values = values.copy()
    for (column, before), (_, after) in zip(old.categories, new.categories, strict=True):
        codes = np.array([after.code(level) for level in (*before.levels, "")])
        present = ~np.isnan(values[:, column])
        values[present, column] = codes[values[present, column].astype(np.int64)]
    return values


def rescore(window: FeedbackWindow, model: Model, rows: int, before: int) -> None:
    """Give the newest rows that another model scored, before this epoch, the scores of this one.

    What the other one thought of them says nothing of this one; their values and labels do.
    """
    compiled = compile_model(model)
    for first in range(0, min(rows, window.rows), _AT_ONCE):
        count = min(_AT_ONCE, rows - first)
        window.rescore(first, count, before, lambda values: compiled.score(values).shadow_score)


def served_by_others_ms(window: FeedbackWindow, since: int) -> int:
    """Event time after the last row that another model served, before this epoch; 0 for none.

    A retrained model's regime begins there: rows from before need not look like its reference.
    """
    if not since:
        return 0
    rows = window.newest(window.rows)
    return int(rows.event_ms[rows.epoch < since].max(initial=-1)) + 1


@dataclass(slots=True)
class Succession:
    """Since when the model serves, and which rows still bear another model's scores.

    since: epoch of the pointer that put it into service; 0 where no other is known
    """

    since: int = 0
    _first: int | None = None

    def meet(self, epoch: int, window: FeedbackWindow) -> None:
        """The next sample of the window was served by a pointer of this epoch."""
        if epoch < self.since and self._first is None:
            self._first = window.samples_seen

    def settle(self, window: FeedbackWindow, model: Model) -> None:
        """Let every row have scores of this model; cheap where none came since the last time."""
        if self._first is not None:
            rescore(window, model, window.samples_seen - self._first, self.since)
            self._first = None


def succeeded(window: FeedbackWindow, old: Model, new: Model, since: int) -> Succession:
    """Put all that the window holds into the terms of a model that serves from this epoch on."""
    if old.schema.categories != new.schema.categories:
        window.recode(lambda values: recoded(values, old.schema, new.schema))
    rescore(window, new, window.rows, since)
    return Succession(since)
