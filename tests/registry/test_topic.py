"""Against a real broker: what no log in memory can show."""

import time

import pytest

from registry.acceptance import Acceptance
from registry.errors import Refusal, UnknownVersionError
from registry.publish import Publisher
from registry.topic import RegistryWriter, read_registry, take_over
from selfheal.bus.errors import BrokerUnreachable, Fenced, TopicMissing
from selfheal.bus.message import Outgoing
from selfheal.bus.settings import BusSettings
from selfheal.bus.writer import TransactionalWriter


def publish(bus, story, make_snapshot):
    return take_over(
        bus,
        story.acceptance,
        lambda view: story.publisher.publish(
            view, make_snapshot(view.next_version), "healed", 10_000
        ),
    )


def test_empty_registry_reads_as_empty(bus, topics):
    assert read_registry(bus, Acceptance()).active is None


def test_what_was_published_is_read_with_its_signatures(bus, topics, story, make_snapshot):
    written = publish(bus, story, make_snapshot)

    view = read_registry(bus, story.acceptance)

    assert view == written
    assert (view.active.version, view.active.epoch) == ("v1", 1)


def test_publication_that_breaks_off_is_never_seen(bus, topics, story, make_snapshot):
    publish(bus, story, make_snapshot)
    view = read_registry(bus, story.acceptance)
    snapshot, *_ = story.publisher.publish(view, make_snapshot("v2"), "healed", 11_000)

    def break_off():
        with TransactionalWriter(bus, "registry") as writer, writer.transaction():
            writer.send(Outgoing(topics.adapters, snapshot.value, b"snapshot/v2", snapshot.headers))
            raise InterruptedError

    with pytest.raises(InterruptedError):
        break_off()

    assert read_registry(bus, story.acceptance) == view


def test_plan_that_fails_writes_nothing(bus, topics, story):
    with pytest.raises(UnknownVersionError):
        take_over(bus, story.acceptance, lambda view: story.publisher.activate(view, "v9", "", 1))

    assert read_registry(bus, story.acceptance).next_epoch == 1


def test_epochs_of_successive_writers_rise(bus, topics, story, make_snapshot):
    for _ in range(3):
        view = publish(bus, story, make_snapshot)
    view = take_over(
        bus, story.acceptance, lambda view: story.publisher.activate(view, "v1", "rollback", 1)
    )

    assert [served.pointer.epoch for served in view.history] == [1, 2, 3, 4]
    assert read_registry(bus, story.acceptance).active.version == "v1"


def test_writer_that_was_taken_over_writes_no_more(bus, topics, story, make_snapshot):
    with RegistryWriter(bus) as old:
        publish(bus, story, make_snapshot)

        with pytest.raises(Fenced):
            old.write(story.publisher.activate(story.view, "base", "too late", 1))

    assert read_registry(bus, story.acceptance).active.version == "v1"


def test_forged_pointer_on_the_topic_is_refused(bus, topics, story, make_snapshot):
    publish(bus, story, make_snapshot)
    forger = Publisher(None, story.publisher.backbone_hash)

    take_over(bus, story.acceptance, lambda view: forger.activate(view, "base", "forged", 1))

    view = read_registry(bus, story.acceptance)
    assert view.active.version == "v1"
    assert [refused.kind for refused in view.refused] == [Refusal.UNSIGNED] * 2


def test_missing_topic_is_named(bus):
    with pytest.raises(TopicMissing, match="adapters"):
        read_registry(bus, Acceptance())


@pytest.mark.timeout(60)
def test_broker_that_does_not_answer_is_an_error_in_time():
    nowhere = BusSettings("127.0.0.1:1")
    began = time.monotonic()

    with pytest.raises(BrokerUnreachable), RegistryWriter(nowhere, timeout_s=1.0):
        pass

    assert time.monotonic() - began < 15
