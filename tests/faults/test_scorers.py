"""Scorers that die or hang while they work: every transaction is predicted once all the same."""

import signal
import time
from collections import Counter
from itertools import count

import numpy as np
import pytest

from tests.deployment import kill, ready
from tests.faults.conftest import Outcome
from tests.traffic import clean

CHUNK = 3_000


class Load:
    """Sends transactions a chunk at a time and knows what should come out."""

    def __init__(self, deployment, eventually):
        self._deployment, self._eventually = deployment, eventually
        self.ids = []

    def send(self):
        """One chunk more; returns once the first of it is predicted."""
        traffic, before = clean(CHUNK, seed=len(self.ids)), len(self.ids)
        self._deployment.send(traffic.transactions(self._deployment.topics))
        self.ids += traffic.ids
        self.wait_for(before + 1)

    def wait_for(self, predictions):
        """Until so many different transactions are predicted; how long that took, in seconds."""
        began_s = time.monotonic()
        self._eventually(
            lambda: len({each.id for each in self._deployment.predictions()}) >= predictions,
            f"{predictions} predictions",
            60.0,
        )
        return time.monotonic() - began_s

    def outcome(self, fault, recovery_s):
        """What became of all that was sent."""
        out = Counter(each.id for each in self._deployment.predictions())
        return Outcome(
            fault=fault,
            repetitions=len(recovery_s),
            records_in=len(self.ids),
            records_out=out.total(),
            lost=len(set(self.ids) - out.keys()),
            doubled=out.total() - len(out),
            recovery_s=recovery_s,
        )


@pytest.fixture
def load(deployment, eventually):
    return Load(deployment, eventually)


def start_scorers(deployment, *names):
    """Slow enough to be in the middle of something when the fault comes."""
    scorers = [deployment.start_scorer(name, batch_records=20) for name in names]
    ready(*scorers)
    return scorers


def test_kill_minus_nine_of_scorers(deployment, load, repetitions, report):
    rng, names = np.random.default_rng(1), (f"scorer-{number}" for number in count(3))
    scorers = start_scorers(deployment, "scorer-1", "scorer-2")
    recovery_s = []

    for _ in range(repetitions):
        load.send()
        load.wait_for(len(load.ids) - CHUNK + int(rng.integers(1, CHUNK // 2)))
        kill(scorers.pop(int(rng.integers(2))))
        scorers.append(deployment.start_scorer(next(names), batch_records=20))
        recovery_s.append(load.wait_for(len(load.ids)))

    outcome = load.outcome("kill -9 of a scorer", recovery_s)
    report(outcome)
    assert (outcome.lost, outcome.doubled) == (0, 0)
    assert [scorer.stop() for scorer in scorers] == [0, 0]


def test_scorers_that_hang_and_wake_up(deployment, load, repetitions, report):
    rng = np.random.default_rng(2)
    scorers = start_scorers(deployment, "scorer-1", "scorer-2")
    recovery_s = []

    for _ in range(repetitions):
        zombie = scorers[int(rng.integers(2))].process
        load.send()
        zombie.send_signal(signal.SIGSTOP)
        recovery_s.append(load.wait_for(len(load.ids)))  # by the other, after the group's time-out
        zombie.send_signal(signal.SIGCONT)
        load.send()
        load.wait_for(len(load.ids))

    outcome = load.outcome("a scorer stopped for too long (SIGSTOP)", recovery_s)
    report(outcome)
    assert (outcome.lost, outcome.doubled) == (0, 0)
    assert [scorer.stop() for scorer in scorers] == [0, 0]
