"""The threshold that judges a contender is chosen from labels that came before those that judge."""

from dataclasses import replace

import numpy as np
import pytest

from healer.contender_thresholds import priced
from healer.contest import Contest
from healer.experts import Correction
from healer.label_heal import followed
from healer.policy import Evidence, Serving
from healer.policy_settings import HealingSettings
from healer.pricing import Pricing
from healer.window import FeedbackWindow, ScoredRows
from producer.regimes import G2
from selfheal.model.adapter import Output
from selfheal.model.costs import Costs
from selfheal.records.feedback import Label
from selfheal.records.thresholds import Thresholds

COSTS = Costs(missed_fraud=5_000, false_alarm=200)
LOWERED = {"lowered": Correction(Output(1.0, -1.0))}


def evidence_of(model, labels, costs=COSTS):
    """Rows of G2, one a millisecond, each with one of the labels (n,), which are known by now."""
    rows = len(labels)
    drawn = G2.draw(np.random.default_rng(902), np.arange(rows), np.zeros(rows))
    window = FeedbackWindow(10_000, 10)
    score, ids = np.full(rows, 0.5), [f"row-{row}" for row in range(rows)]
    flags, epoch = np.zeros(rows, dtype=np.bool_), np.zeros(rows, dtype=np.int64)
    window.add_rows(
        ScoredRows(ids, np.arange(rows), drawn.values, score, score, epoch, np.ones(rows), flags)
    )
    for id_, label in zip(ids, labels, strict=True):
        window.add_label(Label(id_, int(label), 0))
    settings, served = HealingSettings(), Serving(threshold=COSTS.threshold)
    return Evidence(
        model, settings, Thresholds(), window, served, {}, is_healing=False, costs=costs
    )


@pytest.fixture(scope="module")
def truth():
    """Of the rows that `evidence_of` draws."""
    drawn = G2.draw(np.random.default_rng(902), np.arange(400), np.zeros(400))
    return drawn.labels


def contest(seen, unseen, **changes):
    return Contest(0, since_ms=0, seen=seen, unseen=unseen, corrections=LOWERED, **changes)


def test_without_costs_no_threshold_is_chosen(g2_model, truth):
    known = contest(100, 100)

    assert priced(known, evidence_of(g2_model, truth, costs=None)) is known


def test_before_any_label_it_is_that_of_calibrated_scores(g2_model, truth):
    evidence = evidence_of(g2_model, truth)

    found = priced(contest(100, 0), evidence)

    nothing = evidence.window.newest(0)
    anchor = Pricing(COSTS, nothing, nothing, g2_model).threshold(None)
    assert found.thresholds == {"lowered": pytest.approx(anchor)}
    assert found.priced_on == 0


def test_no_label_chooses_the_threshold_that_it_judges(g2_model, truth):
    wrong = np.where(np.arange(400) < 200, truth, 1 - truth)
    known = contest(200, 200)

    by_truth, by_wrong = (followed(known, evidence_of(g2_model, each)) for each in (truth, wrong))

    assert by_truth.thresholds == by_wrong.thresholds
    assert by_truth.duels["lowered"].loss.gain != by_wrong.duels["lowered"].loss.gain


def test_no_label_that_taught_a_contender_chooses_its_threshold(g2_model, truth):
    wrong = np.where(np.arange(400) < 200, 1 - truth, truth)
    known = contest(400, 200)

    by_truth, by_wrong = (priced(known, evidence_of(g2_model, each)) for each in (truth, wrong))

    assert by_truth.thresholds == by_wrong.thresholds


def test_labels_that_were_judged_choose_for_those_to_come(g2_model, truth):
    known = contest(400, 400)

    by_truth, by_wrong = (priced(known, evidence_of(g2_model, each)) for each in (truth, 1 - truth))

    assert by_truth.thresholds != by_wrong.thresholds


@pytest.mark.parametrize(
    ("unseen", "is_chosen_anew"), [(10, False), (19, False), (20, True), (50, True)]
)
def test_thresholds_hold_until_enough_labels_have_come(g2_model, truth, unseen, is_chosen_anew):
    held = contest(100, unseen, thresholds={"lowered": 0.7}, priced_on=0)

    found = priced(held, evidence_of(g2_model, truth))

    assert (found is not held) == is_chosen_anew
    assert (found.priced_on == unseen) == is_chosen_anew


def test_thresholds_are_chosen_half_as_often_with_twice_the_labels(g2_model, truth):
    evidence, chosen = evidence_of(g2_model, truth), []
    known = contest(400, 0)
    for unseen in range(0, 400, 10):
        known = priced(replace(known, unseen=unseen), evidence)
        chosen.append(known.priced_on)

    assert sorted(set(chosen)) == [0, 20, 40, 80, 160, 320]


def test_what_has_learned_anew_and_what_serves_anew_get_thresholds_anew(g2_model, truth):
    known = contest(100, 30, thresholds={"lowered": 0.7}, priced_on=25)

    assert known.taught(LOWERED, 100).priced_on is None
    assert known.against(2).priced_on is None
    assert known.at_another_threshold(2).priced_on == 25
