"""On a broker that compacts at once: the session's looks every 15 s only."""

from registry.record import ACTIVE_KEY
from registry.topic import RegistryWriter, registry_records
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


def active_records(bus):
    with LogReader(bus, ["adapters"]) as reader:
        records = registry_records(reader.read_to_end())
    return sum(record.key == ACTIVE_KEY for record in records)


def test_history_survives_compaction(signed_registry, tmp_path, eventually):
    with EmbeddedBroker(server_properties={"log.cleaner.backoff.ms": "100"}) as broker:
        bus = BusSettings(broker.bootstrap)
        create_topics(bus, [TopicSpec("adapters", 1, EAGER)])
        registry = signed_registry(bus, tmp_path)
        written = registry.publish(0.5, 0.6)

        def is_compacted():
            nonlocal written
            with RegistryWriter(bus) as writer:
                for version in ("v1", "v2"):
                    records = registry.publisher.activate(written, version, "to and fro", 1_000)
                    writer.write(records)
                    written = written.with_records(records)
            return active_records(bus) < len(written.history)

        eventually(is_compacted, "old records of `active` are compacted away")
        view = registry.read()

    assert view.items == written.items
    assert [served.pointer.epoch for served in view.history] == list(range(1, view.next_epoch))
