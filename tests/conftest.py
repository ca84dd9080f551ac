"""Fixtures of the whole suite: a real broker for the session, fresh topics and a seeded generator.

The broker starts when the first test asks for it. When it cannot start, those tests fail: a suite
that skips them would report success about promises that it did not look at.
"""

import itertools
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest

from selfheal.bus.embedded import EmbeddedBroker
from selfheal.bus.settings import BusSettings
from selfheal.bus.topic_admin import create_topics
from selfheal.bus.topics import Topics
from selfheal.model.folder import write_folder
from tests.deployment import QUICK_GROUPS, Deployment, deployed
from tests.traffic import SCENARIO

# For torch, which is loaded later: the arrays are small, and threads that wait for each other on
# cores in use take ten times as long.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Of a run in the background, whose shell has it ignored: processes inherit that, and some tests
# interrupt them.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_COMPONENT_FOLDERS = [Path(__file__).parent / name for name in ("kafka", "elk", "faults")]

_numbers = itertools.count(1)


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
    return BusSettings(broker.bootstrap, prefix=f"t{next(_numbers)}.", properties=QUICK_GROUPS)


@pytest.fixture
def topics(bus: BusSettings) -> Topics:
    """All topics of the project, made for this test, two partitions for data."""
    names = Topics(bus.prefix)
    create_topics(bus, names.specs(partitions=2))
    return names


@pytest.fixture(scope="session")
def eventually() -> Callable[..., object]:
    """Wait until a claim is truthy and return it; fail with what was waited for."""

    def wait(claim: Callable[[], object], what: str, timeout_s: float = 30.0) -> object:
        deadline = time.monotonic() + timeout_s
        while not (found := claim()):
            if time.monotonic() > deadline:
                pytest.fail(f"waited {timeout_s:g} s in vain: {what}")
            time.sleep(0.02)
        return found

    return wait


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model that the demo trains for the scenario of `tests.traffic`."""
    from cli.demo.backbone import trained
    from producer.scenarios import scenario
    from producer.stream import Stream

    folder = tmp_path_factory.mktemp("model") / "model"
    write_folder(folder, trained(Stream(scenario(SCENARIO), 0, 6_000)))
    return folder


@pytest.fixture(scope="session")
def deploy(
    broker: EmbeddedBroker, model_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., AbstractContextManager[Deployment]]:
    """Deploy the services with topics of their own, for as long as a `with` lasts."""

    def deploy(**properties: str) -> AbstractContextManager[Deployment]:
        name = f"t{next(_numbers)}"
        bus = BusSettings(broker.bootstrap, f"{name}.", {**QUICK_GROUPS, **properties})
        return deployed(bus, tmp_path_factory.mktemp(name), model_folder)

    return deploy


@pytest.fixture
def deployment(deploy: Callable[..., AbstractContextManager[Deployment]]) -> Iterator[Deployment]:
    """The services with topics of their own."""
    with deploy() as running:
        yield running
