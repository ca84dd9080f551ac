"""What calibrated scores let expect, against labels drawn from them and against known answers."""

import numpy as np
import pytest

from healer.calibration import Belief, Calibration, adapted_calibration, own_calibration
from healer.performance_estimate import estimate
from selfheal.model.compiled import compile_model
from selfheal.model.metrics import measure
from selfheal.model.probability import sigmoid

FIGURES = ("accuracy", "precision", "recall", "f1")
UNSURE = Calibration(1.0, 0.0, np.diag([0.25, 0.25]))


def certain(probability):
    return Belief.certain(np.asarray(probability, dtype=np.float64))


def ones(rows):
    return np.ones(rows)


def shares_within_two_errors(draw):
    """Of 200 seeds, how often each estimate is within two standard errors of the truth."""
    within = dict.fromkeys(FIGURES, 0)
    for seed in range(200):
        belief, called, labels = draw(np.random.default_rng(seed))
        expected = estimate(belief, called, ones(len(called)))
        truth = measure(labels, called.astype(np.float64))
        for name in FIGURES:
            figure = getattr(expected, name)
            within[name] += abs(figure.value - getattr(truth, name)) <= 2.0 * figure.standard_error
    return {name: count / 200 for name, count in within.items()}


def test_of_calibrated_scores_at_least_19_of_20_estimates_are_within_two_standard_errors():
    def draw(rng):
        probability = sigmoid(rng.normal(-3.0, 2.5, 1_000))
        return certain(probability), probability >= 0.5, rng.random(1_000) < probability

    assert min(shares_within_two_errors(draw).values()) >= 0.95


def test_scores_that_are_too_sure_are_estimated_right_once_labels_have_calibrated_them():
    def draw(rng):
        logit = rng.normal(-3.0, 2.5, 1_000)
        labels = rng.random(1_000) < sigmoid(0.7 * logit - 0.3)
        known = rng.normal(-3.0, 2.5, 300)
        said = rng.random(300) < sigmoid(0.7 * known - 0.3)
        taught = UNSURE.taught(known, said.astype(np.float64))
        return taught.belief(logit), logit >= 0.0, labels

    assert min(shares_within_two_errors(draw).values()) >= 0.93


def test_figures_of_labels_are_those_of_the_metrics():
    rng = np.random.default_rng(900)
    labels, called = rng.random(400) < 0.2, rng.random(400) < 0.3

    found = estimate(certain(labels), called, ones(400))

    truth = measure(labels, called.astype(np.float64))
    for name in FIGURES:
        figure = getattr(found, name)
        assert figure.value == pytest.approx(getattr(truth, name), abs=1e-12)
        assert figure.standard_error == 0.0


def test_a_row_of_weight_two_counts_like_two():
    probability, called = np.array([0.9, 0.2, 0.6]), np.array([True, False, False])
    twice = np.array([0, 1, 1, 2])

    weighted = estimate(certain(probability), called, np.array([1.0, 2.0, 1.0]))
    repeated = estimate(certain(probability[twice]), called[twice], ones(4))

    for name in FIGURES:
        assert getattr(weighted, name).value == pytest.approx(getattr(repeated, name).value)


def test_a_frozen_shadow_is_judged_by_the_scores_that_are_believed():
    probability = np.array([0.99, 0.01, 0.02, 0.01])
    shadow_called = np.array([True, True, True, True])

    found = estimate(certain(probability), shadow_called, ones(4))

    assert found.accuracy.value == pytest.approx(1.03 / 4)


def test_nothing_is_known_of_no_rows():
    found = estimate(certain([]), np.zeros(0, dtype=bool), ones(0))

    assert found.rows == 0
    assert all(np.isnan(getattr(found, name).value) for name in FIGURES)


def test_precision_is_undefined_where_nothing_is_called_a_fraud():
    found = estimate(certain([0.1, 0.2]), np.zeros(2, dtype=bool), ones(2))

    assert np.isnan(found.precision.value)
    assert found.recall.value == 0.0


def test_labels_calibrate_to_what_scikit_learn_finds():
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(901)
    logit = rng.normal(0.0, 2.0, 5_000)
    label = (rng.random(5_000) < sigmoid(0.6 * logit + 0.4)).astype(np.float64)

    ours = Calibration(1.0, 0.0, np.eye(2) * 1e6).taught(logit, label)

    theirs = LogisticRegression(C=np.inf, tol=1e-10).fit(logit.reshape(-1, 1), label)
    assert ours.scale == pytest.approx(theirs.coef_[0, 0], rel=1e-4)
    assert ours.shift == pytest.approx(theirs.intercept_[0], rel=1e-3)
    assert ours.labels == 5_000


def test_no_label_teaches_nothing():
    assert UNSURE.taught(np.zeros(0), np.zeros(0)) is UNSURE


def test_the_models_own_calibration_holds_on_fresh_clean_rows(article_stream, model):
    fresh = article_stream.fresh(0, 20_000)
    logit = compile_model(model).score(fresh.values).logit.astype(np.float64)

    belief = own_calibration(model).belief(logit)
    expected = estimate(belief, logit >= 0.0, ones(20_000))

    truth = measure(fresh.labels, (logit >= 0.0).astype(np.float64))
    for name in FIGURES:
        figure = getattr(expected, name)
        assert abs(figure.value - getattr(truth, name)) <= 3.0 * figure.standard_error


def test_an_adapted_version_is_less_certain_than_the_model(model):
    own, adapted = own_calibration(model), adapted_calibration(model)

    assert (adapted.scale, adapted.shift) == (own.scale, own.shift)
    assert (np.diag(adapted.covariance) > np.diag(own.covariance)).all()
