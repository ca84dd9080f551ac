"""What decisions cost, and the threshold that follows from it."""

import numpy as np
import pytest

from selfheal.model.costs import Costs, costs_toml, read_costs
from selfheal.model.costs_file import read_costs_file
from selfheal.model.errors import CostsError


def test_costs_are_missed_frauds_and_false_alarms_of_a_thousand_rows():
    labels = np.array([1, 1, 0, 0], dtype=np.int8)

    cost = Costs(5000, 200).per_1000(labels, np.full(4, 0.9), np.array([True, False, True, False]))

    assert cost == 1000 * (5000 + 200) / 4


def test_of_more_alarms_than_can_be_reviewed_the_highest_scores_are():
    labels = np.zeros(2_000, dtype=np.int8)
    labels[[3, 1_003]] = 1
    scores = np.linspace(0.5, 0.6, 2_000)
    scores[3] = 0.9

    cost = Costs(5000, 200, 0.01).per_1000(labels, scores, np.ones(2_000, dtype=bool))

    reviewed_legit, missed = 9 + 10, 1
    assert cost == pytest.approx(1000 * (5000 * missed + 200 * reviewed_legit) / 2_000)


def test_no_rows_have_no_cost():
    assert Costs(1, 1).per_1000([], np.zeros(0), np.zeros(0, dtype=bool)) is None


@pytest.mark.parametrize("false_alarm", [0.0, 15.0, 200.0, 5_000.0, 1e6])
def test_no_threshold_on_calibrated_probabilities_is_expected_to_cost_less(false_alarm):
    costs = Costs(5_000.0, false_alarm)
    probability = np.linspace(0.0, 1.0, 1_001)

    expected = [
        (probability * 5_000.0)[probability < t].sum()
        + ((1.0 - probability) * false_alarm)[probability >= t].sum()
        for t in [*probability, costs.threshold]
    ]

    assert expected[-1] == pytest.approx(min(expected))


def test_each_decision_costs_a_share_of_the_dearest_mistake():
    costs = Costs(missed_fraud=50, false_alarm=200)

    shares = costs.of_decisions([1, 1, 0, 0], [True, False, True, False])

    assert shares.tolist() == [0.0, 0.25, 1.0, 0.0]


def test_a_difference_of_decisions_is_a_difference_of_expected_costs(rng):
    costs = Costs(5_000, 200)
    labels = rng.integers(0, 2, 500)
    ours, theirs = rng.integers(0, 2, (2, 500)).astype(bool)

    bet = costs.of_decisions(labels, theirs) - costs.of_decisions(labels, ours)

    scores = np.zeros(500)
    saved = costs.per_1000(labels, scores, theirs) - costs.per_1000(labels, scores, ours)
    assert 5_000 * 1_000 * bet.mean() == pytest.approx(saved)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("missed_fraud = ", "not TOML"),
        ("missed_fraud = 5000", "false_alarm: missing"),
        ("missed_fraud = -1\nfalse_alarm = 1", "missed_fraud: is -1"),
        ("missed_fraud = 1\nfalse_alarm = 'x'", "false_alarm"),
        ("missed_fraud = 1\nfalse_alarm = true", "false_alarm: is True"),
        ("missed_fraud = 1\nfalse_alarm = 1\nreview_capacity = 2", "review_capacity: is 2"),
        ("missed_fraud = nan\nfalse_alarm = 1", "missed_fraud"),
        ("missed_fraud = inf\nfalse_alarm = 1", "missed_fraud"),
        ("missed_fraud = 1\nfalse_alarm = 1\nfee = 2", "fee: no such cost"),
        ("missed_fraud = 0\nfalse_alarm = 0", "both are 0"),
    ],
)
def test_costs_that_cannot_be_are_refused_with_their_file(text, words):
    with pytest.raises(CostsError, match=rf"^costs\.toml.*{words}"):
        read_costs(text, "costs.toml")


def test_costs_that_are_written_are_read_as_they_were():
    costs = Costs(missed_fraud=1 / 3, false_alarm=1e-7, review_capacity=0.02)

    assert read_costs(costs_toml(costs), "costs.toml") == costs


def test_a_file_of_costs_is_read(tmp_path):
    (tmp_path / "costs.toml").write_text("missed_fraud = 5000\nfalse_alarm = 15\n")

    assert read_costs_file(tmp_path / "costs.toml") == Costs(5_000, 15)
    with pytest.raises(CostsError, match=r"nowhere\.toml: cannot be read"):
        read_costs_file(tmp_path / "nowhere.toml")
