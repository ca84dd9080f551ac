"""The threshold at which costs are least, against every threshold that there is."""

import numpy as np
import pytest

from healer.calibration import Calibration
from healer.operating_point import (
    Recent,
    capacity_threshold,
    operating_threshold,
    worth_moving,
)
from selfheal.model.costs import Costs
from selfheal.model.probability import sigmoid

CERTAIN = Calibration(1.0, 0.0, np.diag([1e-8, 1e-8]))
KNOWN = Calibration(1.0, 0.0, np.diag([0.03, 0.05]) ** 2)
OPEN = Calibration(1.0, 0.0, np.diag([0.3, 1.0]) ** 2)
NONE = np.zeros(0)

DEAR = [Costs(5_000, 200), Costs(5_000, 15), Costs(1, 1), Costs(15, 5_000)]


def calibrated(rng, rows):
    """Logits (n,), and labels that they are the true probabilities of."""
    logit = rng.normal(-2.0, 2.0, rows)
    return logit, (rng.random(rows) < sigmoid(logit)).astype(float)


def recent(logit, labelled=NONE, label=NONE, weight=None, calibration=CERTAIN):
    weight = np.ones(len(logit)) if weight is None else weight
    return Recent(logit, weight, labelled, label, calibration)


def cost_of(threshold, logit, label, costs):
    is_alarm = sigmoid(logit) >= threshold
    missed = (~is_alarm & (label > 0)).sum() * costs.missed_fraud
    return missed + (is_alarm & (label == 0)).sum() * costs.false_alarm


def least_cost(logit, label, costs):
    """By trying a thousand thresholds, an equal number of rows apart."""
    tried = np.quantile(sigmoid(logit), np.linspace(0.0, 1.0, 1_000))
    return min(cost_of(t, logit, label, costs) for t in [*tried, 1.1])


@pytest.mark.parametrize("costs", DEAR)
def test_calibrated_scores_without_labels_are_cut_where_an_alarm_pays(rng, costs):
    logit, _ = calibrated(rng, 2_000)

    assert operating_threshold(costs, recent(logit)) == pytest.approx(costs.threshold, rel=1e-3)


@pytest.mark.parametrize("costs", DEAR)
@pytest.mark.parametrize(("scale", "shift"), [(1.0, 0.0), (2.0, 0.0), (0.5, -1.0), (1.0, 2.0)])
def test_with_labels_the_threshold_costs_hardly_more_than_the_best_there_is(
    rng, costs, scale, shift
):
    truth, label = calibrated(rng, 16_000)
    logit = (truth - shift) / scale  # what the model says of it
    labelled = slice(0, 2_000)
    seen = recent(logit[2_000:6_000], logit[labelled], label[labelled], calibration=OPEN)

    threshold = operating_threshold(costs, seen)

    judged = slice(6_000, None)
    found = cost_of(threshold, logit[judged], label[judged], costs)
    assert found <= 1.1 * least_cost(logit[judged], label[judged], costs)


@pytest.mark.parametrize("costs", [Costs(5_000, 200), Costs(1, 1)])
def test_scores_that_no_calibration_describes_are_cut_where_labels_say(rng, costs):
    """Frauds where the score is in the middle: no rising probability tells of that."""
    logit = rng.uniform(-4.0, 4.0, 12_000)
    label = ((np.abs(logit) < 1.0) & (rng.random(12_000) < 0.9)).astype(float)
    labelled = slice(0, 4_000)
    seen = recent(logit[4_000:], logit[labelled], label[labelled], calibration=OPEN)

    threshold = operating_threshold(costs, seen)

    least = least_cost(logit[4_000:], label[4_000:], costs)
    assert cost_of(threshold, logit[4_000:], label[4_000:], costs) <= 1.1 * least


def test_few_labels_move_the_threshold_little(rng):
    logit, _ = calibrated(rng, 2_000)
    costs = Costs(5_000, 200)
    few = recent(logit, np.array([-2.0, 0.0]), np.array([1.0, 0.0]), calibration=OPEN)

    assert 0.3 < operating_threshold(costs, few) / costs.threshold < 3.0


def test_costs_alone_decide_where_nothing_is_known():
    costs = Costs(5_000, 200)

    assert operating_threshold(costs, recent(NONE)) == pytest.approx(costs.threshold)


@pytest.mark.parametrize(("costs", "share"), [(Costs(1, 0), 1.0), (Costs(0, 1), 0.0)])
def test_what_costs_nothing_is_done_always_or_never(rng, costs, share):
    logit, label = calibrated(rng, 500)
    seen = recent(logit, logit[:100], label[:100], calibration=OPEN)

    assert seen.alert_share(operating_threshold(costs, seen)) == share


@pytest.mark.parametrize("capacity", [0.0, 0.01, 0.05, 0.3, 1.0])
def test_no_more_alarms_follow_than_can_be_reviewed_and_no_fewer_than_needed(rng, capacity):
    logit = rng.normal(size=1_000).round(1)  # many scores are equal
    weight = rng.uniform(1.0, 10.0, 1_000)
    seen = recent(logit, weight=weight)

    threshold = capacity_threshold(Costs(5_000, 15, capacity), seen)

    shares = [seen.alert_share(t) for t in [*np.unique(sigmoid(logit)), 1.0]]
    best = max(share for share in shares if share <= capacity + 1e-9)
    assert seen.alert_share(threshold) == pytest.approx(best)


def test_the_threshold_rises_where_capacity_binds_and_only_there(rng):
    logit, _ = calibrated(rng, 2_000)
    free, tight, ample = Costs(5_000, 200), Costs(5_000, 200, 0.02), Costs(5_000, 200, 0.9)

    assert operating_threshold(ample, recent(logit)) == operating_threshold(free, recent(logit))
    assert recent(logit).alert_share(operating_threshold(tight, recent(logit))) == 0.02


def test_a_threshold_that_is_about_right_stays(rng):
    logit, _ = calibrated(rng, 4_000)
    costs, seen = Costs(5_000, 200), recent(logit)

    assert worth_moving(costs, seen, now=0.035, wanted=operating_threshold(costs, seen)) is None
    assert worth_moving(costs, seen, now=0.5, wanted=operating_threshold(costs, seen)) == "cost"


def test_reviewers_who_get_too_many_alarms_are_reason_enough(rng):
    logit, _ = calibrated(rng, 4_000)
    costs, seen = Costs(5_000, 200, 0.05), recent(logit)
    wanted = operating_threshold(costs, seen)
    slightly = np.quantile(sigmoid(logit), 1.0 - 0.053)

    assert worth_moving(costs, seen, costs.threshold, wanted) == "capacity"
    assert worth_moving(costs, seen, slightly, wanted) is None


def test_what_is_learned_from_one_sample_is_not_unlearned_by_the_next(rng):
    costs, threshold, moves = Costs(5_000, 200), 0.5, 0
    for _ in range(50):
        logit, label = calibrated(rng, 4_000)
        seen = recent(logit, logit[:200], label[:200], calibration=KNOWN)
        wanted = operating_threshold(costs, seen)
        if worth_moving(costs, seen, threshold, wanted):
            threshold, moves = wanted, moves + 1

    assert moves <= 3
