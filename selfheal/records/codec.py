"""JSON bytes <-> records: orjson parses, msgspec checks the types, one error says what is wrong."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar, cast

import msgspec
import orjson

Record = TypeVar("Record")

_AT_PATH = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_MISSING = re.compile(r"^Object missing required field `(?P<field>[^`]*)`$")
_EXPECTED = re.compile(r"^Expected `(?P<expected>.*)`, got `(?P<found>[a-z0-9_-]+)`$")
_RANGE = re.compile(r"^Expected `(?P<type>[^`]+)`(?P<bound>( of length)? [<>=!]+ [-\d.]+)$")
_TOO_LARGE = {"Number out of range", "Integer value out of range"}


class DecodingError(ValueError):
    """A message that is not what it should be. It never carries the message's values.

    field:    dotted path of the field at fault; "" when the message as a whole is
    fault:    the kind of fault: "not JSON", "missing", "is str", "not an allowed value", ...
    expected: what would have been right
    """

    def __init__(self, field: str, fault: str, expected: str) -> None:
        self.field = field
        self.fault = fault
        self.expected = expected
        super().__init__(f"{field or 'message'}: {fault}, expected {expected}")


def encode(record: object) -> bytes:
    """The record as JSON, fields in the order of the type. NaN becomes null, as JSON has none.

    Raises TypeError for a value that JSON cannot hold.
    """
    return orjson.dumps(record, option=orjson.OPT_SERIALIZE_NUMPY)


def decode(record_type: type[Record], value: bytes | None) -> Record:
    """The record in `value`, every field checked; unknown fields are ignored.

    Raises DecodingError for whatever is not such a record, an absent value included.

    >>> from selfheal.records import Label
    >>> decode(Label, b'{"kind": "label", "id": "t1", "label": 2, "labelled_ms": 5}')
    Traceback (most recent call last):
    selfheal.records.codec.DecodingError: label: not an allowed value, expected int <= 1
    """
    return convert(record_type, parse(value))


def parse(value: bytes | None) -> Any:
    """The JSON in `value` as plain Python values. Raises DecodingError where it is none."""
    if value is None:
        raise DecodingError("", "absent", "a JSON object")
    try:
        return orjson.loads(value)
    except (orjson.JSONDecodeError, RecursionError):
        error = DecodingError("", "not JSON", "a JSON object in UTF-8")
    raise error  # outside `except`, so that no `__context__` carries the message along


def convert(record_type: type[Record], parsed: Any) -> Record:
    """Plain values, as `parse` gives them, as a record. Raises DecodingError."""
    try:
        return msgspec.convert(parsed, record_type)
    except msgspec.ValidationError as invalid:
        error = explained(str(invalid))
    raise error  # outside `except`, so that no `__context__` carries the value along


def explained(message: str) -> DecodingError:
    """msgspec's message as our error, without the value that some of its messages quote."""
    at = _AT_PATH.search(message)
    path = at["path"] if at else ""
    text = message[: at.start()] if at else message
    if missing := _MISSING.match(text):
        field = f"{path}.{missing['field']}" if path else missing["field"]
        return DecodingError(field, "missing", "a value")
    if expected := _EXPECTED.match(text):
        return DecodingError(path, f"is {expected['found']}", expected["expected"])
    if bounds := _RANGE.match(text):
        return DecodingError(path, "not an allowed value", bounds["type"] + bounds["bound"])
    if text in _TOO_LARGE:
        return DecodingError(path, "out of range", "a number that float64 holds")
    return DecodingError(path, "not an allowed value", "a value of the documented set")


def decode_tagged(kinds: Mapping[str, type[Any]], value: bytes | None) -> Any:
    """A record of a tagged union, told apart by its `kind`. Raises DecodingError."""
    parsed = parse(value)
    kind = cast("dict[str, Any]", parsed).get("kind") if isinstance(parsed, dict) else None
    record_type = kinds.get(kind) if isinstance(kind, str) else None
    if record_type is None:
        raise DecodingError("kind", "missing or unknown", "one of " + ", ".join(kinds))
    return convert(record_type, parsed)


def json_schema(record_type: type[Any]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a record type, its parts under `$defs`."""
    (reference,), parts = msgspec.json.schema_components(
        [record_type], ref_template="#/$defs/{name}"
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **reference,
        "$defs": {name: parts[name] for name in sorted(parts)},
    }
