"""Baseline statistics and the shift of mean and spread."""

import numpy as np
import pytest

from selfheal.drift.baseline import baseline, moment_shift
from selfheal.drift.moments import moments
from selfheal.model.reference import Reference
from selfheal.model.schema import Numeric, Schema

SCHEMA = Schema((Numeric("amount"), Numeric("V14")))


def rows_of(rng, count):
    """A heavy-tailed and a normal feature."""
    return np.column_stack([rng.lognormal(3.0, 1.0, count), rng.normal(1.0, 2.0, count)])


def baseline_of(values):
    labels = np.arange(len(values)) % 5 == 0
    reference = Reference.measure(SCHEMA, values, labels, np.zeros(len(values)))
    return baseline(reference, reference.missing)


def test_it_holds_what_the_rows_were(rng):
    values = rows_of(rng, 8_000)
    values[:500, 1] = np.nan

    base = baseline_of(values)

    np.testing.assert_allclose(base.mean, np.nanmean(values, axis=0))
    np.testing.assert_allclose(base.sd, np.nanstd(values, axis=0))
    np.testing.assert_array_equal(base.lowest, np.nanmin(values, axis=0))
    np.testing.assert_array_equal(base.highest, np.nanmax(values, axis=0))
    np.testing.assert_allclose(base.quantiles[:, 9], np.nanmedian(values, axis=0))
    np.testing.assert_allclose(base.rows, [8_000, 7_500])
    assert base.kurtosis[1] == pytest.approx(3.0, abs=0.4)
    assert base.kurtosis[0] > 8.0


@pytest.mark.parametrize("rows", [100, 1_000, 5_000])
def test_an_unchanged_stream_alarms_at_no_more_than_the_stated_rate(rng, rows):
    base = baseline_of(rows_of(rng, 5_000))

    alarms = [
        moment_shift(base, moments(rows_of(rng, rows))).excess(0.01).max() > 1.0 for _ in range(300)
    ]

    assert np.mean(alarms) <= 0.03


def test_a_moved_mean_and_a_wider_spread_are_told_with_their_sizes(rng):
    base = baseline_of(rows_of(rng, 20_000))

    higher = moment_shift(base, moments(rows_of(rng, 20_000) + np.array([0.0, 1.0])))
    wider = moment_shift(base, moments((rows_of(rng, 20_000) - [0.0, 1.0]) * [1.0, 2.0]))

    assert higher.mean_shift[1] == pytest.approx(0.5, abs=0.05)
    assert higher.excess(1e-6)[1] > 1.0 > higher.excess(1e-6)[0]
    assert wider.sd_ratio[1] == pytest.approx(2.0, abs=0.05)
    assert wider.excess(1e-6)[1] > 1.0


def test_a_value_beyond_the_baseline_s_range_is_told(rng):
    base = baseline_of(rows_of(rng, 5_000))

    shift = moment_shift(base, moments(np.array([[20.0, 1.0], [20.0, 900.0]])))

    assert shift.is_outside.tolist() == [False, True]


def test_no_rows_are_no_shift(rng):
    base = baseline_of(rows_of(rng, 1_000))

    shift = moment_shift(base, moments(np.empty((0, 2))))

    assert np.isnan(shift.mean_shift).all()
    assert shift.excess(0.01).tolist() == [0.0, 0.0]
    assert not shift.is_outside.any()
