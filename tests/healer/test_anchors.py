"""Where are the training rows normal within each class, and how likely is a row then?"""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kstest, norm

from healer.anchors import Anchors, anchors_of, expected_log_likelihood
from selfheal.model.reference import Reference

ONE = Anchors(np.zeros((2, 1)), np.ones((2, 1)), 0.2)


def remeasured(model, values, labels):
    """The model with the reference of other training rows."""
    logits = np.linspace(-1.0, 1.0, len(labels))
    return replace(model, reference=Reference.measure(model.schema, values, labels, logits))


@pytest.fixture
def normal_rows(rng):
    labels = rng.random(4_000) < 0.15
    return rng.normal(size=(4_000, 10)) - labels[:, None], labels


def test_normal_and_independent_classes_are_anchors(g2_model):
    anchors = anchors_of(g2_model)

    assert anchors is not None
    assert anchors.prior == g2_model.reference.prior
    np.testing.assert_allclose(anchors.mean[1, :4], [0.6, -0.6, 0.5, -0.5], atol=0.15)
    np.testing.assert_allclose(anchors.sd[0], 1.0, atol=0.05)


def _skewed(values):
    values[:, 3] = np.exp(values[:, 3])


def _heavy(values):
    values[7, 2] = 40.0


def _correlated(values):
    values[:, 1] = 0.8 * values[:, 0] + 0.6 * values[:, 1]


def _whole_numbers(values):
    values[:, 4] = np.round(values[:, 4])


def _missing(values):
    values[5, 6] = np.nan


def _constant(values):
    values[:, 8] = 1.0


@pytest.mark.parametrize(
    "change", [_skewed, _heavy, _correlated, _whole_numbers, _missing, _constant]
)
def test_other_rows_are_not(g2_model, normal_rows, change):
    values, labels = normal_rows
    assert anchors_of(remeasured(g2_model, values, labels)) is not None

    change(values)

    assert anchors_of(remeasured(g2_model, values, labels)) is None


def test_two_classes_in_one_feature_are_mixed_by_the_prior():
    apart = Anchors(np.array([[0.0], [3.0]]), np.array([[1.0], [0.5]]), 0.2)

    found = apart.log_likelihoods(np.array([[1.0]]), prior=0.3)

    expected = 0.7 * norm.pdf(1.0) + 0.3 * norm.pdf(1.0, 3.0, 0.5)
    assert found == pytest.approx([np.log(expected)])


def test_a_missing_value_counts_for_nothing():
    two = Anchors(np.zeros((2, 2)), np.ones((2, 2)), 0.2)

    found = two.log_likelihoods(np.array([[1.0, np.nan]]), prior=0.2)

    assert found == pytest.approx(norm.logpdf([1.0]))


def test_the_expected_log_likelihood_of_one_normal_feature_is_minus_its_entropy():
    mean, sd = expected_log_likelihood(ONE, 0.2)

    assert mean == pytest.approx(-norm.entropy(), abs=0.02)
    assert sd == pytest.approx(np.sqrt(0.5), abs=0.04)


def test_moments_are_of_both_classes_together():
    apart = Anchors(np.array([[0.0], [10.0]]), np.array([[1.0], [1.0]]), 0.5)

    mean, sd = apart.moments()

    assert (mean.item(), sd.item()) == pytest.approx((5.0, np.sqrt(26.0)))


def test_the_distance_is_that_of_the_feature_that_fits_worst(rng):
    two = Anchors(np.zeros((2, 2)), np.ones((2, 2)), 0.2)
    values = np.stack([rng.normal(size=400), rng.exponential(size=400)], axis=1)

    found = two.worst_distance(values, prior=0.2)

    assert found == pytest.approx(kstest(values[:, 1], "norm").statistic, abs=1 / 400)
    assert two.worst_distance(np.zeros((0, 2)), prior=0.2) == 0.0


def test_the_furthest_value_has_the_chance_that_any_of_them_lies_there():
    values = np.r_[np.zeros(99), -5.0].reshape(-1, 1)

    assert ONE.furthest_chance(values) == pytest.approx(200 * norm.cdf(-5.0))
    assert ONE.furthest_chance(np.zeros((0, 1))) == 1.0
