"""Where costs are named: contenders are judged by what decisions cost, each at its threshold."""

from dataclasses import replace

import numpy as np
import pytest

from healer.contest import Contest, judged
from healer.duel import Duel, Outcomes, outcomes_of
from healer.experts import Correction
from healer.policy import Serving
from selfheal.model.adapter import Output
from selfheal.model.costs import Costs
from tests.healer.rows import rows_of

COSTS = Costs(missed_fraud=5_000, false_alarm=200)
NEW = Contest(epoch=1, since_ms=0)
SURE = -np.log(0.05)


@pytest.fixture(scope="module")
def fresh(article_stream):
    """2,000 labelled clean rows that the model has not seen."""
    drawn = article_stream.fresh(0, 2_000)
    return rows_of(drawn.values, label=drawn.labels.astype(np.float64))


def contested(model, rows, contender, serving, costs):
    contest = replace(
        NEW.taught({"contender": Correction(Output())}, 0), thresholds={"contender": contender}
    )
    return judged(contest, rows, Serving(threshold=serving), model, costs).duels["contender"]


def test_a_decision_counts_what_it_costs_as_a_share_of_the_dearest_mistake(model, fresh):
    found = outcomes_of(model, None, 0.5, fresh, COSTS).errors
    wrong = outcomes_of(model, None, 0.5, fresh).errors

    is_fraud = fresh.label > 0
    np.testing.assert_array_equal(found[is_fraud], wrong[is_fraud])
    np.testing.assert_allclose(found[~is_fraud], 0.04 * wrong[~is_fraud])


def test_where_all_mistakes_cost_the_same_nothing_is_judged_otherwise(model, fresh):
    by_cost = contested(model, fresh, 0.5, 0.2, Costs(1, 1))
    by_errors = [outcomes_of(model, None, threshold, fresh).errors for threshold in (0.2, 0.5)]

    assert by_cost.errors.gain == pytest.approx(float((by_errors[0] - by_errors[1]).sum()))


def test_a_contender_decides_at_its_own_threshold_and_not_at_that_of_what_serves(model, fresh):
    cheaper = contested(model, fresh, contender=COSTS.threshold, serving=0.5, costs=COSTS)
    dearer = contested(model, fresh, contender=0.5, serving=COSTS.threshold, costs=COSTS)

    assert cheaper.errors.gain > 0.0
    assert cheaper.errors.log_evidence > SURE
    assert dearer.errors.gain == pytest.approx(-cheaper.errors.gain)


def test_what_is_more_often_right_and_dearer_does_not_win_by_its_decisions(model, fresh):
    by_costs = contested(model, fresh, contender=0.5, serving=COSTS.threshold, costs=COSTS)
    by_errors = contested(model, fresh, contender=0.5, serving=COSTS.threshold, costs=Costs(1, 1))

    assert by_errors.errors.log_evidence > SURE
    assert by_costs.errors.log_evidence < 0.0


def test_without_costs_a_contender_decides_where_what_serves_does(model, fresh):
    contest = NEW.taught({"contender": Correction(Output())}, 0)

    duel = judged(contest, fresh, Serving(threshold=0.2), model).duels["contender"]

    assert duel.errors.gain == 0.0


@pytest.mark.parametrize("costs", [Costs(5_000, 15), COSTS, Costs(5_000, 1_000)])
def test_one_that_costs_the_same_is_rarely_said_to_be_cheaper_however_often_one_looks(rng, costs):
    runs, labels, alarmed = 100, 400, 0
    zeros = np.zeros(labels)
    for _ in range(runs):
        is_fraud = rng.random(labels) < 0.15
        cost = [costs.of_decisions(is_fraud, rng.random(labels) < 0.5) for _ in range(2)]
        duel, highest = Duel(), -np.inf
        for first in range(0, labels, 20):
            part = slice(first, first + 20)
            serving, contender = (Outcomes(zeros[part], each[part]) for each in cost)
            duel = duel.after(serving, None, contender)
            highest = max(highest, duel.errors.log_evidence)
        alarmed += highest > SURE

    assert alarmed <= 0.05 * runs + 3 * np.sqrt(0.05 * 0.95 * runs)


def test_where_what_serves_decides_elsewhere_that_bet_alone_begins_anew(model, fresh):
    contest = replace(
        NEW, duels={"contender": contested(model, fresh, COSTS.threshold, 0.5, COSTS)}
    )

    anew = contest.at_another_threshold(2)

    before, now = contest.duels["contender"], anew.duels["contender"]
    assert anew.epoch == 2
    assert (now.errors.labels, now.errors.gain) == (0, 0.0)
    assert (now.loss, now.ranks) == (before.loss, before.ranks)
