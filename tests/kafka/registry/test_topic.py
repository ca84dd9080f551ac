"""Publishing, taking over and reading back: what no log in memory can show."""

import time
from dataclasses import replace

import pytest

from registry.acceptance import Acceptance
from registry.errors import Refusal, UnknownVersionError
from registry.model_record import dump_model
from registry.topic import RegistryWriter, read_registry, write_apart
from selfheal.bus.errors import BrokerUnreachable, Fenced, TopicMissing
from selfheal.bus.message import Outgoing
from selfheal.bus.settings import BusSettings
from selfheal.bus.writer import TransactionalWriter
from tests.registry.small_models import small_model


def test_empty_registry_reads_as_empty(bus, topics):
    assert read_registry(bus, Acceptance()).active is None


def test_what_was_published_is_read_with_its_signatures(registry):
    written = registry.publish(0.5)

    view = registry.read()

    assert view == written
    assert (view.active.version, view.active.epoch) == ("v1", 1)


def test_publication_that_breaks_off_is_never_seen(registry, topics):
    before = registry.publish(0.5)
    snapshot, *_ = registry.publication(before)

    def break_off():
        with TransactionalWriter(registry.bus, "registry") as writer, writer.transaction():
            writer.send(Outgoing(topics.adapters, snapshot.value, b"snapshot/v2", snapshot.headers))
            raise InterruptedError

    with pytest.raises(InterruptedError):
        break_off()

    assert registry.read() == before


def test_plan_that_fails_writes_nothing(registry):
    with pytest.raises(UnknownVersionError):
        registry.activate("v9")

    assert registry.read().next_epoch == 1


def test_epochs_of_successive_writers_rise(registry):
    for f1 in (0.5, 0.6, 0.7):
        registry.publish(f1)
    view = registry.activate("v1")

    assert [served.pointer.epoch for served in view.history] == [1, 2, 3, 4]
    assert registry.read().active.version == "v1"


def test_writer_that_was_taken_over_writes_no_more(registry):
    before = registry.publish(0.5)
    with RegistryWriter(registry.bus) as old:
        registry.publish(0.6)

        with pytest.raises(Fenced):
            old.write(registry.publisher.activate(before, "base", "too late", 1))

    assert registry.read().active.version == "v2"


def test_forged_pointer_on_the_topic_is_refused(registry):
    registry.publish(0.5)

    registry.forge("base")

    view = registry.read()
    assert view.active.version == "v1"
    assert [refused.kind for refused in view.refused] == [Refusal.UNSIGNED] * 2


def test_model_is_written_without_taking_over(registry):
    model = small_model()
    with RegistryWriter(registry.bus) as healer:
        publisher = replace(registry.publisher, backbone_hash=model.hash)
        write_apart(registry.bus, publisher.keep_model(dump_model(model)))
        healer.write(registry.publication(registry.read()))

    view = registry.read()
    assert (list(view.models), view.versions) == ([model.hash], ("v1",))


def test_missing_topic_is_named(bus):
    with pytest.raises(TopicMissing, match="adapters"):
        read_registry(bus, Acceptance())


def test_broker_that_does_not_answer_is_an_error_in_time():
    nowhere = BusSettings("127.0.0.1:1", timeout_s=1.0)
    began = time.monotonic()

    with pytest.raises(BrokerUnreachable), RegistryWriter(nowhere):
        pass

    assert time.monotonic() - began < 15
