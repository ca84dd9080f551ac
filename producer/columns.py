# pyright: standard, reportAttributeAccessIssue=false
# (pyarrow ships no types, and makes some of its functions at run time)
"""Columns of a file as numbers, texts, times and labels, with errors that name column and row.

Rows are counted from 0 in the file, its header left out. Errors never carry a value.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from producer.errors import SourceError
from producer.rows import UNKNOWN_LABEL, Floats, Integers
from selfheal.model.schema import TimeUnit

MISSING_NUMBERS = (
    *("", "?", "-", "#N/A", "#NA", "N/A", "n/a", "NA", "NaN", "nan", "-nan"),
    *("NULL", "Null", "null", "None", "none"),
)
MISSING_TEXTS = ("", "NULL", "null", "NaN", "nan")
"""Fewer than of numbers: NA is a country."""

_LABELS = {"0": 0, "0.0": 0, "false": 0, "1": 1, "1.0": 1, "true": 1}
_FIRST_MS = 1e11
"""Numbers from here on are milliseconds (1973 and later), below they are seconds."""


@dataclass(frozen=True, slots=True)
class Column:
    """A stretch of a column.

    file, name: for errors; first_row: of the stretch
    values:     an Arrow array of any type
    """

    file: str
    name: str
    first_row: int
    values: pa.Array

    def __len__(self) -> int:
        return len(self.values)

    def since(self, row: int) -> "Column":
        """Without the rows of the file before `row`; may be empty."""
        first = min(max(row - self.first_row, 0), len(self))
        return Column(self.file, self.name, self.first_row + first, self.values[first:])

    def fault(self, position: int, what: str, expected: str) -> SourceError:
        """The error for the value at `position` of the stretch."""
        row = self.first_row + position
        return SourceError(
            f'{self.file}: column "{self.name}" {what} in row {row}, expected {expected}'
        )


def numbers(column: Column) -> Floats:
    """(n,) float64, NaN where missing; true and false are 1 and 0.

    Raises SourceError for what is neither a number nor missing, and for infinite numbers.
    """
    values = _decoded(column.values)
    if pa.types.is_string(values.type):
        read = _numbers_in_text(column, values)
    elif _is_number(values.type):
        read = pc.cast(values, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    else:
        raise SourceError(
            f'{column.file}: column "{column.name}" holds {values.type}, expected numbers; '
            "name it among the ignored columns if it is no feature"
        )
    infinite = np.flatnonzero(np.isinf(read))
    if len(infinite):
        raise column.fault(int(infinite[0]), "is infinite", "a finite number or nothing")
    return read


def is_numeric(column: Column) -> bool:
    """Whether `numbers` can read it."""
    try:
        numbers(column)
    except SourceError:
        return False
    return True


def is_text(column: Column) -> bool:
    """Whether `texts` can read it."""
    try:
        _texts(column)
    except SourceError:
        return False
    return True


def texts(column: Column) -> list[str | None]:
    """Text as it stands, numbers as decimal text, None where missing.

    Raises SourceError for what has no text, such as lists.
    """
    return _texts(column).to_pylist()


def codes(column: Column, levels: Sequence[str]) -> Floats:
    """(n,) float64: the place of each text among the levels, len(levels) for another, NaN missing.

    The same as `Categorical.code` of each of `texts`.
    """
    values = _texts(column)
    found = pc.index_in(values, value_set=pa.array(levels, pa.string()))
    known = pc.fill_null(found, len(levels)).to_numpy(zero_copy_only=False).astype(np.float64)
    known[values.is_null().to_numpy(zero_copy_only=False)] = np.nan
    return known


def labels(column: Column) -> NDArray[np.int8]:
    """(n,) int8: 1 and true are fraud, 0 and false legitimate, -1 where missing.

    Raises SourceError for any other value: the target must be binary.
    """
    known = _read_each(column, _label, "is no label", "0 or 1, true or false, or nothing")
    return np.array(known, dtype=np.int8)


def times(column: Column, unit: TimeUnit | None = None) -> Integers:
    """(n,) int64 Unix milliseconds.

    unit: of numbers; None to tell milliseconds from seconds by their size. Text is ISO 8601 and
          in UTC where it names no zone.
    Raises SourceError where a time is missing or cannot be read.
    """
    values = _decoded(column.values)
    if pa.types.is_temporal(values.type) and values.null_count == 0:
        return pc.cast(pc.cast(values, pa.timestamp("ms"), safe=False), pa.int64()).to_numpy()
    expected = "Unix milliseconds, Unix seconds or ISO 8601"
    if unit != "iso" and is_numeric(column):
        read = numbers(column)
        missing = np.flatnonzero(np.isnan(read))
        if len(missing):
            raise column.fault(int(missing[0]), "is missing", expected)
        in_ms = (unit or time_unit(column)) == "ms"
        return np.round(read if in_ms else read * 1000.0).astype(np.int64)
    return np.array(_read_each(column, _iso_ms, "is no time", expected), dtype=np.int64)


def time_unit(column: Column) -> TimeUnit:
    """How the column writes its times: what `times` takes its values for."""
    if pa.types.is_temporal(column.values.type) or not is_numeric(column):
        return "iso"
    return "ms" if np.nanmax(numbers(column), initial=0.0) >= _FIRST_MS else "s"


def is_time(column: Column) -> bool:
    """Whether the file itself says that these are times or dates."""
    return pa.types.is_temporal(column.values.type)


def _texts(column: Column) -> pa.Array:
    values = _decoded(column.values)
    if not pa.types.is_string(values.type):
        try:
            values = pc.cast(values, pa.string())
        except pa.ArrowException:
            raise SourceError(
                f'{column.file}: column "{column.name}" holds {values.type}, expected text; '
                "name it among the ignored columns if it is no feature"
            ) from None
    missing = pc.is_in(values, value_set=pa.array(MISSING_TEXTS))
    return pc.if_else(missing, pa.scalar(None, pa.string()), values)


def _read_each(
    column: Column, read: Callable[[str | None], int], what: str, expected: str
) -> Sequence[int]:
    """Each text read; the error names the first that cannot be."""
    known: list[int] = []
    for position, text in enumerate(texts(column)):
        try:
            known.append(read(text))
        except (KeyError, ValueError):
            raise column.fault(position, what, expected) from None
    return known


def _label(text: str | None) -> int:
    return UNKNOWN_LABEL if text is None else _LABELS[text.strip().lower()]


def _iso_ms(text: str | None) -> int:
    moment = datetime.fromisoformat((text or "").strip())
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1000)


def _numbers_in_text(column: Column, values: pa.Array) -> Floats:
    try:
        return _as_numbers(values)  # most columns hold numbers alone: a third of the time
    except pa.ArrowInvalid:
        return _as_numbers_or_nothing(column, values)


def _as_numbers(values: pa.Array) -> Floats:
    return pc.cast(values, pa.float64()).to_numpy(zero_copy_only=False)


def _as_numbers_or_nothing(column: Column, values: pa.Array) -> Floats:
    """The same where some are missing, surrounded by blanks, or where all are true or false."""
    trimmed = pc.utf8_trim_whitespace(values)
    missing = pc.is_in(trimmed, value_set=pa.array(MISSING_NUMBERS))
    kept = pc.if_else(missing, pa.scalar(None, pa.string()), trimmed)
    lowered = pc.utf8_lower(kept)
    if pc.all(pc.is_in(lowered, value_set=pa.array(["true", "false", None]))).as_py():
        kept = pc.if_else(pc.equal(lowered, "true"), "1", "0")
        kept = pc.if_else(pc.is_null(lowered), pa.scalar(None, pa.string()), kept)
    try:
        return _as_numbers(kept)
    except pa.ArrowInvalid:
        raise column.fault(_first_text(kept), "is no number", "numbers or nothing") from None


def _first_text(values: pa.Array) -> int:
    """Position of the first value that is no number; there is one."""
    return next(i for i, text in enumerate(values.to_pylist()) if text and not _is_float(text))


def _is_float(text: str) -> bool:
    try:
        pc.cast(pa.array([text]), pa.float64())
    except pa.ArrowInvalid:
        return False
    return True


def _is_number(kind: Any) -> bool:
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean)
    return any(test(kind) for test in tests) or pa.types.is_null(kind)


def _decoded(values: pa.Array) -> pa.Array:
    """Plain strings instead of dictionaries and of the other kinds of string."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return _decoded(values.dictionary_decode())
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pc.cast(values, pa.string())
    return values
