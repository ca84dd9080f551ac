import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfheal.model.errors import FeatureError, SchemaError
from selfheal.model.schema import Categorical, Fields, Numeric, Schema
from selfheal.records import encode

SCHEMA = Schema((Numeric("V14"), Categorical("channel", ("web", "shop")), Numeric("amount")))


def test_raw_values_are_numbers_level_codes_and_nan_for_missing_in_schema_order():
    rows = [
        {"amount": 3, "channel": "shop", "V14": -1.5, "colour": "ignored"},
        {"amount": None, "channel": "fax", "V14": True},
        {"amount": 1.0, "channel": None, "V14": 0},
    ]

    values = SCHEMA.values(rows)

    expected = [[-1.5, 1, 3], [1, 2, np.nan], [0, np.nan, 1]]
    np.testing.assert_array_equal(values, np.array(expected))


def test_no_rows_give_an_empty_array_of_the_right_width():
    assert SCHEMA.values([]).shape == (0, 3)


def test_features_of_is_the_inverse_of_row_up_to_the_name_of_an_unknown_level():
    row = {"V14": -1.5, "channel": "fax", "amount": None}

    features = SCHEMA.features_of(np.array(SCHEMA.row(row)))

    assert features == {"V14": -1.5, "channel": "", "amount": None}
    np.testing.assert_array_equal(SCHEMA.row(features), SCHEMA.row(row))


def test_a_category_written_as_a_number_is_its_decimal_text():
    schema = Schema((Categorical("mcc", ("5411", "5812")),))

    assert schema.row({"mcc": 5812}) == [1.0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"amount": "12"}, "amount: is str, expected a number or null"),
        ({"amount": [1]}, "amount: is list, expected a number or null"),
        ({"amount": float("inf")}, "amount: not finite, expected a finite number or null"),
        ({"amount": float("nan")}, "amount: not finite, expected a finite number or null"),
        ({"amount": 10**400}, "amount: not finite, expected a finite number or null"),
        ({"channel": 1.5}, "channel: is float, expected text or null"),
        ({"channel": True}, "channel: is bool, expected text or null"),
    ],
)
def test_a_wrong_value_is_refused_by_the_feature_s_name_without_the_value(change, message):
    row = {"V14": 0.0, "channel": "web", "amount": 1.0} | change

    with pytest.raises(FeatureError) as refusal:
        SCHEMA.row(row)

    assert str(refusal.value) == message


def test_an_absent_feature_is_refused_by_name_since_missing_is_written_as_null():
    with pytest.raises(FeatureError, match="amount: absent, expected a value or null"):
        SCHEMA.row({"V14": 0.0, "channel": "web"})


def test_positions_tell_numeric_from_categorical_columns():
    assert SCHEMA.numeric.tolist() == [0, 2]
    assert SCHEMA.categorical.tolist() == [1]


def test_the_schema_survives_its_file_and_always_writes_the_same_bytes():
    schema = Schema(SCHEMA.features, Fields("tx", None, "fraud", "iso"))

    again = Schema.from_json(schema.to_json())

    assert again == schema
    assert again.to_json() == schema.to_json()


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ((), "has 0 features"),
        ((Numeric(""),), "empty name"),
        ((Numeric("a"), Numeric("a")), "a appears more than once"),
        ((Numeric("timestamp"),), "timestamp is both a feature and the id, time or target"),
    ],
)
def test_a_schema_that_contradicts_itself_is_refused(features, message):
    with pytest.raises(SchemaError, match=message):
        Schema(features)


@pytest.mark.parametrize("levels", [(), ("web", "web"), ("web", "")])
def test_levels_are_distinct_and_never_empty(levels):
    with pytest.raises(SchemaError):
        Categorical("channel", levels)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_schema_or_a_schema_error(content):
    _schema_or_error(content)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
entries = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text(max_size=3) | json_values,
        "kind": st.sampled_from(["numeric", "categorical", "date"]) | json_values,
        "levels": st.lists(st.text(max_size=2), max_size=4) | json_values,
    },
)


@given(st.lists(entries, max_size=3), st.dictionaries(st.sampled_from(["id", "time"]), json_values))
def test_json_that_resembles_a_schema_is_one_or_a_schema_error(features, fields):
    content = encode({"features": features, "fields": fields})

    _schema_or_error(content)


def _schema_or_error(content):
    try:
        schema = Schema.from_json(content)
    except SchemaError:
        return
    assert Schema.from_json(schema.to_json()) == schema
