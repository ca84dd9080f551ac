"""Labels that a healer asks for, on a real broker: its requests, and a producer that answers."""

import numpy as np

from producer.scenarios import scenario
from producer.stream import Stream, row_of_id
from selfheal.bus.message import Outgoing
from selfheal.records import LabelRequest, decode, decode_feedback, encode
from selfheal.records.healing_events import LabelsNeeded
from tests.deployment import FEEDBACK_KEY, kill, metric, ready
from tests.traffic import SCENARIO, START_MS, Traffic, clean, drifted


def without_fraud(rows, seed):
    """Drifted rows of which none is a fraud: no map can tell, so that labels are needed."""
    traffic = drifted(rows, seed)
    legit = np.flatnonzero(traffic.labels == 0)
    ids = [traffic.ids[row] for row in legit]
    return Traffic(ids, traffic.values[legit], traffic.labels[legit])


def sampled(deployment, traffic, begin_ms):
    return traffic.samples(deployment.topics, deployment.model, FEEDBACK_KEY, begin_ms)


def requests(deployment):
    messages = deployment.read(deployment.topics.label_requests)
    return [(message.key.decode(), decode(LabelRequest, message.value)) for message in messages]


def test_where_only_labels_can_help_their_ids_are_on_a_topic_of_their_own_and_in_no_event(
    deployment, eventually
):
    first = deployment.start_healer()
    ready(first)
    before, lost = clean(1_000), without_fraud(4_000, seed=2)
    deployment.send(sampled(deployment, before, START_MS))
    deployment.send(sampled(deployment, lost, START_MS + 1_000))
    eventually(lambda: deployment.told(LabelsNeeded), "labels are needed")
    eventually(lambda: requests(deployment), "requests")

    kill(first)
    second = deployment.start_healer("healer-2")
    more = without_fraud(600, seed=3)
    ready(second)
    deployment.send(sampled(deployment, more, START_MS + 5_000))
    eventually(lambda: len(deployment.told(LabelsNeeded)) >= 2, "the next leader needs them too")
    eventually(lambda: metric(second, "selfheal_labels_requested_total"), "it asks")
    second.stop()

    asked = requests(deployment)
    told = [event.event.requests for event in deployment.told(LabelsNeeded)]
    assert sum(told) == len(asked)
    assert told[0] == 200
    assert all(key == request.id for key, request in asked)
    assert len({key for key, _ in asked}) == len(asked)
    assert {key for key, _ in asked} <= {*before.ids, *lost.ids, *more.ids}
    events = b"".join(m.value for m in deployment.read(deployment.topics.events))
    assert not any(key.encode() in events for key, _ in asked)


def test_a_producer_answers_what_is_asked_for(deployment, eventually):
    topics = deployment.topics
    deployment.start_producer(
        transactions=30_000, rate=1_000, label_rate=0.0, answer_requests=True, answer_rows=100
    )
    eventually(lambda: deployment.read(topics.transactions), "the first transactions")
    ids = [message.key.decode() for message in deployment.read(topics.transactions)[:20]]
    asked = [*ids, "stranger"]

    deployment.send(
        Outgoing(topics.label_requests, encode(LabelRequest(id_, 0, "test", 1.0)), id_.encode())
        for id_ in asked
    )
    eventually(lambda: len(deployment.read(topics.feedback)) == len(ids), "an answer to each")

    labels = [decode_feedback(message.value) for message in deployment.read(topics.feedback)]
    truth = Stream(scenario(SCENARIO), seed=0, transactions=30_000).rows(0, 30_000).labels
    assert {label.id: label.label for label in labels} == {
        id_: int(truth[row_of_id(id_)]) for id_ in ids
    }
