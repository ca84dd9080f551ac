"""A healer that dies around a publication: snapshot and pointer are there both or neither."""

import time

import numpy as np

from selfheal.records.healing_events import HealStarted
from tests.deployment import FEEDBACK_KEY, kill, ready
from tests.faults.conftest import Outcome
from tests.traffic import clean, drifted


def test_kill_minus_nine_of_a_healer_around_a_publication(deploy, eventually, repetitions, report):
    rng = np.random.default_rng(3)
    published, halves, doubled, recovery_s = 0, 0, 0, []

    for _ in range(repetitions):
        with deploy() as deployment:
            first = deployment.start_healer("healer-1")
            ready(first)
            for traffic in (clean(1_000), drifted(2_500)):
                samples = traffic.samples(deployment.topics, deployment.model, FEEDBACK_KEY)
                deployment.send(samples)
            eventually(lambda d=deployment: d.told(HealStarted), "a heal")
            time.sleep(rng.uniform(0.0, 0.3))  # the fault's moment: before, during or after
            kill(first)

            began_s = time.monotonic()
            deployment.start_healer("healer-2")
            eventually(lambda d=deployment: d.registry().versions, "a version is published")
            recovery_s.append(time.monotonic() - began_s)
            published += len(deployment.registry().versions)
            halves += len(half_published(deployment))
            doubled += len(deployment.written_twice())

    outcome = Outcome(
        fault="kill -9 of a healer around a publication",
        repetitions=repetitions,
        records_in=published,
        records_out=published,
        lost=halves,
        doubled=doubled,
        recovery_s=recovery_s,
    )
    report(outcome)
    assert (outcome.lost, outcome.doubled) == (0, 0)


def half_published(deployment) -> set[str]:
    """Versions whose snapshot or pointer is there without the other."""
    view = deployment.registry()
    pointed_to = {served.pointer.version for served in view.history} - {"base"}
    return pointed_to ^ set(view.versions)
