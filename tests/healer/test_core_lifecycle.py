"""Whatever a policy intends and however jobs end, the core keeps to the table of its lifecycle."""

from functools import cache

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from healer.actions import PointBack, Publish, Train
from healer.lifecycle import TRANSITIONS, Cause, State
from healer.policy import Restore, RollBack
from producer.scenarios import SCHEMA
from selfheal.model.training import train
from selfheal.records.healing_events import DriftCleared, DriftDetected, LabelsNeeded, StateChanged
from tests.healer.script import ALARM, CLEAR, GOOD, HEAL, HELD, LOST, STUDIED, STUDY, Driver, told

ROLL_BACK = RollBack("v1", "f1_drop", labelled_rows=100)
RESTORE = Restore("v2")
INTENTS = st.lists(st.sampled_from([ALARM, CLEAR, HEAL, STUDY, ROLL_BACK, RESTORE]), max_size=4)


@cache
def small_model():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(40, len(SCHEMA.names)))
    return train(SCHEMA, values, np.arange(40) % 2, seed=0, epochs=1)


class AnyPolicy(RuleBasedStateMachine):
    """A core under random intents, outcomes, operators and changes of leader."""

    def __init__(self):
        super().__init__()
        self.driver = Driver(small_model())
        self.state, self.events = State.HEALTHY, []
        self.jobs, self.to_publish, self.to_point_back = [], [], []

    def take(self, actions):
        """Carry out nothing yet: note what is to be done, and follow the states."""
        self.jobs += [action.job for action in actions if isinstance(action, Train)]
        self.to_publish += [action for action in actions if isinstance(action, Publish)]
        self.to_point_back += [action for action in actions if isinstance(action, PointBack)]
        self.events += told(actions)
        for event in told(actions):
            if isinstance(event, StateChanged):
                assert event.previous_state == self.state
                cause = Cause(event.cause)
                assert TRANSITIONS[self.state, cause] == event.state
                self.state = State(event.state)

    def is_settled(self):
        """A publication, or a pointer, is carried out before anything else happens."""
        return not (self.to_publish or self.to_point_back)

    @precondition(is_settled)
    @rule(intents=INTENTS, now_ms=st.integers(0, 9))
    def step(self, intents, now_ms):
        self.take(self.driver.step(*intents, now_ms=now_ms))

    @precondition(lambda self: self.jobs and self.is_settled())
    @rule(proposal=st.sampled_from([GOOD, HELD, LOST]))
    def finish(self, proposal):
        is_study = self.jobs.pop() is STUDY.job
        self.take(self.driver.healer.finish(STUDIED if is_study else proposal, now_ms=5))

    @precondition(lambda self: self.jobs and self.is_settled())
    @rule()
    def fail(self):
        self.jobs.pop()
        self.take(self.driver.healer.failed("ValueError", now_ms=5))

    @precondition(lambda self: self.to_publish)
    @rule(is_possible=st.booleans())
    def publish(self, is_possible):
        done = self.to_publish.pop(0)
        if is_possible:
            self.take(self.driver.publish([done]))
        else:
            self.take(self.driver.healer.failed("RegistryError", now_ms=5))

    @precondition(lambda self: self.to_point_back)
    @rule()
    def point_back(self):
        intent = self.to_point_back.pop(0).intent
        previous = self.driver.healer.served.version
        self.driver.serve(intent.version)
        self.take(self.driver.healer.pointed_back(intent, previous, 5))

    @rule()
    def operator_points_elsewhere(self):
        self.driver.serve("v99")

    @rule()
    def lead_is_taken(self):
        self.driver.healer.begin()

    @invariant()
    def the_state_is_the_one_that_was_told(self):
        assert self.driver.healer.state is self.state

    @invariant()
    def there_is_at_most_one_job_and_the_policy_knows_of_it(self):
        assert len(self.jobs) <= 1
        assert self.driver.healer.evidence().is_healing == bool(self.jobs)

    @invariant()
    def every_heal_is_published_refused_or_not_over(self):
        heals = self.driver.healer.heals
        pending = self.jobs.count(HEAL.job) + len(self.to_publish)
        assert heals.attempted == heals.published + heals.refused + pending

    @invariant()
    def alarms_and_their_ends_take_turns(self):
        turns = [type(e) for e in self.events if isinstance(e, DriftDetected | DriftCleared)]
        assert set(turns[::2]) <= {DriftDetected}
        assert set(turns[1::2]) <= {DriftCleared}

    @invariant()
    def labels_are_asked_for_only_within_an_episode(self):
        episodes = {e.episode for e in self.events if isinstance(e, DriftDetected)}
        asked = {e.episode for e in self.events if isinstance(e, LabelsNeeded)}
        assert asked <= episodes


AnyPolicy.TestCase.settings = settings(max_examples=40, stateful_step_count=25)
test_the_core_keeps_to_its_table_whatever_happens = AnyPolicy.TestCase
