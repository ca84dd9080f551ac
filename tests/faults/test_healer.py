"""A healer that dies around a publication: snapshot and pointer are there both or neither."""

import time
from itertools import cycle

from selfheal.records.healing_events import GateDecided, HealStarted
from selfheal.records.service_events import LeadershipTaken
from tests.deployment import FEEDBACK_KEY, kill
from tests.faults.conftest import Outcome
from tests.traffic import clean, drifted


def test_kill_minus_nine_of_a_healer_around_a_publication(deploy, eventually, repetitions, report):
    moments = cycle([something_is_written, the_gate_has_decided, a_heal_has_begun])
    healed, halves, doubled, recovery_s = 0, 0, 0, []

    for _, moment in zip(range(repetitions), moments, strict=False):
        with deploy() as deployment:
            first = deployment.start_healer("healer-1")
            eventually(lambda d=deployment: d.told(LeadershipTaken), "a leader")
            has_come = moment(deployment)
            for traffic in (clean(1_000), drifted(2_500)):
                samples = traffic.samples(deployment.topics, deployment.model, FEEDBACK_KEY)
                deployment.send(samples)
            eventually(has_come, moment.__doc__)
            kill(first)

            began_s = time.monotonic()
            deployment.start_healer("healer-2")
            eventually(
                lambda d=deployment: d.told(LeadershipTaken, "healer-2") and d.registry().versions,
                "the next healer leads, and a version is published",
            )
            recovery_s.append(time.monotonic() - began_s)
            healed += 1
            halves += len(half_published(deployment))
            doubled += len(deployment.written_twice())

    outcome = Outcome(
        fault="kill -9 of a healer around a publication",
        repetitions=repetitions,
        records_in=repetitions,
        records_out=healed,
        lost=halves,
        doubled=doubled,
        recovery_s=recovery_s,
    )
    report(outcome)
    assert (outcome.lost, outcome.doubled) == (0, 0)


def a_heal_has_begun(deployment):
    """A heal is told of."""
    return lambda: deployment.told(HealStarted)


def the_gate_has_decided(deployment):
    """The gate's verdict is told."""
    return lambda: deployment.told(GateDecided)


def something_is_written(deployment):
    """A record of the publication lies on the topic: within its transaction, or right after it."""
    topic = deployment.topics.adapters
    before = deployment.end_of(topic)
    return lambda: deployment.end_of(topic) > before


def half_published(deployment) -> set[str]:
    """Versions whose snapshot or pointer is there without the other."""
    view = deployment.registry()
    pointed_to = {served.pointer.version for served in view.history} - {"base"}
    return pointed_to ^ set(view.versions)
