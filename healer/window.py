"""Joins labels to samples by id, in either order, in a fixed number of rows.

The oldest row makes room for the newest. Contradictory labels: the one that became known last
holds, as a chargeback that is reversed does; an exact repetition changes nothing.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Sequence
from dataclasses import fields
from itertools import islice
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from healer.evidence import NO_LABEL, Floats, Integers, Rows, no_rows
from selfheal.records.feedback import Conflict, Label, Sample

Waiting = TypeVar("Waiting")


class FeedbackWindow:
    """The newest samples with what became known of them.

    capacity:      rows kept; also the number of labels, and of conflicts, that wait for a sample
    samples_seen:  since the start; labels_joined likewise, rows that got their first label
    labels_unused: since the start, by reason: unknown_id (no sample came while the label could
                   wait), duplicate, contradiction
    """

    def __init__(self, capacity: int, features: int) -> None:
        empty = no_rows(features)
        self._columns: dict[str, NDArray[Any]] = {
            field.name: _column(capacity, getattr(empty, field.name)) for field in fields(Rows)
        }
        self._columns["label"][:] = NO_LABEL
        self._capacity = capacity
        self._ids: list[str | None] = [None] * capacity
        self._slots: dict[str, int] = {}
        self._waiting_labels: OrderedDict[str, Label] = OrderedDict()
        self._waiting_conflicts: OrderedDict[str, None] = OrderedDict()
        self._joined: deque[int] = deque(maxlen=capacity)
        self.samples_seen = 0
        self.labels_joined = 0
        self.labels_unused = Counter[str]()

    @property
    def rows(self) -> int:
        """Samples kept just now."""
        return min(self.samples_seen, self._capacity)

    @property
    def oldest_event_ms(self) -> int | None:
        """Event time of the oldest row kept: labels of older transactions find nothing to join."""
        kept = min(self.samples_seen, self._capacity)
        return int(self._columns["event_ms"][:kept].min()) if kept else None

    def add_sample(self, sample: Sample, values: Sequence[float]) -> None:
        """Take in a sample and its raw values in schema order; a repeated one is left out."""
        if sample.id in self._slots:
            return
        slot = self.samples_seen % self._capacity
        self._forget(slot)
        self._write(slot, sample, values)
        self._ids[slot] = sample.id
        self._slots[sample.id] = slot
        self.samples_seen += 1
        if (label := self._waiting_labels.pop(sample.id, None)) is not None:
            self._join(slot, label)

    def add_conflict(self, conflict: Conflict) -> None:
        """Mark the row as a conflict, now or when its sample comes."""
        slot = self._slots.get(conflict.id)
        if slot is not None:
            self._columns["conflict"][slot] = True
        else:
            _wait(self._waiting_conflicts, conflict.id, None, self._capacity)

    def add_label(self, label: Label) -> None:
        """Join the label to its sample, now or when that comes."""
        slot = self._slots.get(label.id)
        if slot is not None:
            self._join(slot, label)
            return
        if label.id in self._waiting_labels and not self._is_newer_than_waiting(label):
            return
        if _wait(self._waiting_labels, label.id, label, self._capacity):
            self.labels_unused["unknown_id"] += 1

    def newest(self, rows: int) -> Rows:
        """The newest so many samples, labelled or not, in the order in which they came."""
        first = max(0, self.samples_seen - min(rows, self._capacity))
        return self._rows(np.arange(first, self.samples_seen) % self._capacity)

    def joined(self, first: int, rows: int | None = None) -> Rows:
        """Labelled rows in the order in which they were joined, from the `first`-th on.

        Rows that have made room since are left out.
        """
        forgotten = self.labels_joined - len(self._joined)
        start = max(0, first - forgotten)
        stop = None if rows is None else max(0, first + rows - forgotten)
        orders = np.fromiter(islice(self._joined, start, stop), dtype=np.int64)
        return self._rows(orders[orders >= self.samples_seen - self._capacity] % self._capacity)

    def ids(self, rows: Rows) -> list[str]:
        """Transaction ids of rows that this window gave; "" for those that have made room."""
        oldest = self.samples_seen - self._capacity
        slots = (int(order) % self._capacity for order in rows.order)
        found = (self._ids[slot] for slot in slots)
        return [
            (id_ or "") if order >= oldest else ""
            for id_, order in zip(found, rows.order.tolist(), strict=True)
        ]

    def _write(self, slot: int, sample: Sample, values: Sequence[float]) -> None:
        columns = self._columns
        columns["order"][slot] = self.samples_seen
        columns["event_ms"][slot] = sample.event_ms
        columns["values"][slot] = values
        columns["score"][slot] = sample.score
        columns["shadow_score"][slot] = sample.shadow_score
        columns["epoch"][slot] = sample.epoch
        columns["weight"][slot] = 1.0 / sample.inclusion_probability
        columns["conflict"][slot] = sample.id in self._waiting_conflicts
        self._waiting_conflicts.pop(sample.id, None)
        columns["label"][slot] = NO_LABEL
        columns["labelled_ms"][slot] = 0

    def _join(self, slot: int, label: Label) -> None:
        columns = self._columns
        known = float(columns["label"][slot])
        if np.isnan(known):
            self._joined.append(int(columns["order"][slot]))
            self.labels_joined += 1
        else:
            self.labels_unused["duplicate" if known == label.label else "contradiction"] += 1
            if label.labelled_ms < columns["labelled_ms"][slot]:
                return
        columns["label"][slot] = label.label
        columns["labelled_ms"][slot] = label.labelled_ms

    def _is_newer_than_waiting(self, label: Label) -> bool:
        return label.labelled_ms >= self._waiting_labels[label.id].labelled_ms

    def _forget(self, slot: int) -> None:
        old = self._ids[slot]
        if old is not None:
            del self._slots[old]

    def _rows(self, slots: Integers) -> Rows:
        return Rows(**{name: column[slots] for name, column in self._columns.items()})


def _column(capacity: int, like: Floats | Integers | NDArray[np.bool_]) -> NDArray[Any]:
    return np.zeros((capacity, *like.shape[1:]), dtype=like.dtype)


def _wait(waiting: OrderedDict[str, Waiting], key: str, value: Waiting, capacity: int) -> bool:
    """Keep it until its sample comes; true where the oldest had to give way."""
    waiting[key] = value
    waiting.move_to_end(key)
    is_full = len(waiting) > capacity
    if is_full:
        waiting.popitem(last=False)
    return is_full
