"""What a backtest compares with: river's learners and a periodic retrain, on equal terms."""

import csv
import json
import sys

import numpy as np
import pytest
from river.datasets import Phishing
from sklearn.linear_model import LogisticRegression

from cli.backtest.late_labels import RowLabels
from cli.backtest.online_learners import online_learners
from cli.backtest.periodic_retrain import PeriodicRetrain
from cli.backtest.rivals import Rival
from producer.stretches import Stretch
from selfheal.model.metrics import average_precision
from selfheal.model.schema import Categorical, Numeric, Schema
from selfheal.model.training import train

SCHEMA = Schema((Numeric("a"), Categorical("c", ("x", "y"))))
NAMES = {
    "logistic_regression",
    "hoeffding_adaptive_tree",
    "adaptive_random_forest",
    "periodic_retrain",
}


@pytest.fixture
def rows(rng):
    """(600, 2) with gaps and an unknown level, and labels that a line tells nearly all of."""
    labels = (rng.random(600) < 0.4).astype(np.int8)
    values = np.column_stack([rng.normal(3 * labels, 1), rng.integers(0, 3, 600)])
    values[rng.random((600, 2)) < 0.05] = np.nan
    return values, labels


@pytest.fixture
def model(rows):
    return train(SCHEMA, *rows, seed=0, epochs=3)


@pytest.mark.parametrize("name", sorted(NAMES - {"periodic_retrain"}))
def test_an_online_learner_learns_from_gaps_and_categories_and_scores_in_unit_range(
    name, model, rows
):
    values, labels = rows
    learner = online_learners(model.encoder, seed=0)[name]

    before = learner.score(values[:3])
    learner.learn(values[:400], labels[:400], 400)
    after = learner.score(values[400:])

    assert (before == 0.5).all()
    assert ((after >= 0) & (after <= 1)).all()
    assert average_precision(labels[400:], after) > 0.75


def test_the_online_regression_comes_near_the_one_that_sees_everything_at_once(model, rows):
    values, labels = rows
    learner = online_learners(model.encoder, seed=0)["logistic_regression"]
    encoded = model.encoder.encode(values)

    learner.learn(values[:400], labels[:400], 400)
    whole = LogisticRegression().fit(encoded[:400], labels[:400])

    agree = (learner.score(values[400:]) >= 0.5) == whole.predict(encoded[400:])
    assert agree.mean() > 0.9


def test_a_retrain_serves_from_its_time_on_and_not_before(model, rows):
    values, labels = rows
    other = np.column_stack([-values[:, 0], values[:, 1]])
    retrain = PeriodicRetrain(model, values[:0], labels[:0], every_rows=300, seed=0)
    first = retrain.score(other)

    retrain.learn(other[:200], labels[:200], 299)
    early = retrain.score(other)
    retrain.learn(other[200:], labels[200:], 300)
    late = retrain.score(other)

    np.testing.assert_array_equal(early, first)
    assert average_precision(labels, late) > 0.8 > average_precision(labels, first)


def test_a_retrain_of_one_class_leaves_what_serves(model, rows):
    values, _ = rows
    retrain = PeriodicRetrain(model, values[:0], np.zeros(0, np.int8), every_rows=10, seed=0)
    first = retrain.score(values)

    retrain.learn(values, np.zeros(600, dtype=np.int8), 600)

    np.testing.assert_array_equal(retrain.score(values), first)


def test_a_rival_keeps_every_score_in_order(model, rows):
    values, labels = rows
    rival = Rival(PeriodicRetrain(model, values[:0], labels[:0], 10_000, 0), 600)

    for first in range(0, 600, 250):
        part = values[first : first + 250]
        ids, times = [""] * len(part), np.zeros(len(part), dtype=np.int64)
        rival.score(Stretch(first, ids, times, part))
        rival.learn([RowLabels(np.arange(1), labels[:1], values[:1])])

    np.testing.assert_allclose(
        rival.scores, PeriodicRetrain(model, values[:0], labels[:0], 1, 0).score(values), rtol=1e-5
    )


def test_without_river_one_line_says_how_to_install_it(selfheal, tmp_path, monkeypatch):
    rows = "a,is_fraud\n" + "".join(f"{i % 13},{i % 2}\n" for i in range(60))
    (tmp_path / "rows.csv").write_text(rows)
    monkeypatch.setitem(sys.modules, "river", None)

    result = selfheal(
        *("backtest", tmp_path / "rows.csv", "--target", "is_fraud", "--baselines"),
    )

    assert result.exit_code == 2
    assert result.stderr.strip().endswith("install it: pip install 'selfheal[baselines]'")
    assert result.stderr.strip().count("\n") == 0


def test_somebodys_own_file_end_to_end(selfheal, tmp_path):
    rows = [(features, int(label)) for features, label in Phishing()]
    with (tmp_path / "phishing.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0][0], "is_phishing"])
        writer.writeheader()
        writer.writerows({**features, "is_phishing": label} for features, label in rows)

    result = selfheal(
        *("backtest", tmp_path / "phishing.csv", "--target", "is_phishing", "--train-rows", 400),
        *("--label-delay", 100, "--label-rate", 0.5, "--baselines", "--json"),
    )

    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert (report["rows"], report["train_rows"]) == (850, 400)
    assert set(report["baselines"]) == NAMES
    assert report["no_heal"]["accuracy"] > report["always_majority"]["accuracy"] + 0.2
    assert report["healed"]["accuracy"] >= report["no_heal"]["accuracy"] - 0.01
    for found in report["baselines"].values():
        assert found["accuracy"] > report["always_majority"]["accuracy"] + 0.1
