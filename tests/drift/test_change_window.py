import numpy as np
import pytest

from selfheal.drift.change_window import NEWEST_ROWS, change_window

ROWS, FEATURES = 4_000, 5

STATIONARY = {
    "normal": lambda rng: rng.normal(size=(ROWS, FEATURES)),
    "no mean": lambda rng: rng.standard_cauchy(size=(ROWS, FEATURES)),
    "very skew": lambda rng: rng.lognormal(0.0, 3.0, size=(ROWS, FEATURES)),
    "mostly zero": lambda rng: np.where(
        rng.random((ROWS, FEATURES)) < 0.9, 0.0, rng.lognormal(size=(ROWS, FEATURES))
    ),
    "counts": lambda rng: rng.poisson(0.3, size=(ROWS, FEATURES)).astype(float),
    "half missing": lambda rng: np.where(
        rng.random((ROWS, FEATURES)) < 0.5, np.nan, rng.normal(size=(ROWS, FEATURES))
    ),
    "constant": lambda _: np.ones((ROWS, FEATURES)),
}


@pytest.mark.parametrize("kind", STATIONARY)
def test_all_rows_of_a_stream_that_did_not_change_are_kept(rng, kind):
    kept = [change_window(STATIONARY[kind](rng)) == ROWS for _ in range(30)]

    assert np.mean(kept) >= 0.96


@pytest.mark.parametrize("since", [150, 400, 1_000, 2_500])
@pytest.mark.parametrize("shift", [1.0, 2.2])
def test_a_shift_of_one_feature_is_found(rng, shift, since):
    values = rng.normal(size=(ROWS, FEATURES))
    values[-since:, 3] += shift

    found = change_window(values)

    assert abs(found - since) <= max(100, 0.4 * since)


def test_a_change_of_spread_alone_is_found(rng):
    values = rng.normal(size=(ROWS, FEATURES))
    values[-1_000:, 1] *= 3.0

    assert 600 <= change_window(values) <= 1_200


def test_a_shift_is_found_under_tails_that_have_no_mean(rng):
    values = rng.standard_cauchy(size=(ROWS, FEATURES))
    values[-1_000:, 0] += 3.0

    assert 600 <= change_window(values) <= 1_200


def test_a_change_of_the_missing_values_share_alone_does_not_end_the_window(rng):
    values = rng.normal(size=(ROWS, FEATURES))
    values[-1_000:, 0][rng.random(1_000) < 0.8] = np.nan

    assert change_window(values) == ROWS


@pytest.mark.parametrize("rows", [0, 1, 50, NEWEST_ROWS])
def test_a_stream_that_has_just_begun_is_kept_whole(rng, rows):
    assert change_window(rng.normal(size=(rows, FEATURES))) == rows


def test_a_schema_without_numbers_keeps_every_row():
    assert change_window(np.empty((700, 0))) == 700


def test_a_level_that_drifts_slowly_is_still_that_level(rng):
    """No row has the very value of an earlier one, and every newer one is a little larger."""
    levels = rng.integers(-1, 2, size=(ROWS, FEATURES)) + 1e-4 * np.arange(ROWS)[:, None]

    assert change_window(levels) >= 500


def test_a_level_that_jumps_ends_the_window(rng):
    levels = rng.integers(-1, 2, size=(ROWS, FEATURES)).astype(float)
    levels[-400:, 2] += 0.5

    assert abs(change_window(levels) - 400) <= 160
