"""The article's exercise: a stronger drift under a stricter watch makes rollbacks happen."""

import pytest

from cli.demo.backbone import trained
from producer.scenarios import scenario
from producer.stream import Stream
from selfheal.records.healing_events import HealPublished, VersionRolledBack
from selfheal.records.thresholds import Thresholds
from tests.healer.article_run import Run

STRENGTH = 3.5
DROP = 0.03


@pytest.fixture(scope="module")
def run() -> Run:
    stream = Stream(scenario("article", STRENGTH), seed=901, transactions=3_500)
    return Run(trained(stream), stream, Thresholds(rollback_f1_drop=DROP))


def rollbacks(run) -> list[tuple[VersionRolledBack, dict[str, float]]]:
    """Each rollback with the F1 of every heal that was published before it, by version."""
    f1, found = {}, []
    for event in run.system.events:
        if isinstance(event, HealPublished):
            f1[event.version] = event.f1
        elif isinstance(event, VersionRolledBack):
            found.append((event, dict(f1)))
    return found


def test_rollbacks_happen_and_each_restores_the_best_version_after_a_heal(run):
    assert rollbacks(run)

    for event, f1 in rollbacks(run):
        assert event.version == max(f1, key=f1.get)
        assert event.cause == "f1_drop"
        assert event.f1_drop > DROP


def test_the_restored_version_serves_the_next_batch(run):
    back = {event.epoch: event.version for event, _ in rollbacks(run)}
    rows = run.system.healer.window.newest(3_500)

    assert back
    assert set(back) <= {int(epoch) for epoch in rows.epoch}
    assert "base" not in back.values()
