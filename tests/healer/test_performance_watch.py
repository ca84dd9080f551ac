"""When performance is estimated, when it is not, and what is told once labels come."""

from dataclasses import dataclass

import numpy as np
import pytest

from healer.performance_watch import ESTIMATED_ROWS, FIRST_ROWS, REALISED_LABELS, PerformanceWatch
from healer.policy import Serving
from healer.window import FeedbackWindow, ScoredRows
from producer.delays import ConstantDelay
from producer.labels import LabelPolicy
from producer.operators import everyone, legit_only
from producer.regimes import G1, G2
from selfheal.model.probability import sigmoid
from selfheal.records.feedback import Label
from selfheal.records.healing_events import (
    DriftDetected,
    HealPublished,
    PerformanceEstimated,
    PerformanceRealised,
    PerformanceWithdrawn,
)
from tests.healer.policy_run import PolicyRun, stretch

NO_LABELS = LabelPolicy(coverage=0.0)


@dataclass
class Watched:
    """Rows whose scores are calibrated, put before the watch as a test says."""

    model: object
    capacity: int = 20_000

    def __post_init__(self):
        self.window = FeedbackWindow(self.capacity, 10)
        self.watch, self.served = PerformanceWatch(), Serving()
        self.rng = np.random.default_rng(900)
        self.labels = np.zeros(0, dtype=np.int64)

    def rows(self, count, epoch=0):
        score = sigmoid(self.rng.normal(-3.0, 2.5, count))
        first = len(self.labels)
        self.labels = np.append(self.labels, self.rng.random(count) < score).astype(np.int64)
        self.window.add_rows(
            ScoredRows(
                ids=[f"t{row}" for row in range(first, first + count)],
                event_ms=np.arange(first, first + count),
                values=np.zeros((count, 10)),
                score=score,
                shadow_score=score,
                epoch=np.full(count, epoch),
                weight=np.ones(count),
                conflict=np.zeros(count, dtype=bool),
            )
        )

    def label(self, rows):
        for row in rows:
            self.window.add_label(Label(f"t{row}", int(self.labels[row]), 0))

    def look(self, doubt=None):
        return self.watch.look(doubt, self.model, self.served, self.window)


@pytest.fixture
def watched(model):
    return Watched(model)


def kinds(events):
    return [type(event) for event in events]


def test_a_version_is_estimated_soon_and_then_every_thousand_rows(watched):
    watched.rows(FIRST_ROWS - 1)
    assert watched.look() == []

    watched.rows(1)
    (first,) = watched.look()
    watched.rows(ESTIMATED_ROWS - 1)
    assert watched.look() == []
    watched.rows(1)
    (second,) = watched.look()

    assert (first.rows, second.rows) == (FIRST_ROWS, ESTIMATED_ROWS)
    assert (first.calibration, first.labelled_rows) == ("model", 0)


def test_another_version_is_estimated_on_rows_of_its_own(watched):
    watched.rows(FIRST_ROWS)
    watched.look()
    watched.served = Serving(version="v1", epoch=1)
    watched.rows(150)
    watched.rows(FIRST_ROWS - 1, epoch=1)
    assert watched.look() == []

    watched.rows(1, epoch=1)
    (told,) = watched.look()

    assert (told.version, told.rows) == ("v1", FIRST_ROWS)


def test_an_estimate_is_withdrawn_once_and_made_again_on_rows_after_the_doubt(watched):
    watched.rows(FIRST_ROWS)
    watched.look()
    watched.rows(ESTIMATED_ROWS)

    assert watched.look("alarm") == [PerformanceWithdrawn("base", "alarm")]
    assert watched.look("alarm") == []
    watched.rows(FIRST_ROWS)
    (again,) = watched.look()

    assert again.rows == FIRST_ROWS


def test_labels_of_estimated_rows_tell_the_error_and_calibrate_the_version(watched):
    watched.rows(FIRST_ROWS)
    watched.look()
    watched.label(range(FIRST_ROWS))

    (told,) = watched.look()
    watched.rows(ESTIMATED_ROWS)
    (after,) = watched.look()

    assert told.labelled_rows == REALISED_LABELS == FIRST_ROWS
    assert told.frauds == watched.labels[:FIRST_ROWS].sum()
    assert abs(told.estimated_accuracy - told.accuracy) <= 3.0 * told.accuracy_standard_error
    assert (after.calibration, after.labelled_rows) == ("labels", FIRST_ROWS)


def test_a_label_that_came_before_the_estimate_judges_it_and_is_not_used_for_it(watched):
    watched.rows(FIRST_ROWS)
    watched.label(range(FIRST_ROWS))

    (estimated,) = watched.look()
    (realised,) = watched.look()

    assert estimated.labelled_rows == 0
    assert realised.labelled_rows == FIRST_ROWS


def test_labels_of_rows_of_which_nothing_was_said_judge_nothing(watched):
    watched.rows(FIRST_ROWS)
    watched.look("alarm")
    watched.label(range(FIRST_ROWS))

    assert watched.look("alarm") == []


def test_a_new_leader_says_nothing_of_rows_from_before(watched):
    watched.rows(ESTIMATED_ROWS)
    watched.label(range(FIRST_ROWS))
    watched.watch.begin(watched.window)

    assert watched.look() == []
    watched.rows(FIRST_ROWS)
    assert kinds(watched.look()) == [PerformanceEstimated]


def told_after(run, kind, event):
    """Events of one kind after the first of another."""
    events = list(run.events)
    return [e for e in events[kinds(events).index(event) :] if isinstance(e, kind)]


def test_where_nothing_can_heal_nothing_is_estimated_after_the_alarm(model):
    rows = stretch((G1, 1_500), (legit_only(G1, 2.2), 3_000), seed=901)

    run = PolicyRun(model, rows, NO_LABELS)

    assert run.of_kind(PerformanceEstimated)
    assert not told_after(run, PerformanceEstimated, DriftDetected)
    reasons = [event.reason for event in run.of_kind(PerformanceWithdrawn)]
    assert reasons == ["alarm", "labels_needed"]


def test_a_healed_stream_is_estimated_within_three_points_and_so_is_its_shadow(g2_model):
    rows = stretch((G2, 1_500), (everyone(G2, 2.2), 5_000), seed=900)

    run = PolicyRun(g2_model, rows, NO_LABELS)

    last = told_after(run, PerformanceEstimated, HealPublished)[-1]
    assert last.estimated_accuracy == pytest.approx(run.figures(4_000).accuracy, abs=0.03)
    assert last.estimated_shadow_accuracy == pytest.approx(run.frozen(4_000).accuracy, abs=0.06)


def test_a_decline_seen_in_labels_withdraws_the_estimate(g2_model):
    turned = stretch((G2, 6_000), seed=902)
    turned.labels[3_000:] = 1 - turned.labels[3_000:]
    late = LabelPolicy(coverage=0.3, delay=ConstantDelay(100))

    run = PolicyRun(g2_model, turned, late)

    assert "declined" in [event.reason for event in run.of_kind(PerformanceWithdrawn)]
    assert run.of_kind(PerformanceRealised)
