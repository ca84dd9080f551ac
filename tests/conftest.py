"""Fixtures of the whole suite: a real broker for the session, fresh topics and a seeded generator.

The broker starts when the first test asks for it. When it cannot start, those tests fail: a suite
that skips them would report success about promises that it did not look at.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from selfheal.bus.embedded import EmbeddedBroker
from selfheal.bus.settings import BusSettings
from selfheal.bus.topic_admin import create_topics
from selfheal.bus.topics import Topics

_COMPONENT_FOLDERS = [Path(__file__).parent / name for name in ("kafka", "elk", "faults")]

_numbers = itertools.count(1)

# A killed member must lose its place in seconds here, not in the ten of the product.
_QUICK_GROUPS = {"session.timeout.ms": "3000", "heartbeat.interval.ms": "500"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a real component, by fixture or by folder; `make fast` leaves it out."""
    for item in items:
        needs_broker = "broker" in getattr(item, "fixturenames", ())
        if needs_broker or any(map(item.path.is_relative_to, _COMPONENT_FOLDERS)):
            item.add_marker("component")


@pytest.fixture
def rng() -> np.random.Generator:
    """Same numbers at every run."""
    return np.random.default_rng(20_240_229)


@pytest.fixture(scope="session")
def broker() -> Iterator[EmbeddedBroker]:
    """A real Apache Kafka, one for the session. Do not stop it: start another for that."""
    with EmbeddedBroker() as running:
        yield running


@pytest.fixture
def bus(broker: EmbeddedBroker) -> BusSettings:
    """Settings with a prefix that no other test has; topics are not made yet."""
    return BusSettings(broker.bootstrap, prefix=f"t{next(_numbers)}.", properties=_QUICK_GROUPS)


@pytest.fixture
def topics(bus: BusSettings) -> Topics:
    """All topics of the project, made for this test, two partitions for data."""
    names = Topics(bus.prefix)
    create_topics(bus, names.specs(partitions=2))
    return names
