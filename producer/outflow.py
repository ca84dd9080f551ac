"""What goes out: each batch of transactions, and the labels that fall due with it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from producer.answers import SOURCE, Answers
from producer.batches import Batch
from producer.labels import DueLabel, Labeller, PendingLabels
from producer.plan import Plan
from producer.transactions import encode_label, encode_transactions
from selfheal.model.schema import Fields


@dataclass(frozen=True, slots=True)
class Outgoings:
    """Keys and values to write: of `transactions`, then of `feedback`."""

    transactions: list[tuple[bytes, bytes]]
    labels: list[tuple[bytes, bytes]]


class Outflow:
    """Follows a stream in order and says what is sent; the same however the stream is cut up.

    A label goes out with the transactions that pass its due row or time. Labels that are due after
    the end of the stream never go out: they are not known yet then.

    answers: of analysts who are asked for labels; None where nobody answers
    """

    def __init__(self, fields: Fields, labeller: Labeller, answers: Answers | None = None) -> None:
        self._fields = fields
        self._labeller = labeller
        self._answers = answers
        self._pending = PendingLabels()
        self._latest_ms = 0

    def pass_by(self, batch: Batch) -> None:
        """Take note of transactions that went out before, in a run that ended: nothing is sent."""
        self._due(batch)
        self._answered(batch)

    def ask(self, ids: Iterable[str]) -> None:
        """Somebody wants the labels of these transactions. Nothing happens where nobody answers."""
        if self._answers is not None:
            self._answers.ask(ids)

    def send(self, batch: Batch) -> Outgoings:
        """What the next transactions bring. They must follow those before without a gap."""
        keys = [transaction.encode() for transaction in batch.ids]
        values = encode_transactions(batch, self._fields)
        labels = [(label.id.encode(), self._said(label, batch)) for label in self._due(batch)]
        labels += [(label.id.encode(), _answer(label, batch)) for label in self._answered(batch)]
        return Outgoings(list(zip(keys, values, strict=True)), labels)

    def _due(self, batch: Batch) -> list[DueLabel]:
        given = self._labeller.give(batch, batch.row, batch.event_ms)
        positions: list[int] = given.position.tolist()
        places = zip(given.due.tolist(), positions, given.labels.tolist(), strict=True)
        self._pending.add(
            [DueLabel(due, batch.first_row + i, batch.ids[i], label) for due, i, label in places]
        )
        self._latest_ms = max(self._latest_ms, int(np.max(batch.event_ms, initial=0)))
        in_rows = self._labeller.policy.clock == "rows"
        return self._pending.take(batch.first_row + len(batch) if in_rows else self._latest_ms + 1)

    def _answered(self, batch: Batch) -> list[DueLabel]:
        if self._answers is None:
            return []
        self._answers.pass_by(batch)
        return self._answers.take(batch.first_row + len(batch))

    def _said(self, label: DueLabel, batch: Batch) -> bytes:
        policy = self._labeller.policy
        in_rows = policy.clock == "rows"
        labelled_ms = int(batch.event_ms[label.due - batch.first_row]) if in_rows else label.due
        return encode_label(label.id, label.label, labelled_ms, policy.source)


def _answer(label: DueLabel, batch: Batch) -> bytes:
    """An answer as it is written. Its row may have been sent just before."""
    place = max(label.due - batch.first_row, 0)
    return encode_label(label.id, label.label, int(batch.event_ms[place]), SOURCE)


def to_send(plan: Plan, outflow: Outflow) -> Iterator[Batch]:
    """The plan's batches from its first row to its end; `outflow` takes note of those before."""
    for batch in plan.batches(plan.back_row):
        before = min(max(plan.first_row - batch.first_row, 0), len(batch))
        if before:
            outflow.pass_by(batch.part(0, before))
        rows_left = len(batch) if plan.end_row is None else plan.end_row - batch.first_row
        end = min(rows_left, len(batch))
        if end > before:
            yield batch.part(before, end)
        if rows_left <= len(batch) and plan.end_row is not None:
            return
