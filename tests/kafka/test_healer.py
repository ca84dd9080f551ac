"""A healer as a process on a real broker: what it learns from `feedback`, and what it writes."""

import time

from registry.record import ACTIVE_KEY
from selfheal.bus.dead_letters import PREFIX
from selfheal.bus.message import Outgoing
from selfheal.records import encode
from selfheal.records.healing_events import HealPublished, SnapshotsRemoved
from selfheal.records.label_requests import LabelRequest
from tests.deployment import FEEDBACK_KEY, different_adapters, kill, metric, ready
from tests.traffic import clean, drifted


def samples(deployment, traffic, secret=FEEDBACK_KEY):
    return traffic.samples(deployment.topics, deployment.model, secret)


def transactions_of(messages):
    """Keys of the records that lie side by side; a marker of a commit is between any others."""
    together = [[messages[0]]]
    for message in messages[1:]:
        if message.offset == together[-1][-1].offset + 1:
            together[-1].append(message)
        else:
            together.append([message])
    return [[message.key.decode() for message in group] for group in together]


def test_a_killed_healer_s_windows_are_rebuilt_from_feedback(deployment, eventually):
    traffic = clean(1_500)
    deployment.send(samples(deployment, traffic))
    deployment.send(traffic.known_labels(deployment.topics)[:400])
    first = deployment.start_healer(policy="none")
    eventually(lambda: first.is_ready() and metric(first, "selfheal_labels_joined_total"), "labels")

    kill(first)
    second = deployment.start_healer("healer-2", policy="none")
    ready(second)
    eventually(lambda: metric(second, "selfheal_labels_joined_total") == 400, "all labels joined")

    assert metric(second, "selfheal_join_rows") == 1_500


def test_drift_is_healed_and_each_publication_is_one_transaction(deployment, eventually):
    healer = deployment.start_healer()
    ready(healer)
    deployment.send(samples(deployment, clean(1_000)))
    deployment.send(samples(deployment, drifted(2_500)))

    eventually(lambda: deployment.told(HealPublished), "a heal")
    exit_code = healer.stop()

    versions = [told.event.version for told in deployment.told(HealPublished)]
    # the first leader's: its model, and the pointer to base
    expected = [[f"model/{deployment.model.hash}", "pointer/1", ACTIVE_KEY]]
    expected += [[f"snapshot/{v}", f"pointer/{i}", ACTIVE_KEY] for i, v in enumerate(versions, 2)]
    assert transactions_of(deployment.read(deployment.topics.adapters)) == expected
    assert deployment.registry().active.version == versions[-1]
    assert exit_code == 0


def test_the_first_leader_points_to_base_with_the_models_threshold(deployment, eventually):
    deployment.start_healer()
    eventually(lambda: deployment.registry().active, "the first pointer")

    active = deployment.registry().active

    assert (active.version, active.epoch) == ("base", 1)
    assert active.threshold == deployment.model.threshold


def test_feedback_without_the_scorers_code_is_buried_once_and_not_learnt_from(
    deployment, eventually
):
    leader, standby = deployment.start_healer("healer-1"), deployment.start_healer("healer-2")
    ready(leader, standby)
    eventually(lambda: deployment.registry().active, "one of them leads")
    topics, genuine = deployment.topics, clean(50)
    forged = samples(deployment, drifted(5), secret=b"a guess")
    foreign = encode(LabelRequest("x", 1, "other", 1.0))

    deployment.send([*forged, Outgoing(topics.feedback, foreign, b"x")])
    deployment.send(samples(deployment, genuine))
    deployment.send(genuine.known_labels(topics)[:7])
    for healer in (leader, standby):
        eventually(
            lambda h=healer: metric(h, "selfheal_labels_joined_total") == 7, "the labels, unsigned"
        )

    letters = deployment.read(topics.feedback_dlq)
    assert sorted(m.key for m in letters) == sorted([*(r.key for r in forged), b"x"])
    assert {dict(m.headers)[f"{PREFIX}exception.class.name"] for m in letters} == {
        b"UnauthenticError",
        b"DecodingError",
    }
    assert [metric(h, "selfheal_join_rows") for h in (leader, standby)] == [50, 50]


def test_what_no_prediction_can_name_any_more_is_cleaned_up(deployment, eventually):
    deployment.publish(*different_adapters(20), created_ms=1_000)
    deployment.start_healer(history_limit=3)

    eventually(lambda: deployment.told(SnapshotsRemoved), "a clean-up")

    view = deployment.registry()
    assert [told.event.snapshots for told in deployment.told(SnapshotsRemoved)] == [4]
    assert view.versions == tuple(f"v{number}" for number in range(5, 21))
    assert [served.pointer.epoch for served in view.history] == [18, 19, 20]
    assert view.active.version == "v20"


def test_what_kept_predictions_name_stays(deployment, eventually):
    deployment.publish(*different_adapters(20), created_ms=time.time_ns() // 1_000_000)
    healer = deployment.start_healer(history_limit=3)
    ready(healer)
    eventually(lambda: metric(healer, "selfheal_is_leader"), "it leads")

    assert healer.stop() == 0
    assert len(deployment.registry().versions) == 20
