"""Learning from labels: what is learned from is never judged on, and the winner is what is told."""

from itertools import pairwise

import numpy as np
import pytest

from healer.contest import CALIBRATED, Contest, candidates, judged
from healer.label_heal import (
    LESSON_ROWS,
    LOOK_EVERY,
    Victory,
    decline_began_ms,
    followed,
    is_due,
    label_heal,
    lesson_rows,
)
from healer.lessons import School, lesson
from healer.policy import Evidence, Serving
from healer.policy_settings import HealingSettings
from healer.regime import Regime
from healer.window import FeedbackWindow, ScoredRows
from producer.operators import concept
from producer.regimes import G2
from selfheal.model.adapter import Adapter, InputAlignment
from selfheal.model.compiled import compile_model
from selfheal.model.metrics import measure
from selfheal.records.feedback import Label
from selfheal.records.thresholds import Thresholds
from tests.healer.rows import rows_of

NEW = Contest(epoch=0, since_ms=0)


class Stream:
    """Rows, one a millisecond, that get their label at once."""

    def __init__(self, model, capacity=10_000):
        self.model = model
        self.window = FeedbackWindow(capacity, 10)
        self.rng = np.random.default_rng(901)

    def add(self, rows, regime=G2, truth=None):
        """So many rows, all labelled: by their regime, or by the P(fraud) that `truth` gives."""
        first = self.window.samples_seen
        drawn = regime.draw(self.rng, np.arange(rows), np.zeros(rows))
        score = compile_model(self.model).score(drawn.values).score
        ids = [f"row-{row}" for row in range(first, first + rows)]
        self.window.add_rows(
            ScoredRows(
                ids=ids,
                event_ms=np.arange(first, first + rows),
                values=drawn.values,
                score=score,
                shadow_score=score,
                epoch=np.zeros(rows, dtype=np.int64),
                weight=np.ones(rows),
                conflict=np.zeros(rows, dtype=np.bool_),
            )
        )
        labels = drawn.labels if truth is None else self.rng.random(rows) < truth(drawn.values)
        for id_, label in zip(ids, labels, strict=True):
            self.window.add_label(Label(id_, int(label), 0))

    def evidence(self, serving=Serving()):  # noqa: B008  (frozen)
        settings = HealingSettings()
        return Evidence(self.model, settings, Thresholds(), self.window, serving, {}, False)


@pytest.fixture
def stream(model) -> Stream:
    return Stream(model)


def test_labels_are_judged_a_few_at_a_time(stream):
    stream.add(LOOK_EVERY - 1)
    early = followed(NEW, stream.evidence())
    stream.add(1)

    assert early is NEW
    assert followed(NEW, stream.evidence()).seen == LOOK_EVERY


def test_labels_before_the_regime_are_judged_once_and_never_again(stream):
    stream.add(100)
    contest = followed(Contest(0, since_ms=50), stream.evidence())
    stream.add(LOOK_EVERY)

    assert len(contest.decline.sums) == 50
    assert len(followed(contest, stream.evidence()).decline.sums) == 50 + LOOK_EVERY


@pytest.mark.parametrize("unjudged", [1, LOOK_EVERY - 1])
def test_a_lesson_has_no_label_that_is_still_to_be_judged(stream, unjudged):
    stream.add(100)
    contest = followed(NEW, stream.evidence())
    stream.add(unjudged)
    evidence = stream.evidence()

    lesson = lesson_rows(followed(contest, evidence), evidence)

    assert len(lesson) == 100
    later = stream.window.joined(contest.seen)
    assert not set(lesson.order) & set(later.order)


def test_a_lesson_is_of_the_newest_labels_of_the_regime(stream):
    stream.add(LESSON_ROWS + 500)
    evidence = stream.evidence()

    everything = lesson_rows(followed(NEW, evidence), evidence)
    regime = lesson_rows(followed(Contest(0, since_ms=2_000), evidence), evidence)

    assert everything.event_ms.tolist() == list(range(500, LESSON_ROWS + 500))
    assert regime.event_ms.min() == 2_000


def test_lessons_come_at_growing_distances(stream):
    due = []
    contest = NEW
    for _ in range(200):
        stream.add(20)
        evidence = stream.evidence()
        contest = followed(contest, evidence)
        if is_due(contest, evidence):
            due.append(contest.seen)
            contest = contest.taught({}, len(lesson_rows(contest, evidence)))

    assert due[0] == 20
    early = [labels for labels in due if labels < 1_300]
    assert all(after >= 1.3 * before for before, after in pairwise(early))
    assert 8 < len(due) < 20


@pytest.mark.parametrize("seed", [903, 904, 905])
def test_a_network_that_is_right_already_is_left_by_nothing_that_learns(model, seed):
    stream, contest, winners = Stream(model), NEW, []
    stream.rng = np.random.default_rng(seed)
    for _ in range(80):
        stream.add(10, truth=lambda values: compile_model(model).score(values).score)
        evidence = stream.evidence()
        contest = followed(contest, evidence)
        winners.append(contest.winner)
        if is_due(contest, evidence):
            contest = lesson(contest, lesson_rows(contest, evidence), School(Serving(), model, 0))

    assert len(contest.duels) == 7
    assert set(winners) == {None}


def test_a_study_gives_every_method_and_says_how_many_labels_it_is_of(model, stream):
    stream.add(400)
    rows = stream.window.joined(0)

    taught = lesson(NEW, rows, School(Serving(), model, seed=0))

    assert taught.learned == 400
    assert set(taught.corrections) == {
        *("skip@300", "trees@300", "blend@300"),
        *("skip@2000", "trees@2000", "blend@2000"),
        CALIBRATED,
    }


def test_the_same_seed_learns_the_same(model, stream):
    stream.add(200)
    rows = stream.window.joined(0)

    first, second = (School(Serving(), model, seed=3).taught(rows) for _ in range(2))

    fresh = G2.draw(stream.rng, np.arange(100), np.zeros(100)).values
    for name, correction in first.items():
        scores = [
            compile_model(model, Adapter(output=each.output, trees=each.trees)).score(fresh).logit
            for each in (correction, second[name])
        ]
        np.testing.assert_array_equal(*scores)


@pytest.mark.parametrize("wild", [1e6, 1e39, -1e300, np.nan])
def test_one_wild_value_among_the_labels_does_not_spoil_what_is_learned(model, stream, wild):
    stream.add(500, concept(G2))
    rows = stream.window.joined(0)
    rows.values[7, 3] = wild
    taught = lesson(NEW, rows.part(slice(300)), School(Serving(), model, seed=0))

    contest = judged(taught, rows.part(slice(300, 500)), Serving(), model)

    assert contest.winner is not None


@pytest.mark.parametrize("labels", [0, 10, 19])
def test_too_few_labels_teach_nothing(model, stream, labels):
    if labels:
        stream.add(labels)

    taught = lesson(NEW, stream.window.joined(0), School(Serving(), model, seed=0))

    assert (taught.corrections, taught.learned) == ({}, labels)


def test_one_class_alone_teaches_nothing(model, stream):
    stream.add(500)
    rows = stream.window.joined(0)

    assert School(Serving(), model, seed=0).taught(rows.part(rows.label == 0)) == {}


def test_the_time_of_a_decline_is_near_the_change(model, stream):
    stream.add(600)
    stream.add(400, concept(G2))
    evidence = stream.evidence()
    contest = followed(NEW, evidence)

    assert contest.has_declined
    assert decline_began_ms(contest, evidence) == pytest.approx(600, abs=60)


class Won:
    """A contest that a correction for the changed relation has won."""

    def __init__(self, model, regime=None, is_apart=False):
        stream = Stream(model)
        stream.add(1_000, concept(G2))
        rows = stream.window.joined(0)
        taught = lesson(NEW, rows.part(slice(500)), School(Serving(), model, 0))
        contest = judged(taught, rows.part(slice(500, 1_000)), Serving(), model)
        self.name, self.contest = contest.winner, contest
        victory = Victory(self.name, contest, rows, stream.window.newest(1_000), regime, is_apart)
        self.proposal = label_heal(victory, Serving(), model)


@pytest.fixture(scope="module")
def won(model) -> Won:
    return Won(model)


def test_the_winner_is_published_with_what_it_was_judged_by(won):
    gate = won.proposal.gate

    assert (gate.verdict, gate.reason) == ("promote", "better_on_new_labels")
    assert gate.labelled_rows == 500
    assert gate.loss_gain == won.contest.duels[won.name].loss.mean_gain > 0
    assert gate.accuracy > gate.previous_accuracy + 0.05
    assert gate.f1 > gate.previous_f1
    assert 0.0 < gate.changed_share < 0.5
    assert (won.proposal.rows, won.proposal.labelled_rows) == (1_000, 1_000)
    assert (won.proposal.first_event_ms, won.proposal.last_event_ms) == (0, 999)


def test_what_is_published_heals_fresh_rows(model, won):
    fresh = concept(G2).draw(np.random.default_rng(902), np.arange(5_000), np.zeros(5_000))

    before, after = (
        measure(fresh.labels, compile_model(model, adapter).score(fresh.values).score)
        for adapter in (None, won.proposal.adapter)
    )

    assert after.accuracy > before.accuracy + 0.08


def test_a_heal_within_the_first_regime_stands_for_that(model, won):
    regime = Regime.read({name: np.asarray(v) for name, v in won.proposal.regime.items()})

    assert regime.quantiles is None
    assert regime.prior == model.reference.prior


def test_a_heal_of_rows_that_look_like_no_regime_gets_one_of_its_own(model):
    won = Won(model, Regime(0.4, 300, 0), is_apart=True)

    regime = Regime.read({name: np.asarray(v) for name, v in won.proposal.regime.items()})

    assert regime.quantiles.shape == (10, 129)
    assert (regime.prior, regime.rows) == (0.4, 1_000)


def test_the_winner_keeps_the_alignment_that_serves(model, won):
    alignment = InputAlignment(np.ones(10), np.full(10, 0.1))
    served = Serving("v1", 1, Adapter(alignment=alignment))
    rows = rows_of(np.zeros((10, 10)), label=np.r_[np.ones(5), np.zeros(5)])

    victory = Victory(won.name, won.contest, rows, rows, None, False)

    assert label_heal(victory, served, model).adapter.alignment is alignment
    assert candidates(won.contest, served.adapter)[won.name].alignment is alignment
