"""When the published recipe alarms and heals: FIDI, five conflicts, one batch at a time."""

from dataclasses import replace

import numpy as np
import pytest

from healer.policies.article import key_feature
from healer.policy import Alarm, Clear, Heal, Judge
from tests.healer.article import Stage, only


@pytest.fixture
def stage(model) -> Stage:
    return Stage(model)


def test_the_calibration_of_v14_is_near_the_published_one(model):
    v14 = key_feature(model, "")

    assert model.schema.numeric_names[v14] == "V14"
    assert model.reference.mean[v14] == pytest.approx(-0.363, abs=0.05)
    assert model.reference.sd[v14] == pytest.approx(1.323, abs=0.05)


def test_fidi_watches_the_feature_that_is_named(model):
    assert model.schema.numeric_names[key_feature(model, "V3")] == "V3"


def test_fidi_speaks_from_the_third_batch_on(stage):
    z = [only(stage.show(z=2.0), Judge).event.z for _ in range(3)]

    assert z[:2] == [None, None]
    assert z[2] == pytest.approx(2.0)


def test_fidi_is_the_distance_of_the_mean_of_the_batch_means(stage):
    for z in (0.0, 0.0):
        stage.show(z=z)

    assert only(stage.show(z=-3.0), Judge).event.z == pytest.approx(1.0)


def test_fidi_forgets_what_lies_more_than_ten_batches_back(stage):
    z = [only(stage.show(z=z), Judge).event.z for z in (10.0, *[0.0] * 10)]

    assert z[9] == pytest.approx(1.0)
    assert z[10] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(("z", "heals"), [(0.99, False), (1.01, True), (-1.01, True)])
def test_fidi_heals_above_one_standard_deviation(stage, z, heals):
    intents = [stage.show(z=z) for _ in range(3)]

    assert only(intents[1], Heal) is None
    heal = only(intents[2], Heal)
    assert (heal is not None) is heals
    if heals:
        assert (heal.trigger, heal.rows, heal.labelled_rows) == ("drift", 100, 100)


@pytest.mark.parametrize(("conflicts", "heals"), [(4, False), (5, True)])
def test_five_conflicts_in_a_batch_heal_from_the_first_batch_on(stage, conflicts, heals):
    intents = stage.show(conflicts=conflicts)

    heal = only(intents, Heal)
    assert (heal is not None) is heals
    if heals:
        assert heal.trigger == "conflicts"


def test_an_alarm_says_which_trigger_and_its_threshold(stage):
    by_conflicts = only(stage.show(conflicts=7), Alarm)
    stage.show()
    by_fidi = only(stage.show(z=6.0), Alarm)

    assert (by_conflicts.detector, by_conflicts.drift) == ("conflicts", "unknown")
    assert (by_conflicts.statistic, by_conflicts.threshold) == (7.0, 5.0)
    assert (by_fidi.detector, by_fidi.drift) == ("fidi", "covariate")
    assert (by_fidi.statistic, by_fidi.threshold) == (pytest.approx(2.0), 1.0)
    assert by_fidi.features == ("V14",)
    assert by_fidi.onset_ms == 200


def test_a_batch_without_a_trigger_ends_the_drift(stage):
    assert only(stage.show(conflicts=5), Clear) is None
    assert only(stage.show(), Clear) is not None


def test_the_triggers_are_those_of_the_settings(stage):
    stage.settings = replace(stage.settings, conflict_trigger=9, fidi_threshold=2.5)

    intents = [stage.show(z=2.4, conflicts=8) for _ in range(3)]

    assert [only(each, Heal) for each in intents] == [None, None, None]
    assert only(stage.show(conflicts=9), Heal) is not None


def test_a_heal_trains_on_the_batch_that_set_it_off(stage):
    stage.show(conflicts=0)
    heal = only(stage.show(conflicts=6, hits=17), Heal)

    proposal = heal.job()

    assert (proposal.first_event_ms, proposal.last_event_ms) == (100, 199)
    assert proposal.gate.frauds == 17


def test_a_batch_is_judged_as_it_was_served_once_it_is_whole(stage):
    event = only(stage.show(hits=6, alarms=4, misses=2, conflicts=3), Judge).event

    assert (event.rows, event.labelled_rows, event.conflicts) == (100, 100, 3)
    assert event.accuracy == pytest.approx(0.94)
    assert (event.precision, event.recall) == (pytest.approx(0.6), pytest.approx(0.75))
    assert event.f1 == pytest.approx(2 * 6 / (2 * 6 + 4 + 2))
    assert event.accuracy_lift == 0.0
    assert stage.step() == ()


def test_of_several_batches_that_came_at_once_all_are_judged_and_the_newest_may_heal(stage):
    for conflicts in (6, 7, 8):
        stage.add(conflicts=conflicts)

    intents = stage.step()

    judged = [intent.event.conflicts for intent in intents if isinstance(intent, Judge)]
    heals = [place for place, intent in enumerate(intents) if isinstance(intent, Heal)]
    assert judged == [6, 7, 8]
    assert heals == [len(intents) - 1]


def test_no_heal_is_asked_for_while_one_is_under_way(stage):
    stage.is_healing = True

    intents = stage.show(conflicts=50)

    assert only(intents, Heal) is None
    assert only(intents, Alarm) is not None


def test_a_healer_that_starts_anew_judges_no_batch_twice(stage):
    stage.add(conflicts=9)
    stage.start()

    assert stage.step() == ()
    assert only(stage.show(), Judge).event.conflicts == 0


def test_a_heal_that_nothing_serves_of_leaves_the_optimiser_as_it_was(stage):
    stage.publish("v1", accuracy=0.9, f1=0.7)
    before = stage.memory

    stage.lose()

    assert before.learner == "learner of v1"
    assert stage.memory is before


def test_a_batch_without_a_value_of_the_key_feature_has_no_part_in_fidi(stage):
    for _ in range(3):
        stage.show(z=3.0)

    without = stage.show(z=np.nan)
    after = stage.show(z=3.0)

    assert only(without, Judge).event.z is None
    assert only(without, Heal) is None
    assert only(after, Judge).event.z == pytest.approx(3.0)
