"""A small model, trained once, and how it serves with an adapter and without one."""

from dataclasses import replace

import numpy as np
import pytest

from consumer import live
from consumer.decoding import Transactions
from consumer.live import Live
from registry.feed import Swap
from selfheal.model.model import Model
from selfheal.model.training import train
from tests.consumer.serving import ADAPTER, RULES, SCHEMA, pointer_to, raw_values


@pytest.fixture(scope="session")
def model() -> Model:
    values, labels = raw_values(800, np.random.default_rng(1))
    return replace(train(SCHEMA, values, labels, seed=7, epochs=12), rules_toml=RULES)


@pytest.fixture(scope="session")
def base(model) -> Live:
    """The backbone alone."""
    return live.base(model)


@pytest.fixture(scope="session")
def healed(base) -> Live:
    """Version v1: an alignment, a moved output, and a threshold of its own."""
    return live.swapped(base, Swap(pointer_to("v1", epoch=4, threshold=0.7), ADAPTER))


@pytest.fixture
def transactions(rng) -> Transactions:
    """600 valid transactions: missing values and unknown levels among them."""
    values, _ = raw_values(600, rng)
    values[:5, 1], values[5:9, 0], values[9] = 2.0, np.nan, np.nan
    return Transactions(
        positions=np.arange(600),
        ids=[f"t{row}" for row in range(600)],
        event_ms=1_000 + rng.permutation(600),
        values=values,
    )
