"""A file that may be larger than memory, some rows at a time, as a known schema reads it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from producer.batches import EventClock
from producer.columns import Column, labels, time_unit, times
from producer.errors import SourceError
from producer.files import File
from producer.inference import coded
from producer.rows import Floats, Integers
from producer.tables import ColumnRoles, named_or_usual, row_ids
from selfheal.model.schema import Schema, TimeUnit

FILE_CLOCK = EventClock(start_ms=0, rate_per_s=1_500.0)
"""When rows happened, where a file has no times."""


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Consecutive rows of a file.

    first_row: place of the first one in the file, from 0
    ids:       n texts; "row-<n>" where the file has none
    event_ms:  (n,) int64 Unix milliseconds
    values:    (n, f) float64, raw values of the schema
    """

    first_row: int
    ids: list[str]
    event_ms: Integers
    values: Floats

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def row(self) -> Integers:
        """(n,) the places of the rows in the file."""
        return np.arange(self.first_row, self.first_row + len(self))

    def part(self, first: int, last: int) -> "Stretch":
        """Those from `first` to before `last`, counted within the stretch."""
        chosen = slice(first, last)
        return Stretch(
            self.first_row + first, self.ids[chosen], self.event_ms[chosen], self.values[chosen]
        )


def read_labels(file: File, column: str) -> NDArray[np.int8]:
    """(n,) int8 of the cut file: 0, 1, or -1 where missing; one byte a row stays in memory.

    Raises SourceError for a column that is missing or holds anything else, and for no rows.
    """
    parts = [labels(part[column]) for part in file.parts([column])]
    if not parts or not sum(map(len, parts)):
        raise SourceError(f"{file.path}: has a header and no rows")
    return np.concatenate(parts)


def stretches(
    file: File, roles: ColumnRoles, schema: Schema, first_row: int = 0
) -> Iterator[Stretch]:
    """The rows from `first_row` on, in order; a CSV file must be read up to it.

    Raises SourceError for a feature that is no column, for values that are not what their column
    holds, and for a file that breaks off.
    """
    id_column, time_column = named_or_usual(file, roles, schema)
    single = [name for name in (id_column, time_column) if name]
    unit: TimeUnit | None = schema.fields.time_unit if schema.fields.time == time_column else None
    for part in file.parts(dict.fromkeys([*single, *schema.names])):
        cut = {name: column.since(first_row) for name, column in part.items()}
        if not len(next(iter(cut.values()))):
            continue
        if time_column and unit is None:
            unit = time_unit(cut[time_column])  # of the first rows, for all of them alike
        yield _stretch(cut, schema, id_column, time_column, unit)


def recut(parts: Iterable[Stretch], rows: int) -> Iterator[Stretch]:
    """The same rows in stretches of `rows` (> 0) each, the last one shorter."""
    rest: Stretch | None = None
    for part in parts:
        left = part if rest is None else _joined(rest, part)
        whole = len(left) - len(left) % rows
        yield from (left.part(first, first + rows) for first in range(0, whole, rows))
        rest = left.part(whole, len(left))
    if rest is not None and len(rest):
        yield rest


def _joined(one: Stretch, other: Stretch) -> Stretch:
    return Stretch(
        first_row=one.first_row,
        ids=one.ids + other.ids,
        event_ms=np.concatenate([one.event_ms, other.event_ms]),
        values=np.concatenate([one.values, other.values]),
    )


def _stretch(
    part: Mapping[str, Column],
    schema: Schema,
    id_column: str | None,
    time_column: str | None,
    unit: TimeUnit | None,
) -> Stretch:
    first = next(iter(part.values()))
    row = np.arange(first.first_row, first.first_row + len(first))
    return Stretch(
        first_row=first.first_row,
        ids=row_ids(part[id_column] if id_column else None, first.first_row, len(first)),
        event_ms=times(part[time_column], unit) if time_column else FILE_CLOCK.of(row),
        values=np.column_stack([coded(part[f.name], f) for f in schema.features]),
    )
