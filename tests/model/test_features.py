import numpy as np
import pytest

from selfheal.model.errors import EncoderError
from selfheal.model.features import Encoder
from selfheal.model.schema import Categorical, Numeric, Schema

SCHEMA = Schema((Numeric("a"), Categorical("c", ("x", "y")), Numeric("b")))
VALUES = np.array([[1.0, 0, 10], [3.0, 1, np.nan], [5.0, 0, 30]])


def test_numbers_are_standardised_by_the_values_that_are_there():
    encoder = Encoder.fit(SCHEMA, VALUES)

    encoded = encoder.encode(VALUES)

    a = (VALUES[:, 0] - 3) / np.std([1, 3, 5])
    np.testing.assert_allclose(encoded[:, 0], a, rtol=1e-6)
    np.testing.assert_allclose(encoded[:, 1], [-1, 0, 1], rtol=1e-6)


def test_a_missing_number_is_the_centre_and_raises_its_flag():
    encoded = Encoder.fit(SCHEMA, VALUES).encode(VALUES)

    assert encoded[1, 1] == 0
    assert encoded[:, 2].tolist() == [0, 1, 0]


def test_levels_are_one_hot_with_a_column_for_every_unknown_one_and_none_for_missing():
    encoder = Encoder.fit(SCHEMA, VALUES)
    rows = np.array([[0, 0, 0], [0, 1, 0], [0, 2, 0], [0, np.nan, 0]], dtype=float)

    assert encoder.encode(rows)[:, 3:].tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]]


def test_without_standardising_numbers_stay_as_they_are():
    encoder = Encoder.fit(SCHEMA, VALUES, standardise=False)

    encoded = encoder.encode(VALUES)

    np.testing.assert_array_equal(encoded[:, 0], VALUES[:, 0])


def test_a_value_missing_that_never_was_in_training_is_the_centre():
    encoder = Encoder.fit(SCHEMA, VALUES[:1])

    encoded = encoder.encode(np.array([[np.nan, 0, 10]]))

    assert encoder.width == encoded.shape[1] == 5
    assert encoded[0, 0] == 0


def test_no_rows_encode_to_no_rows():
    assert Encoder.fit(SCHEMA, VALUES).encode(np.empty((0, 3))).shape == (0, 6)


def test_huge_numbers_encode_to_finite_ones_of_their_sign():
    encoder = Encoder.fit(SCHEMA, VALUES)

    encoded = encoder.encode(np.array([[1.7e308, 0, -1.7e308]]))

    assert np.isfinite(encoded).all()
    assert encoded[0, 0] > 1e29
    assert encoded[0, 1] < -1e29


def test_encoding_leaves_the_values_alone():
    before = VALUES.copy()

    Encoder.fit(SCHEMA, VALUES).encode(VALUES)

    np.testing.assert_array_equal(VALUES, before)


def test_a_constant_feature_and_one_without_values_encode_to_zero():
    values = np.array([[7.0, 0, np.nan], [7.0, 1, np.nan]])

    encoded = Encoder.fit(SCHEMA, values).encode(values)

    assert not encoded[:, :2].any()


def test_arrays_round_trip():
    encoder = Encoder.fit(SCHEMA, VALUES)

    again = Encoder.from_arrays(SCHEMA, encoder.to_arrays())

    np.testing.assert_array_equal(again.encode(VALUES), encoder.encode(VALUES))


def test_nothing_can_be_fitted_to_no_rows():
    with pytest.raises(EncoderError, match="no rows"):
        Encoder.fit(SCHEMA, np.empty((0, 3)))


def test_values_that_spread_beyond_float64_are_refused():
    values = np.array([[1.7e308, 0, 1], [-1.7e308, 0, 1]])

    with pytest.raises(EncoderError, match="spreads too far"):
        Encoder.fit(SCHEMA, values)


@pytest.mark.parametrize(
    "change",
    [
        {"scale": np.zeros(3)},
        {"centre": np.full(3, np.nan)},
        {"centre": np.zeros(2)},
        {"scale": np.ones(3, np.float32)},
        {"extra": np.zeros(3)},
    ],
)
def test_arrays_that_make_no_encoder_are_refused(change):
    arrays = Encoder.fit(SCHEMA, VALUES).to_arrays() | change

    with pytest.raises(EncoderError):
        Encoder.from_arrays(SCHEMA, arrays)
