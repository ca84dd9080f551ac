"""The system in miniature shows the healer what the services' records would show it."""

from dataclasses import replace

import numpy as np
import pytest

from cli.in_process import InProcess
from consumer.live import base
from consumer.sampling import Sampler
from consumer.scoring import feedback
from healer.core import Healer
from healer.policies import NONE
from healer.policy import Heal
from healer.policy_settings import HealingSettings
from selfheal.model.schema import Categorical, Numeric, Schema
from selfheal.model.training import train
from selfheal.records.feedback import Label
from selfheal.records.healing_events import HealFailed

SCHEMA = Schema((Numeric("V14"), Categorical("channel", ("web", "shop"))))
ALL = Sampler(share=1.0)


@pytest.fixture
def rows(rng):
    """(600, 2): a number, a level, some unknown, some missing."""
    values = np.column_stack([rng.normal(-1, 2, 600), rng.integers(0, 3, 600)])
    values[rng.random((600, 2)) < 0.05] = np.nan
    return values


@pytest.fixture
def model(rows):
    labels = (np.nan_to_num(rows[:, 0]) > 1).astype(int)  # so that the rule V14 < -1.5 conflicts
    return train(SCHEMA, rows, labels, seed=0, epochs=20)


def test_rows_given_at_once_make_the_window_that_their_records_make(model, rows):
    settings = HealingSettings()
    system, by_records = InProcess(model, NONE, settings), Healer(NONE, model, settings)

    for first in range(0, 600, 60):
        place = range(first, first + 60)
        ids, event_ms = [f"row-{row}" for row in place], np.array(place)
        labels = [Label(f"row-{row}", row % 2, row) for row in place if row % 3 == 0]
        scored = system.feed(ids, event_ms, rows[first : first + 60], labels)
        for record in feedback(scored, base(model), ALL, ALL, place[-1]):
            by_records.observe(record)
        for label in labels:
            by_records.observe(label)

    expected, found = by_records.window.newest(600), system.healer.window.newest(600)
    assert expected.conflict.any()
    for name in expected.__slots__:
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)


def test_a_heal_that_fails_is_told_and_leaves_what_serves(model, rows):
    def fail():
        raise FloatingPointError

    def step(memory, evidence):
        del evidence
        return memory, (Heal("drift", 2, 0, fail),)

    system = InProcess(model, replace(NONE, step=step), HealingSettings())

    system.feed(["a", "b"], np.array([1, 2]), rows[:2], [])

    told = [event for event in system.events if isinstance(event, HealFailed)]
    assert [event.error_class for event in told] == ["FloatingPointError"]
    assert system.live.version == "base"
    assert system.healer.heals.refused == 1


def test_the_clock_never_goes_back(model, rows):
    system = InProcess(model, NONE, HealingSettings())

    system.feed(["a", "b"], np.array([9, 5]), rows[:2], [])
    system.feed(["c"], np.array([3]), rows[2:3], [])

    assert system.now_ms == 9
