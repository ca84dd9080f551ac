"""Whose label the healer asks for, when again, and that no id is in any event."""

import numpy as np
import pytest

from healer.actions import Ask
from healer.core import Healer
from healer.label_asking import AGAIN_ROWS
from healer.policy_settings import HealingSettings
from healer.window import ScoredRows
from producer.labels import LabelPolicy
from producer.operators import legit_only
from producer.regimes import G1
from selfheal.records import encode
from selfheal.records.feedback import Label
from selfheal.records.healing_events import LabelsNeeded
from tests.healer.policy_run import PolicyRun, stretch
from tests.healer.script import ALARM, CLEAR, GOOD, HEAL, LOST, Driver, of_kind, told


class Asking(Driver):
    """A healer that may ask for ten labels at a time. Its alarm says: since 7 ms."""

    def __init__(self, model, capacity=10_000):
        super().__init__(model)
        settings = HealingSettings(label_budget=10)
        self.healer = Healer(self.script.policy, model, settings, capacity=capacity)
        self.rows = 0

    def see(self, count):
        row = np.arange(self.rows, self.rows + count)
        self.rows += count
        self.healer.observe_rows(
            ScoredRows(
                ids=[f"t{each}" for each in row],
                event_ms=row,
                values=np.random.default_rng(self.rows).normal(size=(count, 10)),
                score=np.full(count, 0.5),
                shadow_score=np.full(count, 0.5),
                epoch=np.zeros(count, dtype=np.int64),
                weight=np.ones(count),
                conflict=np.zeros(count, dtype=bool),
            )
        )

    def lose(self):
        return self.step(ALARM, HEAL) + self.healer.finish(LOST, 0)


@pytest.fixture
def asking(model):
    return Asking(model)


def asked(actions):
    return [r.id for action in actions if isinstance(action, Ask) for r in action.requests]


def test_labels_of_the_drifted_rows_are_asked_for_and_the_event_says_how_many(asking):
    asking.see(100)

    actions = asking.lose()

    (needed,) = of_kind(actions, LabelsNeeded)
    ids = asked(actions)
    assert needed.requests == len(set(ids)) == 10
    assert {int(id_[1:]) for id_ in ids} <= set(range(7, 100))


def test_requests_say_when_why_and_which_one_first(asking):
    asking.see(100)

    (ask,) = [action for action in asking.lose() if isinstance(action, Ask)]

    assert all(request.event_ms == int(request.id[1:]) for request in ask.requests)
    assert {request.reason for request in ask.requests} == {"signal_lost"}
    priorities = [request.priority for request in ask.requests]
    assert priorities == sorted(priorities, reverse=True)
    assert priorities[0] == 1.0
    assert priorities[-1] > 0.0


def test_nobody_is_asked_for_a_label_that_is_known(asking):
    asking.see(30)
    for row in range(7, 25):
        asking.healer.observe(Label(f"t{row}", 0, 50))

    assert sorted(asked(asking.lose())) == [f"t{row}" for row in range(25, 30)]


def test_more_is_asked_for_while_the_need_lasts_ever_more_seldom_and_never_twice(asking):
    asking.see(100)
    first = asked(asking.lose())
    rounds = [first]
    for _ in range(70):
        asking.see(100)
        if more := asked(asking.step()):
            rounds.append(more)

    together = [id_ for ids in rounds for id_ in ids]
    assert [len(ids) for ids in rounds] == [10, 10, 10]
    assert len(set(together)) == len(together)


def test_nothing_more_is_asked_for_once_a_heal_serves(asking):
    asking.see(100)
    asking.lose()
    asking.heal(GOOD)
    asking.see(2 * AGAIN_ROWS)

    assert not asked(asking.step())


def test_nothing_more_is_asked_for_once_the_drift_is_over(asking):
    asking.see(100)
    asking.lose()
    asking.step(CLEAR)
    asking.see(2 * AGAIN_ROWS)

    assert not asked(asking.step())


def test_a_new_leader_asks_for_nothing_that_another_one_asked_for(asking):
    asking.see(27)
    asking.healer.asking.recall(f"t{row}" for row in range(7, 20))

    assert sorted(asked(asking.lose())) == [f"t{row}" for row in range(20, 27)]


def test_with_a_budget_of_none_the_verdict_is_all_that_is_told(model):
    driver = Driver(model)
    driver.healer = Healer(driver.script.policy, model, HealingSettings(label_budget=0))

    actions = driver.step(ALARM, HEAL) + driver.healer.finish(LOST, 0)

    assert [needed.requests for needed in of_kind(actions, LabelsNeeded)] == [0]
    assert not asked(actions)


def test_a_negative_budget_is_refused():
    with pytest.raises(ValueError, match="label_budget is -1, expected 0 or more"):
        HealingSettings(label_budget=-1)


def test_no_event_of_a_run_that_asks_carries_an_id(model):
    rows = stretch((G1, 1_000), (legit_only(G1, 2.2), 1_500), seed=901)

    run = PolicyRun(model, rows, LabelPolicy(coverage=0.0))

    ids = {request.id for request in run.system.requests}
    assert len(ids) == 200 == run.of_kind(LabelsNeeded)[0].requests
    assert not any(b"row-" in encode(event) for event in run.events)
    assert not any("row-" in str(event) for event in told(run.system.healer.step(0)))
