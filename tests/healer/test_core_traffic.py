"""The core folds summaries: drift over all traffic is in the evidence, and layers in the alarm."""

from dataclasses import replace

import pytest

from consumer.live import base
from healer.core import Healer
from healer.drifting_layers import drifting_layers, sampled_layers
from healer.policy_settings import HealingSettings
from selfheal.model.adapter import Adapter, Bottleneck, Output
from selfheal.model.errors import FeatureError
from selfheal.records.healing_events import DriftDetected
from selfheal.telemetry.meters import Meters
from tests.drift.traffic_of import summary_of
from tests.healer.rows import sample
from tests.healer.script import ALARM, Script, of_kind


@pytest.fixture
def summary(model, rng):
    """A thousand rows in six seconds, V14 far off."""
    values = rng.normal(size=(1_000, len(model.schema.features)))
    values[:, model.schema.names.index("V14")] -= 4.0
    return replace(summary_of(base(model), values), first_event_ms=1_000, last_event_ms=7_000)


def test_before_any_summary_nothing_is_known_of_all_traffic(driver):
    assert driver.healer.evidence().traffic is None


def test_summaries_reach_the_policy_as_drift_by_feature(driver, summary):
    for _ in range(2):
        driver.healer.observe(summary)

    look = driver.healer.evidence().traffic

    assert look.window.rows == 2_000
    assert look.alarmed[0] == "V14"


def test_an_alarm_names_the_layers_that_left_their_baseline(driver, summary):
    driver.healer.observe(summary)

    (told,) = of_kind(driver.step(ALARM), DriftDetected)

    assert told.layers == driver.healer.look().layers.layers
    assert told.layers


def test_sampled_rows_weigh_the_features_by_their_importance(driver, model, summary, rng):
    wide = type(driver)(model)
    wide.healer.window = type(wide.healer.window)(500, len(model.schema.features))
    for row in range(300):
        values = rng.normal(size=len(model.schema.features)).tolist()
        features = dict(zip(model.schema.names, values, strict=True))
        wide.healer.window.add_sample(sample(f"t{row}", features=features), values)
    for healer in (wide.healer, driver.healer):
        healer.observe(summary)
        healer.look()
        healer.observe(summary)

    assert wide.healer.look().weighted_psi > 1.5 * driver.healer.look().weighted_psi


def test_a_summary_of_another_model_is_refused(driver, summary):
    with pytest.raises(FeatureError, match="in a summary"):
        driver.healer.observe(replace(summary, bins={}))

    assert driver.healer.look() is None


def test_the_metrics_show_each_feature_and_layer(driver, summary):
    from healer.traffic_meters import show_traffic

    meters = Meters("healer")
    for _ in range(2):
        driver.healer.observe(summary)

    show_traffic(meters, driver.healer.look())

    shown = meters.text().decode()
    assert 'selfheal_feature_drift_ratio{feature="V14"}' in shown
    assert 'selfheal_layer_z_statistic{layer="backbone"}' in shown
    assert 'selfheal_layer_state_info{state="critical"} 1.0' in shown
    assert "selfheal_traffic_rows 2000.0" in shown


def test_an_alarm_that_comes_before_any_summary_names_the_layers_by_the_samples(model, rng):
    healer = Healer(Script().policy, model, HealingSettings(), capacity=500)
    for row in range(300):
        values = rng.normal(size=len(model.schema.features))
        values[model.schema.names.index("V14")] -= 4.0
        features = dict(zip(model.schema.names, values.tolist(), strict=True))
        healer.observe(sample(f"t{row}", features=features))

    assert "backbone" in drifting_layers(healer.evidence(), rows=200)


def test_clean_samples_name_no_layer_and_nor_does_an_adapter_within_the_network(
    article_stream, model, rng
):
    clean = article_stream.rows(0, 256).values
    latents = Adapter(latents={"backbone": Bottleneck.born(64, rng)})
    gated = replace(latents, output=Output(1.0, 0.5))

    assert sampled_layers(model, None, clean) == ()
    assert sampled_layers(model, gated, clean - 9.0) == ()
    assert sampled_layers(model, None, clean[:0]) == ()
