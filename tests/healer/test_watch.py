"""What the labels, when they come, say of the version in force."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from healer.judging import judged, known
from healer.policy import Evidence, Serving, Stored
from healer.policy_settings import HealingSettings
from healer.watch import best_version, confirmation
from healer.window import FeedbackWindow, ScoredRows
from selfheal.model.adapter import Adapter, InputAlignment, Output
from selfheal.model.compiled import compile_model
from selfheal.records.feedback import Label
from selfheal.records.thresholds import Thresholds

SHIFT = 2.2
BACK = Adapter(alignment=InputAlignment(np.ones(10), np.r_[np.zeros(7), SHIFT, np.zeros(2)]))
"""Undoes the drift of V14."""

ASTRAY = Adapter(output=Output(shift=4.0))
"""Calls nearly everything fraud."""


class Stage:
    """Drifted rows, as a version scored them, with the truth about them."""

    def __init__(self, model, stream):
        fresh = stream.fresh(0, 3_000)
        self.model, self.labels = model, fresh.labels
        self.values = fresh.values - SHIFT * (np.arange(10) == 7)
        self.shadow = compile_model(model).score(self.values).score
        self.window = FeedbackWindow(10_000, 10)
        self.seen = 0

    def add(self, count, adapter=None, epoch=1, scores=None):
        """The next rows, labelled; scored by the adapter unless scores are given."""
        place = slice(self.seen, self.seen + count)
        values = self.values[place]
        score = compile_model(self.model, adapter).score(values).score
        shadow = self.shadow[place]
        if scores is not None:
            score, shadow = scores
        ids = [f"row-{row}" for row in range(self.seen, self.seen + count)]
        rows = ScoredRows(
            ids=ids,
            event_ms=np.arange(self.seen, self.seen + count),
            values=values,
            score=score,
            shadow_score=shadow,
            epoch=np.full(count, epoch),
            weight=np.ones(count),
            conflict=np.zeros(count, dtype=np.bool_),
        )
        self.window.add_rows(rows)
        for id_, label in zip(ids, self.labels[place], strict=True):
            self.window.add_label(Label(id_, int(label), 0))
        self.seen += count

    def evidence(self, version="v1", **adapters):
        served = Serving(version, 1, adapters.get(version))
        return Evidence(
            model=self.model,
            settings=HealingSettings(),
            thresholds=Thresholds(),
            window=self.window,
            served=served,
            versions={name: Stored(adapter) for name, adapter in adapters.items()},
            is_healing=False,
        )


@pytest.fixture
def stage(model, article_stream) -> Stage:
    return Stage(model, article_stream)


def test_a_version_that_beats_the_shadow_is_confirmed_with_both_figures(stage):
    stage.add(600, BACK)

    event = confirmation(stage.evidence(v1=BACK))

    assert (event.version, event.labelled_rows) == ("v1", 600)
    assert event.shadow_accuracy < 0.6
    assert event.accuracy > 0.9
    assert event.accuracy_lift == pytest.approx(event.accuracy - event.shadow_accuracy)
    assert event.f1 > event.shadow_f1


def test_a_version_that_does_worse_than_the_shadow_is_not_confirmed(stage):
    stage.add(600, ASTRAY)

    assert confirmation(stage.evidence(v1=ASTRAY)) is None


def test_of_all_versions_the_one_that_is_best_on_the_same_rows_is_chosen(stage):
    stage.add(600, ASTRAY)
    evidence = stage.evidence(v1=ASTRAY, v2=BACK, v3=ASTRAY)

    assert best_version(evidence, stage.window.joined(0)) == "v2"


def test_the_backbone_alone_is_not_watched(stage):
    stage.add(600)

    assert confirmation(stage.evidence("base")) is None


def test_a_version_that_changes_nothing_is_not_confirmed(stage):
    stage.add(600)

    assert confirmation(stage.evidence(v1=Adapter())) is None


@pytest.mark.parametrize("rows", [0, 1, 49])
def test_few_labels_decide_nothing(stage, rows):
    if rows:
        stage.add(rows, BACK)

    assert confirmation(stage.evidence(v1=BACK)) is None


def test_labels_with_hardly_a_fraud_decide_nothing(stage):
    stage.labels = np.where(np.cumsum(stage.labels) <= 4, stage.labels, 0)
    stage.add(600, BACK)

    assert confirmation(stage.evidence(v1=BACK)) is None


def test_only_rows_that_the_version_in_force_scored_speak_of_it(stage):
    stage.add(600, BACK, epoch=0)
    stage.add(40, BACK, epoch=1)

    assert confirmation(stage.evidence(v1=BACK)) is None


def test_only_the_newest_two_thousand_labels_count(stage):
    stage.add(900, ASTRAY)
    stage.add(2_000, BACK)

    assert confirmation(stage.evidence(v1=BACK)) is not None


def test_versions_of_equal_worth_are_told_apart_by_chance_in_one_of_a_hundred_looks(stage, rng):
    looks, decided = 400, 0
    for _ in range(looks):
        stage.seen, stage.window = 0, FeedbackWindow(10_000, 10)
        middle = rng.normal(-2.0, 1.5, 200)
        score, shadow = (expit(middle + rng.normal(0, 0.7, 200)) for _ in range(2))
        stage.add(200, scores=(score, shadow))
        decided += confirmation(stage.evidence(v1=Adapter())) is not None

    assert decided / looks <= 0.01 + 3 * np.sqrt(0.01 / looks)


def test_the_best_version_may_be_asked_for_besides_the_one_that_serves(stage):
    stage.add(600, BACK)
    evidence = stage.evidence(v1=BACK, v2=ASTRAY)
    rows = stage.window.joined(0)

    assert best_version(evidence, rows) == "v1"
    assert best_version(evidence, rows, besides="v1") == "base"


def test_a_batch_is_judged_beside_the_shadow_at_each_ones_threshold(stage):
    stage.labels = np.array([1, 1, 0, 0])
    stage.add(4, scores=(np.array([0.9, 0.4, 0.6, 0.1]), np.array([0.2, 0.2, 0.2, 0.2])))
    evidence = stage.evidence()
    strict = replace(evidence, served=Serving("v1", 1, threshold=0.65))

    event = judged(stage.window.joined(0), strict, z=1.5)

    assert (event.version, event.rows, event.labelled_rows, event.z) == ("v1", 4, 4, 1.5)
    assert (event.accuracy, event.precision, event.recall) == (0.75, 1.0, 0.5)
    assert (event.shadow_accuracy, event.accuracy_lift) == (0.5, 0.25)
    assert (event.f1, event.shadow_f1) == (pytest.approx(2 / 3), 0.0)


def test_figures_that_are_undefined_are_none(stage):
    event = judged(stage.window.joined(0), stage.evidence())

    assert event.rows == 0
    assert (event.accuracy, event.f1, event.accuracy_lift, event.z) == (None,) * 4
    assert (known(float("nan")), known(0.0)) == (None, 0.0)
