"""Against a real broker that compacts at once: the session's broker looks every 15 s only."""

import time

from registry.record import ACTIVE_KEY
from registry.topic import RegistryWriter, read_registry, registry_records
from selfheal.bus.embedded import EmbeddedBroker
from selfheal.bus.reader import LogReader
from selfheal.bus.settings import BusSettings
from selfheal.bus.topic_admin import create_topics
from selfheal.bus.topics import TopicSpec

EAGER = {
    "cleanup.policy": "compact",
    "segment.ms": "50",
    "min.cleanable.dirty.ratio": "0.01",
    "max.compaction.lag.ms": "100",
}
DEADLINE_S = 60


def records_under_active(bus):
    with LogReader(bus, ["adapters"]) as reader:
        records = registry_records(reader.read_to_end())
    return sum(record.key == ACTIVE_KEY for record in records)


def test_history_survives_compaction(story):
    with EmbeddedBroker(server_properties={"log.cleaner.backoff.ms": "100"}) as broker:
        bus = BusSettings(broker.bootstrap)
        create_topics(bus, [TopicSpec("adapters", 1, EAGER)])
        deadline = time.monotonic() + DEADLINE_S
        with RegistryWriter(bus) as writer:
            writer.write(story.publish())
            writer.write(story.publish())
            while records_under_active(bus) == len(story.view.history):
                assert time.monotonic() < deadline, "never compacted"
                for version in ("v1", "v2") * 5:
                    writer.write(story.activate(version))

        view = read_registry(bus, story.acceptance)

    assert view.items == story.view.items
    assert [served.pointer.epoch for served in view.history] == list(range(1, view.next_epoch))
