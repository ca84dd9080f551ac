"""Shares of the features in what the model says."""

import numpy as np
import pytest

from selfheal.drift.importance import importance, shapley_values, weighted_drift


def linear(values):
    return np.nan_to_num(values) @ np.array([3.0, 1.0, 0.0])


def test_of_a_linear_model_they_are_the_known_ones(rng):
    rows, background = rng.normal(size=(50, 3)), rng.normal(size=(4_000, 3))

    found = shapley_values(linear, rows, background, rng, rounds=400)

    expected = (rows - background.mean(axis=0)) * [3.0, 1.0, 0.0]
    np.testing.assert_allclose(found, expected, atol=0.7)
    assert not found[:, 2].any()


def test_they_add_up_to_the_logit(rng):
    rows, background = rng.normal(size=(20, 3)), np.zeros((1, 3))

    def product(values):
        return values[:, 0] * values[:, 1] + values[:, 2]

    found = shapley_values(product, rows, background, rng, rounds=3)

    np.testing.assert_allclose(found.sum(axis=1), product(rows))


def test_importance_is_the_share_of_each_feature(rng):
    found = importance(linear, rng.normal(size=(500, 3)), rng)

    np.testing.assert_allclose(found, [0.75, 0.25, 0.0], atol=0.03)


def test_missing_values_are_rows_like_others(rng):
    rows = rng.normal(size=(200, 3))
    rows[::2, 0] = np.nan

    assert importance(linear, rows, rng).sum() == pytest.approx(1.0)


@pytest.mark.parametrize("rows", [0, 30])
def test_where_nothing_matters_all_matter_alike(rng, rows):
    found = importance(lambda values: np.zeros(len(values)), rng.normal(size=(rows, 3)), rng)

    np.testing.assert_allclose(found, 1 / 3)


def test_the_same_generator_gives_the_same_shares(rng):
    rows = rng.normal(size=(100, 3))

    first, second = (importance(linear, rows, np.random.default_rng(5)) for _ in range(2))

    np.testing.assert_array_equal(first, second)


def test_drift_of_what_does_not_matter_weighs_nothing():
    assert weighted_drift(np.array([0.0, 0.0, 9.0]), np.array([0.75, 0.25, 0.0])) == 0.0
