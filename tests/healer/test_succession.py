"""A retrained model in service: what the healer keeps, says anew in its terms, and forgets."""

from dataclasses import replace

import numpy as np
import pytest

from consumer.live import base
from healer.actions import Publish
from healer.lifecycle import State
from healer.policy import Serving
from healer.succession import recoded, served_by_others_ms
from healer.window import FeedbackWindow
from selfheal.model.compiled import compile_model
from selfheal.model.schema import Categorical, Numeric, Schema
from selfheal.records.healing_events import DriftCleared, HealHeld, StateChanged
from tests.drift.traffic_of import summary_of
from tests.healer.rows import conflict, label, sample
from tests.healer.script import ALARM, GOOD, HEAL, LOST, STUDIED, STUDY, of_kind

SINCE = 5


@pytest.fixture(scope="module")
def retrained(model):
    """The same network with other weights."""
    return replace(
        model, backbone={name: 0.5 * array for name, array in model.backbone.items()}, threshold=0.4
    )


@pytest.fixture
def served(driver):
    """A healer that watches version v4 of the old model."""
    driver.healer.serve(Serving("v4", SINCE - 1, GOOD.adapter), {})
    return driver


def take_over(driver, model, now_ms=0):
    """What a leader does when the registry has put a model into service."""
    actions = driver.healer.adopt(model, SINCE, now_ms)
    driver.healer.serve(Serving(epoch=SINCE, threshold=model.threshold), {})
    driver.healer.begin()
    return actions


def see(driver, model, id_, value, epoch):
    features = dict.fromkeys(model.schema.names, value)
    driver.healer.observe(sample(id_, features=features, epoch=epoch, score=0.9, shadow_score=0.8))


def scores_of(model, value):
    values = np.full((1, len(model.schema.names)), value)
    return float(compile_model(model).score(values).shadow_score[0])


def test_rows_and_labels_stay_and_get_the_scores_of_the_new_model(served, model, retrained):
    see(served, model, "a", 1.5, SINCE - 1)
    served.healer.observe(label("a", 1))
    see(served, model, "b", 0.5, SINCE)

    take_over(served, retrained)

    rows = served.healer.evidence().window.newest(2)
    expected = scores_of(retrained, 1.5)
    assert rows.score.tolist() == [expected, 0.9]
    assert rows.shadow_score.tolist() == [expected, 0.8]
    assert rows.label[0] == 1.0


def test_a_scorer_that_is_late_to_swap_mixes_no_old_score_in(served, model, retrained):
    take_over(served, retrained)

    see(served, model, "new", 0.5, SINCE)
    see(served, model, "late", 1.5, SINCE - 1)

    assert served.healer.evidence().window.newest(2).score.tolist() == [
        0.9,
        scores_of(retrained, 1.5),
    ]


def test_conflicts_of_the_old_model_are_none_of_the_new_one(served, model, retrained):
    for id_ in ("a", "b"):
        see(served, model, id_, 1.5, SINCE - 1)
    served.healer.observe(conflict("a"))

    take_over(served, retrained)
    served.healer.observe(conflict("b"))

    assert not served.healer.evidence().window.newest(2).conflict.any()


def test_an_episode_ends_with_the_model_that_it_was_of(served, retrained):
    served.step(ALARM, now_ms=1_000)
    served.heal(LOST)

    actions = take_over(served, retrained, now_ms=3_000)

    (cleared,) = of_kind(actions, DriftCleared)
    assert (cleared.detector, cleared.duration_s) == ("ks", 2.0)
    assert of_kind(actions, StateChanged)[-1].state == "HEALTHY"
    assert (served.healer.verdict, served.healer.state) == ("stable", State.HEALTHY)


def test_a_rolled_back_healer_is_healthy_again(served, retrained):
    served.healer.state = State.ROLLED_BACK

    (changed,) = of_kind(take_over(served, retrained), StateChanged)

    assert (changed.state, changed.cause) == ("HEALTHY", "model_changed")


def test_a_heal_under_way_is_superseded_and_teaches_the_policy_nothing(served, retrained):
    served.step(ALARM, HEAL)
    take_over(served, retrained)

    actions = served.healer.finish(GOOD, now_ms=9)

    (held,) = of_kind(actions, HealHeld)
    assert (held.reason, held.kept_version) == ("superseded", "base")
    assert not [action for action in actions if isinstance(action, Publish)]
    assert served.script.ends == []


def test_what_was_learned_about_the_old_model_is_dropped(served, retrained):
    served.step(STUDY)
    take_over(served, retrained)

    served.healer.finish(STUDIED, now_ms=9)

    assert served.script.lessons == []


def test_the_policy_and_the_watch_over_all_traffic_begin_anew(served, model, retrained):
    values = np.random.default_rng(0).normal(size=(1_000, len(model.schema.features)))
    old = replace(summary_of(base(model), values), epoch=SINCE - 1, last_event_ms=7_000)
    served.healer.observe(old)

    take_over(served, retrained)

    assert served.healer.look() is None
    assert served.healer.evidence().model is retrained
    assert served.script.starts[-1] == "base"


def test_the_new_regime_begins_after_the_last_row_that_another_model_served():
    window = FeedbackWindow(10, 1)
    for event_ms, epoch in ((100, 4), (300, 5), (200, 4)):
        window.add_sample(sample(f"t{event_ms}", event_ms, epoch=epoch), [0.0])

    assert served_by_others_ms(window, since=5) == 201
    assert served_by_others_ms(window, since=0) == 0


def test_levels_keep_their_meaning_where_the_new_model_knows_others():
    old = Schema((Numeric("amount"), Categorical("shop", ("a", "b"))))
    new = Schema((Numeric("amount"), Categorical("shop", ("c", "b"))))
    values = np.array([[1.0, 0.0], [2.0, 1.0], [3.0, 2.0], [4.0, np.nan]])

    codes = recoded(values, old, new)

    np.testing.assert_array_equal(codes[:, 1], [2.0, 1.0, 2.0, np.nan])
    np.testing.assert_array_equal(codes[:, 0], values[:, 0])
