import numpy as np
import pytest

from selfheal.drift.expected import distance_in_errors, expected
from selfheal.model.model import Model
from selfheal.model.schema import Categorical, Numeric, Schema
from selfheal.model.training import train

SCHEMA = Schema(
    (
        Numeric("whole"),
        Categorical("channel", ("web", "shop")),
        Numeric("sparse"),
        Numeric("frauds_only"),
        Numeric("never"),
    )
)
ROWS, FRAUDS = 4_000, 600


@pytest.fixture(scope="module")
def model() -> Model:
    """Features that are whole, nine tenths missing, there for frauds alone, and never there."""
    rng = np.random.default_rng(3)
    labels = (np.arange(ROWS) < FRAUDS).astype(int)
    whole = rng.normal(labels)
    sparse = np.where(np.arange(ROWS) % 10 == 0, rng.normal(size=ROWS), np.nan)
    frauds_only = np.where(labels == 1, rng.normal(size=ROWS), np.nan)
    never = np.full(ROWS, np.nan)
    values = np.column_stack([whole, labels, sparse, frauds_only, never])
    return train(SCHEMA, values, labels, seed=3, epochs=1)


def test_only_rows_that_had_the_value_count_for_a_feature(model):
    whole, sparse, frauds_only, never = expected(model, model.reference.prior).features

    assert whole.effective_rows == pytest.approx(ROWS)
    assert sparse.effective_rows == pytest.approx(ROWS / 10)
    assert FRAUDS / 2 <= frauds_only.effective_rows <= FRAUDS
    assert never.effective_rows == 0.0


def test_clean_rows_are_within_the_error_of_the_few_rows_behind_a_sparse_feature(model):
    sparse = expected(model, model.reference.prior).features[1]

    found = distance_in_errors(np.random.default_rng(4).normal(size=3_000), sparse)

    assert found < 1.63  # exceeded by one clean sample in a hundred


def test_a_class_that_never_had_a_value_leaves_it_to_the_other(model):
    frauds_only = expected(model, prior=0.01).features[2]

    assert frauds_only.cdf(np.array([0.0]))[0] == pytest.approx(0.5, abs=0.1)


def test_a_feature_that_training_never_saw_is_at_no_distance_whatever_comes(model):
    never = expected(model, model.reference.prior).features[3]

    assert distance_in_errors(np.full(500, 1e9), never) == 0.0
    assert distance_in_errors(np.array([]), never) == 0.0


def test_the_logit_rests_on_the_rows_that_training_did_not_learn_from(model):
    logit = expected(model, model.reference.prior).logit

    assert logit.effective_rows == pytest.approx(model.reference.logit_rows.sum(), rel=0.01)


def test_a_prior_moves_what_is_expected(model):
    few, many = (expected(model, prior).features[0] for prior in (0.01, 0.9))

    assert many.quantile(np.array([0.5]))[0] - few.quantile(np.array([0.5]))[0] > 0.7
