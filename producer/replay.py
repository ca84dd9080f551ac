"""A file's rows as transactions, in its order, with drift laid over its columns if wanted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from producer.batches import Batch, EventClock
from producer.columns import Column, is_numeric, labels, numbers, texts, times
from producer.errors import SourceError
from producer.files import File
from producer.rows import UNKNOWN_LABEL, Integers
from producer.tables import ColumnRoles, named_or_usual, row_ids
from selfheal.model.schema import Fields, Numeric, Schema


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """From row `first_row` on a numeric column's x becomes scale·x + shift."""

    column: str
    first_row: int
    scale: float = 1.0
    shift: float = 0.0


@dataclass(frozen=True, slots=True)
class Replay:
    """What of a file is sent, and how.

    roles:  what its columns are for; the target is never sent
    schema: of the model that will score; None to send every column that has no other role, as
            numbers where its first rows are numbers
    clock:  of rows, where the file has no times
    drifts: laid over the file, in this order
    Raises SourceError for columns that are missing, and for a drift of one that is not sent.
    """

    file: File
    roles: ColumnRoles
    schema: Schema | None
    clock: EventClock
    drifts: tuple[ColumnDrift, ...] = ()

    def __post_init__(self) -> None:
        self.file.require((*self.roles.named, *self.feature_names))
        for drift in self.drifts:
            if drift.column not in self.feature_names:
                raise SourceError(
                    f'{self.file.path}: drift of column "{drift.column}", which is not sent; '
                    f"there are {', '.join(self.feature_names)}"
                )

    @property
    def fields(self) -> Fields:
        """What the fields around the features are called on the wire."""
        if self.schema is not None:
            return self.schema.fields
        usual = Fields()
        id_column, time_column = named_or_usual(self.file, self.roles, None)
        return Fields(id=id_column or usual.id, time=time_column or usual.time)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns that are sent as features."""
        if self.schema is not None:
            return self.schema.names
        single = named_or_usual(self.file, self.roles, None)
        apart = {*single, self.roles.target, self.roles.labels, *self.roles.ignore, ""}
        return tuple(name for name in self.file.columns if name not in apart)

    def batches(self, first_row: int = 0) -> Iterator[Batch]:
        """The file from row `first_row` on, which a CSV file must be read up to.

        Raises SourceError for values that are not what their column holds, for a file that breaks
        off, and for one without rows.
        """
        id_column, time_column = named_or_usual(self.file, self.roles, self.schema)
        single = [name for name in (id_column, time_column, self.roles.target) if name]
        numeric: frozenset[str] | None = None
        for part in self.file.parts(dict.fromkeys([*single, *self.feature_names])):
            numeric = self._numeric(part) if numeric is None else numeric
            batch = self._batch(part, numeric, id_column, time_column)
            if batch.first_row + len(batch) > first_row:
                yield batch.part(max(first_row - batch.first_row, 0), len(batch))
        if numeric is None:
            raise SourceError(f"{self.file.path}: has a header and no rows")

    def _numeric(self, part: Mapping[str, Column]) -> frozenset[str]:
        """The features that are numbers, by the schema or by the first rows."""
        if self.schema is not None:
            return frozenset(f.name for f in self.schema.features if isinstance(f, Numeric))
        return frozenset(
            name
            for name in self.feature_names
            if name not in self.roles.categorical and is_numeric(part[name])
        )

    def _batch(
        self,
        part: Mapping[str, Column],
        numeric: frozenset[str],
        id_column: str | None,
        time_column: str | None,
    ) -> Batch:
        first = next(iter(part.values()))
        row = np.arange(first.first_row, first.first_row + len(first))
        unknown = np.full(len(row), UNKNOWN_LABEL, dtype=np.int8)
        target = self.roles.target
        return Batch(
            first_row=first.first_row,
            ids=row_ids(part[id_column] if id_column else None, first.first_row, len(row)),
            event_ms=times(part[time_column]) if time_column else self.clock.of(row),
            columns={name: self._sent(part[name], row, numeric) for name in self.feature_names},
            labels=labels(part[target]) if target else unknown,
            probabilities=np.full(len(row), np.nan),
        )

    def _sent(self, column: Column, row: Integers, numeric: frozenset[str]) -> list[Any]:
        drifts = [drift for drift in self.drifts if drift.column == column.name]
        if column.name not in numeric:
            if drifts:
                raise SourceError(f'{column.file}: drift of column "{column.name}", which is text')
            return texts(column)
        values = numbers(column)
        for drift in drifts:
            moved = drift.scale * values + drift.shift
            values = np.where(row >= drift.first_row, moved, values)
        return values.tolist()
