import math
from dataclasses import dataclass

import numpy as np
import orjson
import pytest

from selfheal.records import DecodingError, Label, decode, encode

LABEL = {"kind": "label", "id": "t1", "label": 1, "labelled_ms": 5}


def fault_of(record_type, value):
    with pytest.raises(DecodingError) as caught:
        decode(record_type, value)
    return caught.value.field, caught.value.fault, caught.value.expected


def label_with(**fields):
    return orjson.dumps(LABEL | fields)


def test_a_label_is_written_field_by_field_in_the_order_of_its_type():
    written = encode(Label(id="t1", label=1, labelled_ms=5, source="bank"))

    assert written == b'{"id":"t1","label":1,"labelled_ms":5,"source":"bank","kind":"label"}'


def test_a_label_is_read_from_known_bytes():
    read = decode(Label, b'{"labelled_ms": 5, "label": 0, "id": "\xc3\xa9", "kind": "label"}')

    assert read == Label(id="é", label=0, labelled_ms=5)


def test_fields_of_a_newer_sender_are_ignored():
    assert decode(Label, label_with(confidence=0.9)) == Label(id="t1", label=1, labelled_ms=5)


def test_the_last_of_two_fields_of_one_name_counts():
    value = b'{"id": "t1", "label": 0, "label": 1, "labelled_ms": 5}'

    assert decode(Label, value).label == 1


def test_nan_is_written_as_null_since_json_has_none():
    assert encode({"mean": math.nan}) == b'{"mean":null}'


def test_numpy_numbers_are_written_as_plain_ones():
    assert encode({"n": np.int64(3), "x": np.float64(0.5)}) == b'{"n":3,"x":0.5}'


def test_what_json_cannot_hold_is_a_type_error():
    with pytest.raises(TypeError):
        encode({"value": object()})


@pytest.mark.parametrize(
    "value",
    [b"", b"not json", b'{"id": "t1"', b"\xff\xfe", b"NaN", b"1e999", b"[" * 2_000, b'"\\ud800"'],
    ids=["empty", "text", "cut", "no UTF-8", "NaN", "beyond float", "deep", "half a surrogate"],
)
def test_what_is_no_json_is_named_so(value):
    assert fault_of(Label, value) == ("", "not JSON", "a JSON object in UTF-8")


def test_an_absent_value_is_named_so():
    assert fault_of(Label, None) == ("", "absent", "a JSON object")


@pytest.mark.parametrize(
    ("value", "found"), [(b"[]", "array"), (b'"x"', "str"), (b"5", "int"), (b"null", "null")]
)
def test_json_that_is_no_object_is_named_by_its_type(value, found):
    assert fault_of(Label, value) == ("", f"is {found}", "object")


def test_a_missing_field_is_named():
    assert fault_of(Label, b'{"id": "t1", "label": 1}') == ("labelled_ms", "missing", "a value")


@pytest.mark.parametrize(
    ("fields", "field", "fault", "expected"),
    [
        ({"label": "1"}, "label", "is str", "int"),
        ({"label": True}, "label", "is bool", "int"),
        ({"label": 1.5}, "label", "is float", "int"),
        ({"label": None}, "label", "is null", "int"),
        ({"label": 2}, "label", "not an allowed value", "int <= 1"),
        ({"labelled_ms": -1}, "labelled_ms", "not an allowed value", "int >= 0"),
        ({"labelled_ms": 1e30}, "labelled_ms", "is float", "int"),
        ({"id": 7}, "id", "is int", "str"),
        ({"kind": "sample"}, "kind", "not an allowed value", "a value of the documented set"),
    ],
)
def test_a_wrong_value_is_told_by_field_fault_and_expectation(fields, field, fault, expected):
    assert fault_of(Label, label_with(**fields)) == (field, fault, expected)


def test_a_fault_deep_inside_is_told_by_its_path():
    @dataclass(frozen=True)
    class Inner:
        mean: float

    @dataclass(frozen=True)
    class Outer:
        layers: dict[str, list[Inner]]

    value = b'{"layers": {"head": [{"mean": 1.0}, {"mean": "high"}]}}'

    assert fault_of(Outer, value) == ("layers[...][1].mean", "is str", "float")


def test_a_missing_field_deep_inside_is_told_by_its_path():
    @dataclass(frozen=True)
    class Inner:
        mean: float

    @dataclass(frozen=True)
    class Outer:
        layers: dict[str, Inner]

    assert fault_of(Outer, b'{"layers": {"head": {}}}')[:2] == ("layers[...].mean", "missing")


def test_the_error_reads_as_one_line_with_field_fault_and_expectation():
    with pytest.raises(DecodingError, match=r"^label: is str, expected int$"):
        decode(Label, label_with(label="1"))
