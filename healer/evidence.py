"""What the healer knows of scored transactions, as arrays."""

from dataclasses import dataclass, fields
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

NO_LABEL = np.nan


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Scored transactions, one entry each; labels that are not known yet are NaN.

    order:        (n,) int64, when the row became known to the healer, counted from 0
    event_ms:     (n,) int64, when the transaction happened
    values:       (n, f) float64 raw values in schema order, NaN where missing
    score:        (n,) float64 P(fraud), as it was served
    shadow_score: (n,) float64 P(fraud) of the backbone alone
    epoch:        (n,) int64, of the pointer that served
    weight:       (n,) float64, inverse of the inclusion probability, >= 1
    conflict:     (n,) bool, a rule called it fraud and the score did not
    label:        (n,) float64, 1 fraud, 0 legitimate, NaN not known
    labelled_ms:  (n,) int64, when the label became known; 0 where there is none
    """

    order: Integers
    event_ms: Integers
    values: Floats
    score: Floats
    shadow_score: Floats
    epoch: Integers
    weight: Floats
    conflict: NDArray[np.bool_]
    label: Floats
    labelled_ms: Integers

    def __len__(self) -> int:
        return len(self.order)

    def part(self, chosen: slice | Integers | NDArray[np.bool_]) -> "Rows":
        """The chosen rows alone."""
        return Rows(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def newest(self, rows: int) -> "Rows":
        """The last so many; all where there are fewer."""
        return self.part(slice(max(0, len(self) - rows), None))

    def in_event_order(self) -> "Rows":
        """The same rows, the oldest transaction first; ties as they became known."""
        is_sorted = bool((self.event_ms[1:] >= self.event_ms[:-1]).all())
        if is_sorted and bool((self.order[1:] > self.order[:-1]).all()):
            return self
        return self.part(np.lexsort((self.order, self.event_ms)))

    def since(self, event_ms: int) -> "Rows":
        """Rows whose transaction happened at this time or later."""
        return self.part(self.event_ms >= event_ms)


def no_rows(features: int) -> Rows:
    """Rows of nothing, for schemas of so many features."""
    whole, real = np.zeros(0, dtype=np.int64), np.zeros(0)
    return Rows(
        order=whole,
        event_ms=whole,
        values=np.zeros((0, features)),
        score=real,
        shadow_score=real,
        epoch=whole,
        weight=real,
        conflict=np.zeros(0, dtype=np.bool_),
        label=real,
        labelled_ms=whole,
    )
