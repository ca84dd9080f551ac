"""A file as arrays, with the schema that fits it: what training and backtests read."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from producer.columns import Column, labels, texts, time_unit, times
from producer.errors import SourceError
from producer.files import File, open_file
from producer.inference import LeftOut, coded, infer_features
from producer.rows import UNKNOWN_LABEL, Floats, Integers
from selfheal.model.schema import Fields, Schema


@dataclass(frozen=True, slots=True)
class ColumnRoles:
    """What the columns of a file are for. Those that are named must be there.

    target:      the truth, 0 or 1; None where it is not known
    id, time:    None for the columns that the schema's fields name, "id" and "timestamp" without
                 a schema, where the file has them
    labels:      the labels that learning may see, where they are not the truth
    ignore:      columns that are nothing
    categorical: columns whose numbers are codes of categories
    """

    target: str | None = None
    id: str | None = None
    time: str | None = None
    labels: str | None = None
    ignore: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """Every column that is named here."""
        single = (self.target, self.id, self.time, self.labels)
        return (*(name for name in single if name), *self.ignore, *self.categorical)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The rows of a file, in its order.

    ids:          (n,) text; "row-<n>" where the file has none
    event_ms:     (n,) int64 Unix milliseconds; None where the file has no times
    values:       (n, features) float64, raw values of `schema`
    labels:       (n,) int8, the truth: 0, 1, or -1 where it is not known
    given_labels: (n,) int8, those that learning may see; the same array where none are named
    left_out:     columns that became no feature though nobody said so
    """

    schema: Schema
    ids: list[str]
    event_ms: Integers | None
    values: Floats
    labels: NDArray[np.int8]
    given_labels: NDArray[np.int8]
    left_out: tuple[LeftOut, ...]


def read_table(
    path: str, roles: ColumnRoles, schema: Schema | None = None, rows: int | None = None
) -> Table:
    """The rows of a CSV or Parquet file.

    schema: of a trained model, whose features must then be there; None to infer one
            (`infer_features`)
    rows:   read the first so many alone, for the schema too; None for all
    Raises SourceError for a file that cannot be read or has no rows, for a column that is missing
    or holds what it should not, and where no column is left to be a feature.
    """
    file = open_file(path)
    file.require(roles.named)
    id_column, time_column = named_or_usual(file, roles, schema)
    single = [name for name in (id_column, time_column, roles.target, roles.labels) if name]
    names = schema.names if schema else _others(file, {*single, *roles.ignore})
    columns = file.whole(dict.fromkeys([*single, *names]), rows)
    features = {name: columns[name] for name in names}
    time = columns[time_column] if time_column else None
    if schema is None:
        fields = _fields(roles, id_column, time)
        schema, values, left_out = _inferred(path, features, roles, fields)
    else:
        values = np.column_stack([coded(features[f.name], f) for f in schema.features])
        left_out = ()
    truth = _truth(columns[roles.target] if roles.target else None, len(values))
    return Table(
        schema=schema,
        ids=row_ids(columns[id_column] if id_column else None, 0, len(truth)),
        event_ms=times(time) if time else None,
        values=values,
        labels=truth,
        given_labels=labels(columns[roles.labels]) if roles.labels else truth,
        left_out=left_out,
    )


def named_or_usual(
    file: File, roles: ColumnRoles, schema: Schema | None
) -> tuple[str | None, str | None]:
    """The columns of id and time: those that are named, else the usual ones if they are there.

    A usual one that has another role is none of these.
    """
    usual = schema.fields if schema else Fields()
    free = set(file.columns).difference(roles.named)
    id_column = roles.id or (usual.id if usual.id in free else None)
    return id_column, roles.time or (usual.time if usual.time in free else None)


def row_ids(column: Column | None, first_row: int, count: int) -> list[str]:
    """The ids in a column; "row-<n>" for rows where it holds none, and without a column."""
    known = texts(column) if column else [None] * count
    return [text or f"row-{first_row + i}" for i, text in enumerate(known)]


def _others(file: File, apart: set[str]) -> list[str]:
    return [name for name in file.columns if name not in apart]


def _truth(target: Column | None, count: int) -> NDArray[np.int8]:
    if target is not None:
        return labels(target)
    return np.full(count, UNKNOWN_LABEL, dtype=np.int8)


def _fields(roles: ColumnRoles, id_column: str | None, time: Column | None) -> Fields:
    usual = Fields()
    return Fields(
        id=id_column or usual.id,
        time=time.name if time else usual.time,
        target=roles.target or usual.target,
        time_unit=time_unit(time) if time else usual.time_unit,
    )


def _inferred(
    path: str, columns: dict[str, Column], roles: ColumnRoles, fields: Fields
) -> tuple[Schema, Floats, tuple[LeftOut, ...]]:
    inferred = infer_features(columns, frozenset(roles.categorical))
    if not inferred.features:
        reasons = "; ".join(f"{column.name} {column.why}" for column in inferred.left_out)
        raise SourceError(f"{path}: no column is left to be a feature ({reasons or 'no others'})")
    return Schema(inferred.features, fields), inferred.values, inferred.left_out
