"""Whatever comes on `transactions` is a row or a fault, which says what is wrong, never the value.

The kinds are those of which the docs promise a dead letter; a fault is what becomes one.
"""

import math

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.decoding import MAX_ID_LENGTH, TransactionDecoder
from selfheal.model.schema import Categorical, Fields, Numeric, Schema
from selfheal.records import DecodingError

SCHEMA = Schema((Numeric("amount"), Categorical("channel", ("web", "shop", "true", "7"))))
DECODER = TransactionDecoder(SCHEMA)
SECRET = "4929-1234"


def record(**fields: object) -> bytes:
    return orjson.dumps({"id": "t", "timestamp": 5, "amount": 1.0, "channel": "web"} | fields)


def fault_of(value: bytes | None, decoder: TransactionDecoder = DECODER) -> DecodingError:
    """The one fault, between two good records that it must not touch."""
    transactions, faults = decoder.decode([record(id="a"), value, record(id="b")], [])
    assert transactions.ids == ["a", "b"]
    assert transactions.positions.tolist() == [0, 2]
    assert [fault.position for fault in faults] == [1]
    return faults[0].error


NOT_JSON = {
    "no JSON": b"amount=1",
    "half a record": record()[:-9],
    "something after it": record() + b" {}",
    "an empty value": b"",
    "a NaN literal": record().replace(b"1.0", b"NaN"),
    "an infinite literal": record().replace(b"1.0", b"-Infinity"),
    "bytes that are no UTF-8": b"\xff\xfe\x00\x01",
    "text that is no UTF-8": record(channel="X").replace(b"X", b"\xff"),
    "half a surrogate pair": record(id="X").replace(b"X", rb"\ud800"),
    "a byte order mark": b"\xef\xbb\xbf" + record(),
    "a control character": record(id="X").replace(b"X", b"\x00"),
    "endless nesting in a field that nobody reads": (
        record()[:-1] + b',"more":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    ),
}


@pytest.mark.parametrize("kind", NOT_JSON)
def test_what_is_no_json_is_a_fault_of_the_message(kind):
    error = fault_of(NOT_JSON[kind])

    assert (error.field, error.fault) == ("", "not JSON")


WRONG = {
    "absent": (None, "", "absent"),
    "null": (b"null", "", "is null"),
    "an array": (b"[1,2]", "", "is array"),
    "a nested array of a megabyte": (b"[" * 500_000 + b"]" * 500_000, "", "is array"),
    "text for a number": (record(amount=SECRET), "amount", "is str"),
    "true for a number": (record(amount=True), "amount", "is bool"),
    "an object for a number": (record(amount={"x": 1}), "amount", "is object"),
    "a number beyond float64": (record().replace(b"1.0", b"1e999"), "amount", "out of range"),
    "a whole number beyond float64": (
        record().replace(b"1.0", b"9" * 400),
        "amount",
        "out of range",
    ),
    "a feature that is not there": (b'{"id":"t","timestamp":5,"amount":1}', "channel", "missing"),
    "an array for a category": (record(channel=["web"]), "channel", "is array"),
    "no id": (b'{"timestamp":5,"amount":1,"channel":"web"}', "id", "missing"),
    "a null id": (record(id=None), "id", "is null"),
    "an id with a fraction": (record(id=1.5), "id", "is float"),
    "an empty id": (record(id=""), "id", "not an allowed value"),
    "an id of a megabyte": (record(id="x" * 1_000_000), "id", "not an allowed value"),
    "an id of endless digits": (
        b'{"id":%s,"timestamp":5,"amount":1,"channel":"web"}' % (b"9" * 5_000),
        "id",
        "out of range",
    ),
    "no time": (b'{"id":"t","amount":1,"channel":"web"}', "timestamp", "missing"),
    "a null time": (record(timestamp=None), "timestamp", "is null"),
    "text for a time": (record(timestamp="2024-01-01"), "timestamp", "is str"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_does_not_fit_the_schema_is_a_fault_that_names_the_field(kind):
    value, field, fault = WRONG[kind]

    error = fault_of(value)

    assert (error.field, error.fault) == (field, fault)
    assert SECRET not in str(error)


@pytest.mark.parametrize(
    ("unit", "time"),
    [("s", 1e306), ("s", -1e306), ("s", 2**53), ("ms", 1e308), ("ms", 10**30), ("ms", -1)],
)
def test_a_time_of_any_size_is_at_worst_a_fault(unit, time):
    schema = Schema(SCHEMA.features, Fields(time_unit=unit))
    value = b'{"id":"t","timestamp":%s,"amount":1,"channel":"web"}' % repr(time).encode()

    error = fault_of(value, TransactionDecoder(schema))

    assert str(error) == f"timestamp: not a time, expected a time in {unit} since 1970"


@pytest.mark.parametrize(
    "time",
    ["", "yesterday", "2024-02-30", "1969-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", 5],
)
def test_a_text_that_is_no_time_since_1970_is_a_fault(time):
    decoder = TransactionDecoder(Schema(SCHEMA.features, Fields(time_unit="iso")))

    transactions, faults = decoder.decode([record(timestamp=time)], [])

    assert len(transactions) == 0
    assert faults[0].error.field == "timestamp"


def test_a_record_of_a_megabyte_is_scored_when_only_its_unread_fields_are_large():
    transactions, faults = DECODER.decode([record(note="x" * 1_000_000)], [])

    assert len(transactions) == 1
    assert not faults


def test_of_a_key_that_comes_twice_the_last_value_counts():
    transactions, _ = DECODER.decode([record()[:-1] + b',"amount":2.5}'], [])

    assert transactions.values[0, 0] == 2.5


def test_a_value_that_is_null_is_missing_and_one_that_nobody_asked_for_is_ignored():
    value = record(amount=None, channel=None, colour="red")

    transactions, faults = DECODER.decode([value], [])

    assert not faults
    np.testing.assert_array_equal(transactions.values, [[np.nan, np.nan]])


@pytest.mark.parametrize(
    ("channel", "code"),
    [("web", 0), ("shop", 1), (True, 2), (7, 3), (False, 4), (7.0, 4), ("app", 4), ("", 4)],
)
def test_a_category_is_read_as_the_schema_spells_it_and_any_other_is_the_unknown_level(
    channel, code
):
    transactions, _ = DECODER.decode([record(channel=channel)], [])

    assert transactions.values[0, 1] == code


@pytest.mark.parametrize(
    ("given_id", "id_"), [("a", "a"), (17, "17"), (-3, "-3"), (10**30, str(10**30)), ("17", "17")]
)
def test_an_id_is_text_whether_it_comes_as_text_or_as_a_whole_number(given_id, id_):
    value = b'{"id":%s,"timestamp":5,"amount":1,"channel":"web"}' % (
        repr(given_id).replace("'", '"').encode()
    )

    assert DECODER.decode([value], [])[0].ids == [id_]


def test_an_id_may_be_as_long_as_is_stated():
    assert DECODER.decode([record(id="x" * MAX_ID_LENGTH)], [])[0].ids == ["x" * MAX_ID_LENGTH]
    assert "length <= 1000" in str(fault_of(record(id="x" * (MAX_ID_LENGTH + 1))))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
NAMES = ("id", "timestamp", "amount", "channel")
OBJECTS = st.dictionaries(st.sampled_from((*NAMES, "more")), JSON, max_size=5)


def json(value: object) -> bytes:
    """As lenient writers put it: NaN and infinity included."""
    if isinstance(value, dict):
        return b"{%s}" % b",".join(json(str(k)) + b":" + json(v) for k, v in value.items())
    if isinstance(value, list):
        return b"[%s]" % b",".join(map(json, value))
    if isinstance(value, float) and not math.isfinite(value):
        return str(value).encode()
    return orjson.dumps(value) if not isinstance(value, int) else repr(value).lower().encode()


@given(st.lists(st.binary(max_size=60) | st.none() | OBJECTS.map(json), max_size=6))
def test_any_bytes_give_a_row_or_one_fault_that_keeps_nothing_of_the_record(records):
    transactions, faults = DECODER.decode(records, [])

    places = sorted([*transactions.positions.tolist(), *(fault.position for fault in faults)])
    assert places == list(range(len(records)))
    assert transactions.values.shape == (len(transactions), 2)
    assert not np.isinf(transactions.values).any()
    for fault in faults:
        assert fault.error.__context__ is None
        assert fault.error.field in ("", *NAMES)


@given(st.text(alphabet="abcdefghijkz0123456789", min_size=9, max_size=30), st.sampled_from(NAMES))
def test_a_fault_never_says_the_value(secret, field):
    wrong = record(**{field: [secret]})

    assert secret not in str(fault_of(wrong))
