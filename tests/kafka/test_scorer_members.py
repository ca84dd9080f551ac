"""Scorers that come, share the work, are told to stop or are killed: what is in the topics."""

import signal
from dataclasses import replace

import pytest

from selfheal.records.service_events import PartitionsAssigned, ServiceStopped
from tests.deployment import kill, ready
from tests.traffic import clean


def held_by(deployment, instance):
    """The partitions that a scorer got last."""
    told = deployment.told(PartitionsAssigned, instance)
    return set(told[-1].event.partitions) if told else set()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_scorer_asked_to_stop_under_load_commits_leaves_and_exits_with_0(
    deployment, eventually, number
):
    traffic = clean(4_000)
    transactions = traffic.transactions(deployment.topics)
    deployment.send(transactions[:1_000])
    first = deployment.start_scorer(batch_records=50)
    eventually(lambda: len(deployment.predictions()) >= 500, "the first predictions")

    # Held still while the rest comes, so that there is work left however fast it scores.
    first.process.send_signal(signal.SIGSTOP)
    deployment.send(transactions[1_000:])
    first.process.send_signal(number)
    first.process.send_signal(signal.SIGCONT)
    exit_code = first.process.wait(10)
    left = deployment.lag()
    second = deployment.start_scorer("scorer-2")
    eventually(lambda: deployment.lag() == 0, "the successor does the rest")

    assert exit_code == 0
    assert len(deployment.told(ServiceStopped, "scorer-1")) == 1
    assert left > 0
    assert sorted(each.id for each in deployment.predictions()) == sorted(traffic.ids)
    assert second.stop() == 0


def test_two_scorers_share_the_partitions_and_the_one_that_stays_takes_all(deployment, eventually):
    first, second = deployment.start_scorer("scorer-1"), deployment.start_scorer("scorer-2")
    ready(first, second)
    eventually(
        lambda: (
            {*held_by(deployment, "scorer-1")} ^ {*held_by(deployment, "scorer-2")} == {0, 1}
            and len(held_by(deployment, "scorer-1")) == 1
        ),
        "each has one of the two partitions",
    )

    first.stop()
    eventually(lambda: held_by(deployment, "scorer-2") == {0, 1}, "the other has both")
    traffic = clean(200)
    deployment.send(traffic.transactions(deployment.topics))
    eventually(lambda: deployment.lag() == 0, "all is scored")

    assert sorted(each.id for each in deployment.predictions()) == sorted(traffic.ids)


def test_a_lone_scorer_is_given_its_partitions_once(deployment, eventually):
    ready(deployment.start_scorer())
    traffic = clean(200)
    deployment.send(traffic.transactions(deployment.topics))
    eventually(lambda: deployment.lag() == 0, "all is scored")

    told = [each.event.partitions for each in deployment.told(PartitionsAssigned)]

    assert told == [(0, 1)]


def test_at_least_once_what_is_scored_twice_is_scored_alike(deployment, eventually):
    traffic = clean(6_000)
    deployment.send(traffic.transactions(deployment.topics))
    first = deployment.start_scorer(delivery="at_least_once", batch_records=50)
    eventually(lambda: len(deployment.predictions()) >= 500, "the first predictions")

    kill(first)
    deployment.start_scorer("scorer-2", delivery="at_least_once")
    eventually(lambda: deployment.lag() == 0, "the successor does the rest")

    first_of = {}
    for again in deployment.predictions():
        before = first_of.setdefault(again.id, again)
        same_scores = replace(again, score=before.score, shadow_score=before.shadow_score)
        assert replace(same_scores, scored_ms=before.scored_ms) == before
        assert again.score == pytest.approx(before.score, abs=1e-6)  # batches round differently
        assert again.shadow_score == pytest.approx(before.shadow_score, abs=1e-6)
    assert sorted(first_of) == sorted(traffic.ids)
