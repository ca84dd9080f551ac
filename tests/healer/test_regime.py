"""What a version stands for travels with it, and says later whether the stream looks like it."""

from dataclasses import replace

import numpy as np
import pytest

from healer.alignment import MOVED
from healer.regime import Regime, mixtures_of, own_quantiles, seen_in, worst_distance
from healer.regime_check import regime_check
from producer.operators import affine, prior
from producer.regimes import G1, G2
from registry.snapshot import HealingWindow, Snapshot, SnapshotInfo, dump_snapshot, parse_snapshot
from selfheal.drift.binned_ks import Bins
from selfheal.model.adapter import Adapter, InputAlignment

SHIFTED = affine(G2, 1.5, -3.0)
BACK = Adapter(alignment=InputAlignment(np.full(10, 1 / 1.5), np.full(10, 2.0)))
"""Undoes that."""


def drawn(rng, regime, rows=1_000):
    return regime.draw(rng, np.arange(rows), np.zeros(rows)).values


@pytest.fixture
def apart(rng):
    """A regime that no alignment leads back from, known by its own rows."""
    values = drawn(rng, SHIFTED, 2_000)
    return Regime(0.15, len(values), 7_000, own_quantiles(values))


def through_a_snapshot(regime, model):
    window = HealingWindow(1_000, 2_000, 500, 50)
    info = SnapshotInfo("v1", "base", model.hash, "selfheal", "labels", window, 0.5, 9_000, {}, ())
    stored = {name: np.asarray(value, np.float64) for name, value in regime.stored().items()}
    return Regime.read(parse_snapshot(dump_snapshot(Snapshot(info, BACK, stored))).regime)


def test_a_regime_comes_back_from_its_snapshot(model, apart):
    again = through_a_snapshot(apart, model)

    assert (again.prior, again.rows, again.onset_ms) == (0.15, 2_000, 7_000)
    np.testing.assert_array_equal(again.quantiles, apart.quantiles)


def test_an_aligned_regime_comes_back_without_quantiles(model):
    again = through_a_snapshot(Regime(0.4, 500, 1_764_000_000_123), model)

    assert (again.prior, again.rows, again.onset_ms) == (0.4, 500, 1_764_000_000_123)
    assert again.quantiles is None


@pytest.mark.parametrize("stored", [{}, {"prior": np.array(0.1)}, {"loss": np.array(1.0)}])
def test_what_another_policy_stored_is_no_regime(stored):
    assert Regime.read(stored) is None


def test_quantiles_leave_missing_values_out_and_are_zero_where_all_are_missing(rng):
    values = rng.normal(size=(500, 3))
    values[::2, 1] = np.nan
    values[:, 2] = np.nan

    found = own_quantiles(values)

    steps = np.linspace(0.0, 1.0, 129)
    np.testing.assert_allclose(found[0], np.quantile(values[:, 0], steps))
    np.testing.assert_allclose(found[1], np.quantile(values[1::2, 1], steps))
    np.testing.assert_array_equal(found[2], 0.0)


def test_rows_like_those_of_the_regime_are_near_and_others_are_far(model, rng, apart):
    far = [
        worst_distance(drawn(rng, other), apart, BACK, model)
        for other in (G2, affine(SHIFTED, 1.0, -0.5), affine(SHIFTED, 1.4, 0.0))
    ]

    near = [worst_distance(drawn(rng, SHIFTED), apart, BACK, model) for _ in range(20)]

    assert np.mean(np.array(near) <= MOVED) >= 0.95
    assert min(far) > MOVED


def test_clean_rows_are_near_the_first_regime(model, rng):
    near = [worst_distance(drawn(rng, G1), None, None, model) for _ in range(20)]

    assert np.mean(np.array(near) <= MOVED) >= 0.9


def test_rows_that_the_alignment_leads_back_are_near_an_aligned_regime(model, rng):
    aligned = Regime(0.15, 2_000, 0)
    values = drawn(rng, affine(G1, 1.5, -3.0))

    assert worst_distance(values, aligned, BACK, model) <= MOVED
    assert worst_distance(values, aligned, Adapter(), model) > MOVED


def test_the_regimes_prior_is_what_its_rows_are_compared_under(model, rng):
    values = drawn(rng, prior(G1, 0.6))

    assert worst_distance(values, Regime(0.6, 2_000, 0), None, model) <= MOVED
    assert worst_distance(values, Regime(0.15, 2_000, 0), None, model) > MOVED


def test_a_regime_with_quantiles_of_its_own_sees_raw_rows_and_any_other_the_aligned_ones(
    model, rng, apart
):
    values = drawn(rng, SHIFTED, 50)

    np.testing.assert_array_equal(seen_in(values, apart, BACK, model), values)
    aligned = BACK.align(values, model.schema.numeric)
    for regime in (None, replace(apart, quantiles=None)):
        np.testing.assert_array_equal(seen_in(values, regime, BACK, model), aligned)


def test_a_regime_of_few_rows_is_less_certain_than_one_of_many(rng):
    quantiles = own_quantiles(rng.normal(size=(300, 1)))

    few, many = (
        mixtures_of(Regime(0.15, rows, 0, quantiles), None)[0].error(1_000)
        for rows in (300, 30_000)
    )

    assert few > 1.5 * many


def test_a_regime_whose_feature_was_always_missing_does_not_alarm_while_it_stays_so(rng):
    values = rng.normal(size=(2_000, 2))
    values[:, 1] = np.nan
    regime = Regime(0.15, 2_000, 0, own_quantiles(values))

    bins = Bins.of(mixtures_of(regime, None))
    check = regime_check(bins.codes(values), bins, 1e-6)

    assert not check.is_alarm


def test_tied_values_do_not_alarm_in_their_own_regime(rng):
    values = rng.poisson(0.3, size=(2_000, 1)).astype(np.float64)
    regime = Regime(0.15, 2_000, 0, own_quantiles(values))

    fresh = rng.poisson(0.3, size=(1_000, 1)).astype(np.float64)

    bins = Bins.of(mixtures_of(regime, None))
    assert not regime_check(bins.codes(fresh), bins, 1e-6).is_alarm
