"""One small model, trained once, on numbers, a category and missing values."""

import numpy as np
import pytest

from selfheal.model.model import Model
from selfheal.model.schema import Categorical, Numeric, Schema
from selfheal.model.training import train

SCHEMA = Schema((Numeric("V14"), Categorical("channel", ("web", "shop")), Numeric("amount")))


def rows_like_training(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Raw values (n, 3) and labels (n,): fraud has a low V14 and comes from the web."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(n) < 0.3).astype(int)
    v14 = rng.normal(-2.5 * labels)
    channel = np.where(rng.random(n) < 0.3 + 0.4 * labels, 0, 1)
    amount = np.where(rng.random(n) < 0.1, np.nan, rng.lognormal(3, 1, n))
    return np.column_stack([v14, channel, amount]), labels


@pytest.fixture(scope="session")
def schema() -> Schema:
    """Two numeric features about a categorical one."""
    return SCHEMA


@pytest.fixture(scope="session")
def model() -> Model:
    """Trained for the tests that only need some trained model."""
    return train(SCHEMA, *rows_like_training(800, seed=1), seed=7, epochs=5)


@pytest.fixture
def values() -> np.ndarray:
    """Raw values (50, 3) that training has not seen, missing ones and an unknown level included."""
    values, _ = rows_like_training(50, seed=2)
    values[0, 1] = 2
    values[1] = np.nan
    return values
