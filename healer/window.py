"""Joins labels to samples by id, in either order, in a fixed number of rows.

The oldest row makes room for the newest. Contradictory labels: the one that became known last
holds, as a chargeback that is reversed does; an exact repetition changes nothing.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from healer.evidence import NO_LABEL, Floats, Integers, Rows, no_rows
from selfheal.records.feedback import Conflict, Label, Sample

Waiting = TypeVar("Waiting")


@dataclass(frozen=True, slots=True, eq=False)
class ScoredRows:
    """Scored transactions, one entry each: what samples and conflicts tell of them, as arrays.

    ids:      n transaction ids
    event_ms: (n,) int64, when the transaction happened
    values:   (n, f) float64 raw values in schema order, NaN where missing
    score, shadow_score: (n,) float64 P(fraud), as served and of the backbone alone
    epoch:    (n,) int64, of the pointer that served
    weight:   (n,) float64, inverse of the inclusion probability, >= 1
    conflict: (n,) bool, known to be a conflict already
    """

    ids: Sequence[str]
    event_ms: Integers
    values: Floats
    score: Floats
    shadow_score: Floats
    epoch: Integers
    weight: Floats
    conflict: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.ids)


_TOLD = tuple(field.name for field in fields(ScoredRows) if field.name != "ids")
"""The columns of a window that scored rows tell."""


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
        self._joined = np.zeros(capacity, dtype=np.int64)
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
        told = {
            "event_ms": sample.event_ms,
            "values": values,
            "score": sample.score,
            "shadow_score": sample.shadow_score,
            "epoch": sample.epoch,
            "weight": 1.0 / sample.inclusion_probability,
            "conflict": False,
        }
        order = self.samples_seen
        slot = order % self._capacity
        self._claimed([sample.id])
        self._write(slot, order, told)
        self._catch_up(sample.id, slot)

    def add_rows(self, rows: ScoredRows) -> None:
        """Take in many samples at once: the same window as one by one, in a tenth of the time."""
        for first in range(0, len(rows), self._capacity):  # so that no row makes room for another
            self._add_part(rows, first, min(first + self._capacity, len(rows)))

    def _add_part(self, rows: ScoredRows, first: int, last: int) -> None:
        """As `add_rows`, for as many rows as there is room for."""
        order = self.samples_seen
        ids = rows.ids[first:last]
        new = self._claimed(ids)
        if not new:
            return
        places = np.array(new) + first
        orders = np.arange(order, self.samples_seen)
        slots = orders % self._capacity
        self._write(slots, orders, {name: getattr(rows, name)[places] for name in _TOLD})
        if self._waiting_labels or self._waiting_conflicts:
            for place, slot in zip(new, slots.tolist(), strict=True):
                self._catch_up(ids[place], slot)

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

    def recode(self, recoded: Callable[[Floats], Floats]) -> None:
        """Put other values (n, f) in the place of those of all rows."""
        self._columns["values"][: self.rows] = recoded(self._columns["values"][: self.rows])

    def rescore(
        self, skipped: int, rows: int, before: int, score: Callable[[Floats], Floats]
    ) -> None:
        """Let rows that pointers before this epoch served have the score (n,) of their values.

        skipped: newest rows to be left as they are; rows: the next ones, as many as there are
        Both scores of such a row become this one, and it is no conflict any more.
        """
        newest = self.samples_seen - skipped
        oldest = max(newest - rows, self.samples_seen - self.rows)
        slots = np.arange(oldest, newest) % self._capacity
        slots = slots[self._columns["epoch"][slots] < before]
        scores = score(self._columns["values"][slots])
        for name in ("score", "shadow_score"):
            self._columns[name][slots] = scores
        self._columns["conflict"][slots] = False

    def newest(self, rows: int) -> Rows:
        """The newest so many samples, labelled or not, in the order in which they came."""
        count = min(rows, self.rows)
        first = (self.samples_seen - count) % self._capacity
        if first + count > self._capacity:  # around the end
            return self._rows(np.arange(first, first + count) % self._capacity)
        stretch = slice(first, first + count)  # a third of the time that picking rows takes
        return Rows(**{name: column[stretch].copy() for name, column in self._columns.items()})

    def joined(self, first: int, rows: int | None = None) -> Rows:
        """Labelled rows in the order in which they were joined, from the `first`-th on.

        Rows that have made room since are left out.
        """
        last = self.labels_joined if rows is None else min(first + rows, self.labels_joined)
        places = np.arange(max(first, self.labels_joined - self._capacity), last)
        orders = self._joined[places % self._capacity]
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

    def _claimed(self, ids: Sequence[str]) -> list[int]:
        """Places of the ids that are new: each takes the next slot, and the oldest makes room."""
        slots, kept, capacity = self._slots, self._ids, self._capacity
        new: list[int] = []
        for place, id_ in enumerate(ids):
            if id_ in slots:
                continue
            slot = (self.samples_seen + len(new)) % capacity
            old = kept[slot]
            if old is not None:
                del slots[old]
            kept[slot] = id_
            slots[id_] = slot
            new.append(place)
        self.samples_seen += len(new)
        return new

    def _write(
        self, slot: int | Integers, order: int | Integers, told: Mapping[str, object]
    ) -> None:
        """What is told of one row, or of as many as there are slots; nothing is labelled yet."""
        columns = self._columns
        columns["order"][slot] = order
        for name, values in told.items():
            columns[name][slot] = values
        columns["label"][slot] = NO_LABEL
        columns["labelled_ms"][slot] = 0

    def _catch_up(self, id_: str, slot: int) -> None:
        """Join what came before the sample."""
        if id_ in self._waiting_conflicts:
            del self._waiting_conflicts[id_]
            self._columns["conflict"][slot] = True
        if (label := self._waiting_labels.pop(id_, None)) is not None:
            self._join(slot, label)

    def _join(self, slot: int, label: Label) -> None:
        columns = self._columns
        known = float(columns["label"][slot])
        if np.isnan(known):
            self._joined[self.labels_joined % self._capacity] = columns["order"][slot]
            self.labels_joined += 1
        else:
            self.labels_unused["duplicate" if known == label.label else "contradiction"] += 1
            if label.labelled_ms < columns["labelled_ms"][slot]:
                return
        columns["label"][slot] = label.label
        columns["labelled_ms"][slot] = label.labelled_ms

    def _is_newer_than_waiting(self, label: Label) -> bool:
        return label.labelled_ms >= self._waiting_labels[label.id].labelled_ms

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
