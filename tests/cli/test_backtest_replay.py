"""A backtest is prequential: no row's score knows anything that was not known when it came."""

import numpy as np
import pytest

from cli.backtest.late_labels import LateLabels
from cli.backtest.replay import replay
from cli.backtest.rivals import Rival
from cli.backtest.trace import Trace
from cli.in_process import InProcess
from healer.policies import POLICIES
from healer.policy_settings import HealingSettings
from producer.scenarios import scenario
from producer.stream import Stream
from producer.stretches import FILE_CLOCK, Stretch
from selfheal.model.folder import read_folder
from selfheal.model.model import Model
from selfheal.records.healing_events import DriftDetected
from tests.traffic import SCENARIO

ROWS, DELAY, CHUNK = 1_500, 200, 100
SETTINGS = HealingSettings(seed=1)


@pytest.fixture(scope="module")
def model(model_folder) -> Model:
    return read_folder(model_folder)


@pytest.fixture(scope="module")
def rows():
    """Drifted from row 500 on."""
    return Stream(scenario(SCENARIO), 900, ROWS).rows(0, ROWS)


@pytest.fixture(scope="module")
def told(model, rows) -> Trace:
    """The published recipe with every label: it heals soon and often."""
    return run(model, rows.values, rows.labels)


class MeanOfLabels:
    """The smallest learner there is: the share of frauds among the labels so far."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def score(self, values):
        return np.full(len(values), np.mean(self.seen) if self.seen else 0.5)

    def learn(self, values, labels, scored):
        assert scored >= DELAY
        self.seen += labels.tolist()


def run(model, values, labels, policy="article", first_row=0, rival=None) -> Trace:
    place = np.arange(first_row, first_row + len(values))
    cuts = range(0, len(values), CHUNK)
    parts = [
        Stretch(
            first_row + cut,
            [f"t{row}" for row in place[cut : cut + CHUNK]],
            FILE_CLOCK.of(place[cut : cut + CHUNK]),
            values[cut : cut + CHUNK],
        )
        for cut in cuts
    ]
    seen = np.concatenate([np.full(first_row, -1, dtype=np.int8), labels])
    trace = Trace(first_row, labels, model.threshold, model.reference.prior)
    system = InProcess(model, POLICIES[policy], SETTINGS)
    replay(
        parts,
        seen,
        LateLabels(DELAY, 1.0, seed=0),
        system,
        trace,
        rivals=[rival] if rival else [],
    )
    return trace


def test_what_is_labelled_later_changes_nothing_before(model, rows, told):
    cut = 700
    other = rows.labels.copy()
    other[cut:] = 1 - other[cut:]

    untold = run(model, rows.values, other)

    until = cut + DELAY + 1
    np.testing.assert_array_equal(told.healed[:until], untold.healed[:until])
    assert (told.healed[until:] != untold.healed[until:]).any()


def test_labels_that_would_come_after_the_end_change_no_prediction(model, rows, told):
    other = rows.labels.copy()
    other[ROWS - DELAY :] = 1

    untold = run(model, rows.values, other)

    np.testing.assert_array_equal(told.healed, untold.healed)


def test_rows_that_come_later_change_nothing_before(model, rows):
    told = run(model, rows.values, rows.labels, "selfheal")
    other = np.concatenate([rows.values[:1_000], rows.values[1_000:] + 9.0])

    untold = run(model, other, rows.labels, "selfheal")

    np.testing.assert_array_equal(told.healed[:1_000], untold.healed[:1_000])


def test_a_stretch_is_scored_by_what_was_learned_before_it(told):
    assert told.versions[0] == "base"
    assert (told.version[: DELAY + CHUNK] == 0).all()
    assert len(set(told.version)) > 1
    for first in range(0, ROWS, CHUNK):
        assert len(set(told.version[first : first + CHUNK])) == 1


def test_without_healing_what_is_served_is_the_frozen_model(model, rows):
    trace = run(model, rows.values, rows.labels, "none")

    np.testing.assert_array_equal(trace.healed, trace.frozen)
    np.testing.assert_array_equal(trace.decision, trace.frozen >= model.threshold)
    assert trace.versions == ["base"]


def test_the_frozen_model_knows_nothing_of_the_healing(model, rows, told):
    unhealed = run(model, rows.values, rows.labels, "none")

    np.testing.assert_array_equal(told.frozen, unhealed.frozen)
    assert (told.healed != unhealed.healed).any()


def test_events_carry_the_place_in_the_file_of_the_last_row_scored(model, rows):
    trace = run(model, rows.values, rows.labels, "selfheal", first_row=5_000)

    alarms = [told.row for told in trace.told if isinstance(told.event, DriftDetected)]
    assert alarms
    assert 5_500 <= alarms[0] < 6_000
    assert all(row % CHUNK == CHUNK - 1 for row in alarms)


def test_a_rival_scores_each_row_before_it_learns_from_the_labels_of_that_time(model, rows):
    rival = Rival(MeanOfLabels(), ROWS)

    run(model, rows.values, rows.labels, "none", rival=rival)

    expected = np.full(ROWS, 0.5)
    for first in range(CHUNK, ROWS, CHUNK):
        if first > DELAY:
            expected[first : first + CHUNK] = rows.labels[: first - DELAY].mean()
    np.testing.assert_array_equal(rival.scores, expected)
