"""What a demo is asked to do, and which service each `--set` is meant for."""

import pytest

from cli.demo.plan import DemoPlan, with_settings
from cli.plan_settings import PlanError, read_healing, read_watch
from healer.policy_settings import HealingSettings
from selfheal.records.thresholds import Thresholds


@pytest.mark.parametrize(
    ("pair", "part"),
    [
        ("batch_records=500", "scorer"),
        ("history_limit=9", "healer"),
        ("heal_lr=0.01", "healing"),
        ("drift_strength=3.5", "producer"),
        ("rollback_f1_drop=0.03", "thresholds"),
    ],
)
def test_a_setting_is_given_to_the_part_that_has_it(pair, part):
    plan = with_settings(DemoPlan(), [pair])

    name = pair.partition("=")[0]
    parts = ("producer", "scorer", "healer", "healing", "thresholds")
    assert [each for each in parts if name in getattr(plan, each)] == [part]


def test_a_setting_that_several_parts_have_is_given_to_all_of_them():
    plan = with_settings(DemoPlan(), ["conflict_min=0.4"])

    assert plan.scorer == plan.healing == {"conflict_min": "0.4"}


def test_late_labels_may_be_asked_for_in_rows():
    plan = with_settings(DemoPlan(), ["label_delay_rows=2000", "label_coverage=0.5"])

    assert plan.producer == {"label_delay": "2000", "label_rate": "0.5"}


def test_a_later_setting_wins():
    assert with_settings(DemoPlan(), ["heal_lr=0.01", "heal_lr=0.02"]).healing["heal_lr"] == "0.02"


@pytest.mark.parametrize(
    "pair",
    [
        *("heal_lr", "=3", "no_such_setting=3", "bootstrap=elsewhere:9092"),
        *("heal_lr=-1", "heal_steps=many", "batch_records=0", "rollback_f1_drop=2"),
        *("health_window=2.5", "conflict_min=7"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(pair):
    with pytest.raises(PlanError, match=rf"--set .*{pair.partition('=')[0]}"):
        with_settings(DemoPlan(), [pair])


def test_settings_are_read_as_the_healer_will_read_them():
    assert read_healing({"heal_steps": "7"}) == HealingSettings(heal_steps=7)
    assert read_watch({"health_window": 7.0}) == Thresholds(health_window=7)


def test_the_stream_is_the_one_that_the_producer_sends():
    plan = with_settings(DemoPlan(scenario="article", seed=3), ["drift_strength=3.5"])

    stream = plan.stream()

    assert (stream.seed, stream.transactions) == (3, plan.transactions)
    assert stream.scenario.segments[1].population.mu0[7] == pytest.approx(-3.5)
