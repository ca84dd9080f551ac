"""Whatever arrives, a decoder gives a record or its one error; whatever was sent, it reads back."""

import re
from contextlib import suppress
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfheal.records import (
    EVENTS,
    DecodingError,
    Thresholds,
    decode,
    decode_command,
    decode_feedback,
    encode,
    read_thresholds,
)
from selfheal.records.schemas import RECORDS

TYPES = [*(record_type for types in RECORDS.values() for record_type in types), *EVENTS.values()]

LARGEST = 2**53  # the largest count that every reader of JSON holds exactly

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def values(hint: Any, meta: Any = None):
    """What a field of this type may hold."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return values(arguments[0], arguments[1])
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, UnionType):
        return st.one_of(*map(values, arguments))
    if origin is dict:
        return st.dictionaries(st.text(), values(arguments[1]), max_size=3)
    if origin is list:
        return st.lists(values(arguments[0]), max_size=3)
    if origin is tuple:
        return st.lists(values(arguments[0]), max_size=3).map(tuple)
    return records(hint) if is_dataclass(hint) else plain(hint, meta)


def plain(hint: type, meta: Any):
    """Numbers and text within their bounds."""
    if hint is int:
        low = -LARGEST if meta is None else meta.ge
        return st.integers(low, LARGEST if meta is None or meta.le is None else meta.le)
    if hint is float:
        above = meta is not None and meta.gt is not None
        low, high = (None, None) if meta is None else (meta.gt if above else meta.ge, meta.le)
        return st.floats(low, high, exclude_min=above, allow_nan=False, allow_infinity=False)
    if hint is str and meta is not None and meta.pattern:
        return st.from_regex(re.compile(meta.pattern, re.ASCII), fullmatch=True).filter(
            lambda text: len(text) <= (meta.max_length or len(text))
        )
    if hint is str:
        return st.text(
            min_size=getattr(meta, "min_length", None) or 0,
            max_size=getattr(meta, "max_length", None),
        )
    return {bool: st.booleans(), NoneType: st.none()}[hint]


def records(record_type: type):
    """Any record of this type."""
    hints = get_type_hints(record_type, include_extras=True)
    return st.builds(record_type, **{f.name: values(hints[f.name]) for f in fields(record_type)})


@pytest.mark.parametrize("record_type", TYPES, ids=lambda record_type: record_type.__name__)
@settings(max_examples=20)
@given(draw=st.data())
def test_every_record_is_read_back_as_it_was_sent(record_type, draw):
    record = draw.draw(records(record_type))

    assert decode(record_type, encode(record)) == record


@pytest.mark.parametrize("record_type", TYPES, ids=lambda record_type: record_type.__name__)
@settings(max_examples=20)
@given(draw=st.data())
def test_a_record_with_any_json_in_a_field_gives_a_record_or_the_error(record_type, draw):
    parsed = orjson.loads(encode(draw.draw(records(record_type))))
    field = draw.draw(st.sampled_from(sorted(parsed) or ["extra"]))

    value = orjson.dumps(parsed | {field: draw.draw(JSON)})

    assert_record_or_error(lambda: decode(record_type, value), record_type)


@given(value=st.binary() | JSON.map(orjson.dumps))
def test_any_bytes_give_a_record_or_the_error(value):
    for record_type in TYPES:
        assert_record_or_error(lambda kind=record_type: decode(kind, value), record_type)
    for decoder in (decode_feedback, decode_command):
        assert_record_or_error(lambda decoder=decoder: decoder(value), object)
    assert_record_or_error(lambda: read_thresholds(value), Thresholds)


def assert_record_or_error(decoding, record_type):
    with suppress(DecodingError):
        assert isinstance(decoding(), record_type)
