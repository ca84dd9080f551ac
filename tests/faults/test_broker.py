"""A broker that dies under load and comes back: everybody waits, and goes on."""

import os
import signal
import time
from collections import Counter

import orjson
import pytest

from producer.stream import transaction_id
from selfheal.bus.embedded import EmbeddedBroker
from selfheal.bus.settings import BusSettings
from tests.deployment import QUICK_GROUPS, deployed, metric, ready
from tests.faults.conftest import Outcome
from tests.traffic import START_MS

ROWS = 4_000
"""In each round: four seconds, in the first of which the broker dies."""

# A new broker must wait until the controller takes its predecessor for dead: 9 s by default.
IMPATIENT = {"broker.session.timeout.ms": "2000", "broker.heartbeat.interval.ms": "500"}


@pytest.fixture
def own_broker(tmp_path):
    """One that may be killed."""
    with EmbeddedBroker(tmp_path / "kafka", server_properties=IMPATIENT) as broker:
        yield broker


def test_kill_minus_nine_of_the_broker(
    own_broker, model_folder, tmp_path, eventually, repetitions, report
):
    bus = BusSettings(own_broker.bootstrap, properties=QUICK_GROUPS)
    with deployed(bus, tmp_path, model_folder) as deployment:
        services = [deployment.start_scorer(name) for name in ("scorer-1", "scorer-2")]
        services.append(deployment.start_healer(policy="none"))
        ready(*services)
        recovery_s = []

        def wait_for(predictions):
            read, topic = deployment.read, deployment.topics.predictions
            eventually(lambda: len(read(topic)) >= predictions, f"{predictions} predictions", 60)

        for first in range(0, ROWS * repetitions, ROWS):
            producer = deployment.start_producer(
                first_row=first, transactions=first + ROWS, start_ms=START_MS, rate=1_000
            )
            wait_for(first + 500)
            os.kill(own_broker.pid, signal.SIGKILL)
            own_broker.stop()
            own_broker.start()
            began_s = time.monotonic()
            wait_for(first + ROWS)
            recovery_s.append(time.monotonic() - began_s)
            assert producer.process.wait(30) == 0

        sent = [
            orjson.loads(m.value)["id"] for m in deployment.read(deployment.topics.transactions)
        ]
        out = Counter(each.id for each in deployment.predictions())
        outcome = Outcome(
            fault="kill -9 of the broker",
            repetitions=repetitions,
            records_in=len(sent),
            records_out=out.total(),
            lost=len(set(sent) - out.keys()),
            doubled=out.total() - len(out),
            recovery_s=recovery_s,
        )
        report(outcome)
        assert sorted(sent) == sorted(transaction_id(0, row) for row in range(ROWS * repetitions))
        assert (outcome.lost, outcome.doubled) == (0, 0)
        healer = services[-1]
        eventually(lambda: metric(healer, "selfheal_join_rows") == len(sent), "feedback is read")
        assert [service.stop() for service in services] == [0, 0, 0]
