"""When the published recipe rolls back, and to what."""

from dataclasses import replace

import pytest

from healer.policy import Heal, RollBack
from selfheal.records.thresholds import Thresholds
from tests.healer.article import Stage, only

F1_70 = {"hits": 7, "alarms": 3, "misses": 3}
F1_67 = {"hits": 6, "alarms": 3, "misses": 3}
F1_60 = {"hits": 6, "alarms": 4, "misses": 4}
ACCURACY_83 = {"hits": 20, "alarms": 9, "misses": 8}
"""Its F1 is above 0.70."""


@pytest.fixture
def stage(model) -> Stage:
    """v1 serves, with the best F1; v2 came after it and serves now."""
    stage = Stage(model)
    stage.publish("v1", accuracy=0.94, f1=0.70)
    stage.publish("v2", accuracy=0.90, f1=0.50)
    return stage


def rollbacks(stage, *batches):
    return [only(stage.show(**batch), RollBack) for batch in batches]


def test_an_f1_of_more_than_eight_hundredths_below_the_baseline_rolls_back(stage):
    first, second, third = rollbacks(stage, F1_60, F1_60, F1_60)

    assert first is second is None
    assert (third.version, third.cause, third.labelled_rows) == ("v1", "f1_drop", 100)
    assert third.f1_drop == pytest.approx(0.10)


def test_an_accuracy_of_more_than_a_tenth_below_the_baseline_rolls_back(stage):
    *_, third = rollbacks(stage, ACCURACY_83, ACCURACY_83, ACCURACY_83)

    assert (third.version, third.cause) == ("v1", "accuracy_drop")
    assert third.accuracy_drop == pytest.approx(0.11)


def test_the_figures_are_means_of_the_last_five_batches(stage):
    found = rollbacks(stage, *[F1_70] * 9, *[F1_60] * 5)

    assert found[:12] == [None] * 12  # three of the last five are 0.1 lower: 0.06 in the mean
    assert found[13].f1_drop == pytest.approx(0.10)


def test_the_best_version_after_a_heal_is_restored_whichever_is_newest(stage):
    stage.publish("v3", accuracy=0.95, f1=0.80)
    stage.publish("v4", accuracy=0.95, f1=0.75)

    *_, third = rollbacks(stage, F1_60, F1_60, F1_60)

    assert third.version == "v3"


def test_the_baseline_is_that_of_the_first_heal_whatever_comes_later(stage):
    stage.publish("v3", accuracy=0.20, f1=0.10)

    *_, third = rollbacks(stage, F1_60, F1_60, F1_60)

    assert third.f1_drop == pytest.approx(0.10)


def test_nothing_is_restored_where_the_best_version_serves_already_least_of_all_the_clean_weights(
    stage,
):
    stage.serve("v1")

    assert rollbacks(stage, F1_60, F1_60, F1_60) == [None, None, None]


def test_nothing_is_restored_before_the_first_heal(model):
    assert rollbacks(Stage(model), F1_60, F1_60, F1_60) == [None, None, None]


def test_a_version_that_was_withdrawn_is_not_restored(stage):
    del stage.versions["v1"]

    assert rollbacks(stage, F1_60, F1_60, F1_60) == [None, None, None]


def test_a_batch_that_rolls_back_does_not_heal(stage):
    stage.show(**F1_60)
    stage.show(**F1_60)

    intents = stage.show(conflicts=50, **F1_60)

    assert only(intents, RollBack) is not None
    assert only(intents, Heal) is None


def test_no_rollback_where_the_watch_is_off(stage):
    stage.settings = replace(stage.settings, rollback_is_on=False)

    assert rollbacks(stage, F1_60, F1_60, F1_60) == [None, None, None]


def test_the_thresholds_of_operations_hold_from_the_next_batch_on(stage):
    assert rollbacks(stage, *[F1_67] * 5)[-1] is None

    stage.thresholds = Thresholds(rollback_f1_drop=0.03, rollback_acc_drop=1.0, health_window=3)

    assert rollbacks(stage, F1_67)[0].f1_drop == pytest.approx(0.70 - 2 / 3)
