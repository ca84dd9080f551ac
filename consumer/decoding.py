"""Bytes of `transactions` to one array, with a typed decoder made from the schema.

msgspec checks types while it parses, in about half of the time of parsing alone with a generic
decoder (see docs/adr/0006). A malformed record costs only itself: the batch is decoded in one
comprehension, and record by record only when something in it is wrong.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Annotated, Any, TypeAlias

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from selfheal.model.schema import Categorical, Schema
from selfheal.records.codec import DecodingError, explained

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

_TIME = attrgetter("time")
_MILLISECONDS = {"ms": 1, "s": 1000}
_LATEST_MS = 1 << 53
"""Beyond this no JSON number is an exact integer, and no clock is right."""

MAX_ID_LENGTH = 1_000
"""Characters of an id. Predictions repeat it: one of any length could not always be sent."""

_Id: TypeAlias = Annotated[str, Meta(min_length=1, max_length=MAX_ID_LENGTH)] | int


@dataclass(frozen=True, slots=True)
class Fault:
    """A record that cannot be scored: its position in the batch and what is wrong with it."""

    position: int
    error: DecodingError


@dataclass(frozen=True, slots=True, eq=False)
class Transactions:
    """The valid records of a batch.

    positions: (n,) int64, where each stood in the batch
    ids:       n transaction ids
    event_ms:  (n,) int64, Unix milliseconds
    values:    (n, f) float64 raw values in schema order, NaN where missing
    """

    positions: Integers
    ids: list[str]
    event_ms: Integers
    values: Floats

    def __len__(self) -> int:
        return len(self.ids)


class TransactionDecoder:
    """Decodes batches of `transactions` for one schema.

    reads_record_times: whether the schema names no time field, so that `decode` needs the times
                        of the Kafka records
    """

    def __init__(self, schema: Schema) -> None:
        self.reads_record_times = schema.fields.time is None
        self._schema = schema
        self._decode: Callable[[bytes], Any] = msgspec.json.Decoder(_record_type(schema)).decode
        self._row = _row_getter(len(schema.features))
        self._pack = struct.Struct(f"{len(schema.features)}d").pack
        self._codes = {
            index: {level: float(code) for code, level in enumerate(feature.levels)}
            for index, feature in enumerate(schema.features)
            if isinstance(feature, Categorical)
        }

    def decode(
        self, records: Sequence[bytes | None], timestamps_ms: Sequence[int]
    ) -> tuple[Transactions, list[Fault]]:
        """The valid transactions among `records`, and a fault for each other one.

        timestamps_ms: of the Kafka records; may be empty unless `reads_record_times`
        An empty batch gives empty arrays.
        """
        decoded, positions, faults = self._decode_all(records)
        times, positions, decoded = self._timed(decoded, positions, timestamps_ms, faults)
        transactions = Transactions(
            positions=positions,
            ids=[str(item.id) for item in decoded],
            event_ms=times,
            values=self._values(decoded),
        )
        return transactions, sorted(faults, key=lambda fault: fault.position)

    def _decode_all(
        self, records: Sequence[bytes | None]
    ) -> tuple[list[Any], Integers, list[Fault]]:
        decode = self._decode
        try:
            return list(map(decode, records)), np.arange(len(records)), []  # type: ignore[arg-type]
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, TypeError):
            pass  # left at once: an error that is raised in here would carry a record along
        return self._decode_each(records)

    def _decode_each(
        self, records: Sequence[bytes | None]
    ) -> tuple[list[Any], Integers, list[Fault]]:
        decoded: list[Any] = []
        positions: list[int] = []
        faults: list[Fault] = []
        for position, record in enumerate(records):
            try:
                decoded.append(_checked(self._decode, record))
                positions.append(position)
            except DecodingError as error:
                faults.append(Fault(position, error))
        return decoded, np.array(positions, dtype=np.int64), faults

    def _timed(
        self,
        decoded: list[Any],
        positions: Integers,
        timestamps_ms: Sequence[int],
        faults: list[Fault],
    ) -> tuple[Integers, Integers, list[Any]]:
        """Event times in milliseconds; a record whose time makes no sense becomes a fault."""
        name, unit = self._schema.fields.time, self._schema.fields.time_unit
        if name is None:
            return np.array(timestamps_ms, dtype=np.int64)[positions], positions, decoded
        if (times := _event_times_ms(decoded, unit)) is not None:
            return times, positions, decoded
        kept: list[tuple[int, int, Any]] = []
        for position, item in zip(positions.tolist(), decoded, strict=True):
            try:
                kept.append((event_time_ms(item.time, unit), position, item))
            except ValueError:
                error = DecodingError(name, "not a time", f"a time in {unit} since 1970")
                faults.append(Fault(position, error))
        places = np.array([k[:2] for k in kept], dtype=np.int64).reshape(-1, 2)
        return places[:, 0], places[:, 1], [k[2] for k in kept]

    def _values(self, decoded: list[Any]) -> Floats:
        width = len(self._schema.features)
        if not decoded:
            return np.empty((0, width))
        rows = list(map(self._row, decoded))
        if not self._codes:
            return self._numbers(rows)
        columns = list(zip(*rows, strict=True))
        for index, codes in self._codes.items():
            columns[index] = _coded(columns[index], codes)
        return np.array(columns, dtype=np.float64).T.copy()

    def _numbers(self, rows: list[tuple[float | None, ...]]) -> Floats:
        """(n, f) of rows without categories."""
        pack = self._pack
        try:  # three times as fast as an array made from tuples, which has to look at each type
            packed = bytearray().join([pack(*row) for row in rows])
        except struct.error:
            return np.array(rows, dtype=np.float64)  # None becomes NaN
        return np.frombuffer(packed, dtype=np.float64).reshape(len(rows), -1)


def _event_times_ms(decoded: list[Any], unit: str) -> Integers | None:
    """(n,) what `event_time_ms` gives for each; None where one of them must be looked at."""
    if unit == "iso":
        return None
    try:
        times = np.fromiter(map(_TIME, decoded), np.float64, len(decoded))
    except OverflowError:
        return None
    with np.errstate(over="ignore"):
        times = np.trunc(times * _MILLISECONDS[unit])
    is_right = (times >= 0) & (times < _LATEST_MS)
    return times.astype(np.int64) if is_right.all() else None


def event_time_ms(time: float | str, unit: str) -> int:
    """A time field in Unix milliseconds. Raises ValueError for one that is none."""
    if unit == "iso":
        moment = datetime.fromisoformat(str(time))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        event_ms = moment.timestamp() * 1000
    elif isinstance(time, str):
        raise ValueError("a text where a number is expected")
    else:
        event_ms = time * _MILLISECONDS[unit]
    if not -1 < event_ms < _LATEST_MS:
        raise ValueError("out of range")
    return int(event_ms)


def _row_getter(width: int) -> Callable[[Any], tuple[Any, ...]]:
    """Gives the features of a decoded record, in order."""
    names = [f"f{index}" for index in range(width)]
    if width == 1:
        only = attrgetter(names[0])
        return lambda item: (only(item),)
    return attrgetter(*names)


def _record_type(schema: Schema) -> type[msgspec.Struct]:
    """The record type of a transaction; its fields are f0, f1, ... under the names of the topic."""
    fields: list[Any] = [("id", _Id)]
    names = {"id": schema.fields.id}
    if schema.fields.time is not None:
        fields.append(("time", str if schema.fields.time_unit == "iso" else int | float))
        names["time"] = schema.fields.time
    for index, feature in enumerate(schema.features):
        is_category = isinstance(feature, Categorical)
        value_type = str | int | float | bool | None if is_category else float | None
        fields.append((f"f{index}", value_type))
        names[f"f{index}"] = feature.name
    return msgspec.defstruct("Transaction", fields, rename=names, gc=False)


def _checked(decode: Callable[[bytes], Any], record: bytes | None) -> Any:
    if record is None:
        raise DecodingError("", "absent", "a JSON object")
    try:
        return decode(record)
    except msgspec.ValidationError as invalid:
        error = explained(str(invalid))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        error = DecodingError("", "not JSON", "a JSON object in UTF-8")
    raise error  # outside `except`, so that no `__context__` carries the record along


def _coded(column: Sequence[Any], codes: dict[str, float]) -> tuple[float, ...]:
    unknown = float(len(codes))
    return tuple(np.nan if value is None else codes.get(_level(value), unknown) for value in column)


def _level(value: Any) -> str:
    """A category as the schema spells it: text as it is, true and false as JSON has them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)
