"""The article's model, trained once, and a healer of it that a test drives."""

import pytest

from cli.demo.backbone import trained
from producer.regimes import G2
from producer.scenarios import SCHEMA, scenario
from producer.stream import Stream
from selfheal.model.model import Model
from selfheal.model.training import train
from tests.healer import tills
from tests.healer.policy_run import stretch
from tests.healer.script import Driver


@pytest.fixture(scope="session")
def article_stream() -> Stream:
    """1,000 clean rows, then 2,500 in which legitimate rows moved onto the frauds."""
    return Stream(scenario("article"), seed=900, transactions=3_500)


@pytest.fixture(scope="session")
def model(article_stream) -> Model:
    """Of the ten features V1 to V28, with the rule V14 < -1.5."""
    return trained(article_stream)


@pytest.fixture
def driver(model) -> Driver:
    """A healer's core that has seen nothing yet."""
    return Driver(model)


@pytest.fixture(scope="session")
def g2_model() -> Model:
    """Of five features that tell fraud apart, V14 the most; trained no longer than needed."""
    rows = stretch((G2, 5_000), seed=899)
    return train(SCHEMA, rows.values, rows.labels, seed=900, epochs=8, standardise=False)


@pytest.fixture(scope="session")
def tills_model() -> Model:
    """Of two numbers and a category, which tells fraud apart better than either."""
    rows = stretch((tills.Tills(), 5_000), seed=899)
    return train(tills.SCHEMA, rows.values, rows.labels, seed=900, epochs=8)
