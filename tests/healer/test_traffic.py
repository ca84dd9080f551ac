"""All traffic, folded into looks; each epoch apart."""

from dataclasses import replace

import numpy as np
import pytest

from healer.policy import Serving
from healer.policy_settings import HealingSettings
from healer.traffic import WINDOW_LOOKS, Traffic
from selfheal.drift.cadence import Cadence
from selfheal.drift.layers import LayerState
from selfheal.model.errors import FeatureError
from tests.consumer.conftest import base, healed, model
from tests.consumer.serving import ADAPTER, raw_values
from tests.drift.traffic_of import summary_of, with_reference

__all__ = ["base", "healed", "model"]

QUICK = Cadence(every_ms=100, fewest_rows=500)
LONG = 20_000.0
BASE = Serving()
V1 = Serving(version="v1", epoch=4, adapter=ADAPTER)


@pytest.fixture(scope="module")
def calibrated(base):
    return with_reference(base, 20_000, np.random.default_rng(3))


def clean(rng, rows=600):
    return raw_values(rows, rng)[0]


def moved(rng, rows=600, shift=1.0):
    values = clean(rng, rows)
    values[:, 0] += shift
    return values


def folded(live, parts, every=QUICK, **changes):
    traffic = Traffic(live.model, every, LONG)
    for values in parts:
        traffic.add(replace(summary_of(live, values), **changes))
    return traffic


def test_before_the_first_look_there_is_nothing_to_say(calibrated, rng):
    traffic = folded(calibrated, [clean(rng, 400)])

    assert traffic.look(BASE) is None


def test_a_look_adds_up_all_scorers(calibrated, rng):
    traffic = folded(calibrated, [clean(rng, 200), clean(rng, 200), clean(rng, 200)])

    look = traffic.look(BASE)

    assert look is not None
    assert look.newest.rows == 600
    assert (look.epoch, look.version) == (0, "base")


def test_clean_traffic_is_quiet(calibrated, rng):
    traffic = folded(calibrated, [clean(rng) for _ in range(30)])

    look = traffic.look(BASE)

    assert look.alarmed == ()
    assert look.kind is None
    assert look.layers.state is LayerState.CALM
    assert look.weighted_psi < 0.02


def test_drift_is_told_by_feature_after_two_looks_and_until_it_is_over(calibrated, rng):
    traffic, told = Traffic(calibrated.model, QUICK, LONG), []
    stream = [clean] * 3 + [moved] * 3 + [clean] * 40
    for draw in stream:
        traffic.add(summary_of(calibrated, draw(rng)))
        told.append(traffic.look(BASE).alarmed)

    assert told[:4] == [()] * 4
    assert told[4] == ("V14",)
    assert told[-1] == ()


def test_what_is_too_small_for_one_look_is_seen_over_the_window(calibrated, rng):
    traffic = folded(calibrated, [moved(rng, shift=0.18) for _ in range(2 * WINDOW_LOOKS)])

    look = traffic.look(BASE)

    assert look.newest.moved == ()
    assert look.window.moved == ("V14",)
    assert look.alarmed == ("V14",)


def test_looking_often_changes_nothing(calibrated, rng):
    often, once = Traffic(calibrated.model, QUICK, LONG), Traffic(calibrated.model, QUICK, LONG)
    for _ in range(6):
        summary = summary_of(calibrated, moved(rng))
        once.add(summary)
        often.add(summary)
        often.look(BASE)
        often.look(BASE)

    assert often.look(BASE).excess == once.look(BASE).excess
    assert often.look(BASE).alarmed == once.look(BASE).alarmed
    assert often.look(BASE) is often.look(BASE)


def test_each_epoch_is_folded_apart_and_judged_as_its_adapter_serves(base, healed, rng):
    base = with_reference(base, 20_000, rng)
    healed = replace(healed, model=base.model)
    traffic = Traffic(base.model, QUICK, LONG)
    for _ in range(3):
        values = moved(rng, shift=-0.8)  # which the adapter takes back
        values[:, 2] *= 2.0
        traffic.add(summary_of(base, values))
        traffic.add(summary_of(healed, values))

    assert set(traffic.look(BASE).alarmed) == {"V14", "amount"}
    assert traffic.look(V1).alarmed == ()
    assert traffic.look(V1).newest.moments.mean_shift[0] < -0.4


def test_the_layers_have_a_baseline_for_each_version(base, healed, rng):
    traffic = Traffic(base.model, QUICK, LONG)
    for _ in range(12):
        traffic.add(summary_of(base, moved(rng, shift=-3.0)))
        traffic.add(summary_of(healed, moved(rng, shift=-3.0)))

    assert traffic.look(BASE).layers.state is LayerState.CRITICAL
    assert traffic.look(V1).layers.state is LayerState.CALM


def test_kinds_of_drift_are_named_apart(calibrated, rng):
    values, labels = raw_values(60_000, rng)
    frauds, others = values[labels == 1][:600], values[labels == 0][:5_400]
    rarer = rng.permutation(np.concatenate([frauds, others]))

    prior = folded(calibrated, np.split(rarer, 10)).look(BASE)
    covariate = folded(calibrated, [moved(rng) for _ in range(10)]).look(BASE)

    assert prior.kind == "prior"
    assert covariate.kind == "unknown"


def test_the_prior_of_the_serving_version_is_what_traffic_is_judged_by(calibrated, rng):
    values, labels = raw_values(60_000, rng)
    chosen = np.concatenate(
        [np.flatnonzero(labels == 1)[:600], np.flatnonzero(labels == 0)[:5_400]]
    )
    served = replace(BASE, regime={"prior": np.array(0.1)})

    look = folded(calibrated, np.split(rng.permutation(values[chosen]), 10)).look(served)

    assert look.alarmed == ()


def test_drift_of_what_matters_to_the_score_weighs_more(calibrated, rng):
    def weighted_psi(draw, *, is_weighed):
        traffic = folded(calibrated, [draw(rng) for _ in range(3)])
        if is_weighed:
            traffic.weigh(clean(rng, 300))
        return traffic.look(BASE).weighted_psi

    def amounts_moved(rng):
        values = clean(rng)
        values[:, 2] *= 3.0
        return values

    assert weighted_psi(moved, is_weighed=True) > 1.3 * weighted_psi(moved, is_weighed=False)
    assert weighted_psi(amounts_moved, is_weighed=True) < 0.7 * weighted_psi(
        amounts_moved, is_weighed=False
    )


def test_a_stream_whose_clock_stands_still_is_looked_at_all_the_same(calibrated, rng):
    traffic = folded(calibrated, [clean(rng, 4_000)] * 3, last_event_ms=1_000)
    assert traffic.look(BASE) is None

    summary = summary_of(calibrated, clean(rng, 4_000))
    traffic.add(replace(summary, rows=1_000_000, last_event_ms=1_000))

    assert traffic.look(BASE) is not None


def test_a_summary_of_another_model_is_refused(calibrated, rng):
    summary = summary_of(calibrated, clean(rng))

    with pytest.raises(FeatureError, match="absent in a summary"):
        Traffic(calibrated.model, QUICK, LONG).add(replace(summary, bins={}))


def test_the_operator_sets_cadence_and_run_length(calibrated, rng):
    summary = summary_of(calibrated, moved(rng, 600, shift=0.35))

    def look(**settings):
        traffic = Traffic.under(calibrated.model, HealingSettings(look_every_s=0.1, **settings))
        traffic.add(summary)
        return traffic.look(BASE)

    assert look(look_rows=1_000) is None
    often, seldom = look(look_rows=500, run_length_looks=10), look(look_rows=500)
    assert often.excess["V14"] > seldom.excess["V14"]
