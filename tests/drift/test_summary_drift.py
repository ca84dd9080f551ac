"""Drift from merged summaries is the drift of the pooled rows; it alarms at its stated rate."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from selfheal.drift.layer_baselines import layer_means
from selfheal.drift.summary_drift import summary_drift
from selfheal.drift.totals import layer_names, no_totals, totals_of
from selfheal.model.errors import FeatureError
from selfheal.model.reference import Reference
from tests.consumer.serving import raw_values
from tests.drift.traffic_of import summary_of, totals_from, with_reference

PRIOR = 0.3


def clean(rng, rows):
    return raw_values(rows, rng)[0]


def feature(drift, name):
    return next(each for each in drift.features if each.feature == name)


@pytest.mark.parametrize("seed", range(12))
def test_merged_summaries_say_what_the_pooled_rows_say(base, seed):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(0, 200, size=rng.integers(1, 7))
    values = clean(rng, sizes.sum())
    values[::7, 0] += 5.0
    parts = np.split(values, np.cumsum(sizes)[:-1])

    merged = summary_drift(totals_from(base, *parts), base.model, PRIOR)
    pooled = summary_drift(totals_from(base, values), base.model, PRIOR)

    assert merged.rows == pooled.rows == len(values)
    assert merged.features == pooled.features
    assert merged.score == pooled.score
    assert merged.prior == pooled.prior
    assert merged.categories == pooled.categories
    np.testing.assert_allclose(merged.moments.mean_shift, pooled.moments.mean_shift)
    np.testing.assert_allclose(merged.moments.sd_ratio, pooled.moments.sd_ratio)


def test_the_order_of_scorers_does_not_matter(base, rng):
    parts = [clean(rng, rows) for rows in (30, 500, 200)]

    forward, backward = totals_from(base, *parts), totals_from(base, *parts[::-1])

    np.testing.assert_array_equal(forward.bins, backward.bins)
    np.testing.assert_allclose(forward.moments.mean, backward.moments.mean)
    np.testing.assert_allclose(forward.layers.mean, backward.layers.mean)
    assert (forward.first_ms, forward.last_ms) == (backward.first_ms, backward.last_ms)


@pytest.mark.parametrize("rows", [100, 1_000, 5_000])
def test_it_alarms_at_its_stated_run_length_on_a_stream_that_does_not_change(base, rng, rows):
    looks, alarms = 0, 0
    for _ in range(25):
        live = with_reference(base, 2_000, rng)
        for _ in range(12):
            drift = summary_drift(
                totals_from(live, clean(rng, rows)), live.model, live.model.reference.prior, 20
            )
            looks += 1
            alarms += drift.excess > 1.0

    assert alarms / looks < 1.5 / 20
    assert alarms or rows > 1_000  # there the smallest effect forbids more than chance does


@pytest.mark.parametrize(("shift", "rows"), [(0.3, 2_000), (0.15, 8_000), (1.5, 200)])
def test_a_shift_is_found_within_its_stated_rows(base, rng, shift, rows):
    live = with_reference(base, 20_000, rng)
    values = clean(rng, rows)
    values[:, 0] += shift

    drift = summary_drift(totals_from(live, values), live.model, live.model.reference.prior)

    assert drift.moved == ("V14",)


def test_each_feature_tells_of_its_own_drift(base, rng):
    live = with_reference(base, 20_000, rng)
    values = clean(rng, 4_000)
    values[:400, 1] = 2.0
    values[:800, 2] = np.nan

    drift = summary_drift(totals_from(live, values), live.model, live.model.reference.prior)

    assert set(drift.moved) == {"channel", "amount"}
    assert drift.categories[0].new_rows == 400
    assert feature(drift, "amount").missing_shift == pytest.approx(0.18, abs=0.03)
    assert feature(drift, "channel").distance == pytest.approx(0.1, abs=0.03)


def test_what_varies_within_a_day_is_no_drift(base, rng):
    hour = np.arange(20_000) / 1_000 % 24 * 1.0
    values, labels = raw_values(20_000, rng)
    values[:, 0] = hour
    reference = Reference.measure(
        base.model.schema, values, labels, base.compiled.score(values).base_logit
    )
    live = replace(base, model=replace(base.model, reference=reference))
    night, noon = values[:1_000], values[12_000:13_000]

    drifts = [
        summary_drift(totals_from(live, part), live.model, reference.prior)
        for part in (night, noon)
    ]

    assert [drift.moved for drift in drifts] == [(), ()]
    assert min(feature(drift, "V14").distance for drift in drifts) > 0.3


def test_the_binned_distance_is_close_to_that_of_the_rows(base, rng):
    live = with_reference(base, 20_000, rng)
    values = clean(rng, 3_000)
    values[:, 0] += 0.5

    drift = summary_drift(totals_from(live, values), live.model, live.model.reference.prior)

    exact = stats.ks_2samp(values[:, 0], clean(rng, 20_000)[:, 0]).statistic
    assert feature(drift, "V14").distance == pytest.approx(exact, abs=0.03)


def test_a_change_of_the_prior_alone_is_explained_by_another_prior(base, rng):
    live = with_reference(base, 20_000, rng)
    values, labels = raw_values(40_000, rng)
    chosen = np.concatenate(
        [np.flatnonzero(labels == 1)[:600], np.flatnonzero(labels == 0)[:5_400]]
    )
    totals = totals_from(live, values[chosen])

    usual = summary_drift(totals, live.model, live.model.reference.prior)
    other = summary_drift(totals, live.model, usual.prior.prior)

    assert usual.moved
    assert usual.prior.prior == pytest.approx(0.1, abs=0.03)
    assert usual.prior.z_from(live.model.reference.prior) < -6.0
    assert other.moved == ()


def test_bins_are_of_what_the_version_serves_and_moments_from_home(base, healed, rng):
    values = clean(rng, 4_000)
    values[:, 0] -= 0.8  # which the adapter takes back
    values[:, 2] *= 2.0

    drift = summary_drift(totals_from(healed, values), healed.model, PRIOR)

    assert feature(drift, "V14").distance < 0.08
    assert drift.moments.mean_shift[0] < -0.4


def test_layers_come_with_the_totals(base, rng):
    model = base.model
    totals = totals_from(base, clean(rng, 500), clean(rng, 500))

    means = layer_means(layer_names(model), totals.layers)

    assert tuple(means) == tuple(model.layers)
    assert means["backbone"].mean == pytest.approx(model.reference.layers["backbone"][0], rel=0.15)


def test_no_traffic_is_no_drift(model):
    drift = summary_drift(no_totals(model), model, PRIOR)

    assert (drift.rows, drift.excess, drift.moved) == (0, 0.0, ())
    assert drift.prior.z_from(0.5) == 0.0


@pytest.mark.parametrize(
    "changes",
    [
        {"bins": {}},
        {"moments": {}},
        {"missing": {"V14": 0}},
        {"categories": {}},
        {"categories": {"channel": {"web": 3}}},
        {"score_bins": [1, 2]},
        {"bins": {"V14": [1], "amount": [1]}},
    ],
)
def test_a_summary_of_another_model_is_refused_by_the_feature_s_name(base, rng, changes):
    summary = replace(summary_of(base, clean(rng, 10)), **changes)

    with pytest.raises(FeatureError, match="in a summary"):
        totals_of(summary, base.model)
