"""A system of its own on a real broker: topics, model, keys, and the services as processes."""

import re
import signal
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import orjson
from confluent_kafka import Consumer, TopicPartition

from cli.demo.children import Child, start, wait_until_ready
from producer.scenarios import SCHEMA
from registry.acceptance import Acceptance
from registry.keys import read_signer, read_verifier, write_keys
from registry.publish import Publisher
from registry.record import RegistryRecord
from registry.signature import new_key
from registry.snapshot import HealingWindow, Snapshot, SnapshotInfo
from registry.topic import RegistryWriter, read_registry
from registry.view import RegistryView
from selfheal.bus.message import Message, Outgoing
from selfheal.bus.reader import LogReader
from selfheal.bus.settings import BusSettings
from selfheal.bus.topic_admin import create_topics
from selfheal.bus.topics import Topics
from selfheal.bus.writer import Writer
from selfheal.model.adapter import Adapter, InputAlignment, Output
from selfheal.model.folder import read_folder
from selfheal.records import Prediction, decode
from selfheal.telemetry.events import ToldEvent, read_event
from tests.traffic import SCENARIO

FEEDBACK_KEY = b"shared by scorers and healer"

# A killed member must lose its place in seconds here, not in the ten of the product.
QUICK_GROUPS = {"session.timeout.ms": "3000", "heartbeat.interval.ms": "500"}


class Deployment:
    """What a test deploys.

    bus:   its properties are given to every service
    model: the folder's, as the services read it
    """

    def __init__(self, bus: BusSettings, folder: Path, model_folder: Path, partitions: int) -> None:
        self.bus, self.folder, self.model_folder = bus, folder, model_folder
        self.topics = Topics(bus.prefix)
        create_topics(bus, self.topics.specs(partitions))
        self.model = read_folder(model_folder)
        self.keys = folder / "keys"
        self.private_key, _ = write_keys(self.keys, new_key())
        self.feedback_key = folder / "feedback.key"
        self.feedback_key.write_bytes(FEEDBACK_KEY)
        self.thresholds = folder / "threshold_config.json"
        self.acceptance = Acceptance(read_verifier(self.keys), self.model.hash)
        self.publisher = Publisher(
            read_signer(self.private_key), self.model.hash, self.model.threshold
        )
        self.children: list[Child] = []
        self._read: dict[str, tuple[LogReader, list[Message]]] = {}
        self._predictions: list[Prediction] = []

    def start_scorer(self, name: str = "scorer-1", **settings: object) -> Child:
        """A scorer; returns before it is ready."""
        usual = {"summary_interval_s": 0.5, "transaction_timeout_s": 3}
        return self._start("consumer", name, usual | settings)

    def start_producer(self, **settings: object) -> Child:
        """A producer of the scenario of `tests.traffic`; returns before it sends."""
        usual = {
            "scenario": SCENARIO,
            "model": None,
            "public_keys": None,
            "feedback_key_file": None,
        }
        return self._start("producer", "producer-1", usual | settings)

    def start_healer(self, name: str = "healer-1", **settings: object) -> Child:
        """A healer; returns before it is ready."""
        usual = {"signing_key": self.private_key, "thresholds": self.thresholds}
        return self._start("healer", name, usual | settings)

    def publish(self, *adapters: Adapter, created_ms: int = 1_000) -> RegistryView:
        """Versions as a healer publishes them, one after the other; the last one serves."""
        with RegistryWriter(self.bus) as writer:
            view = self.registry()
            for adapter in adapters:
                records = self.publication(view, adapter, created_ms)
                writer.write(records)
                view = view.with_records(records)
        return view

    def point_to(self, *versions: str) -> RegistryView:
        """Have these served, one after the other."""
        with RegistryWriter(self.bus) as writer:
            view = self.registry()
            for version in versions:
                records = self.publisher.activate(view, version, "test", 2_000)
                writer.write(records)
                view = view.with_records(records)
        return view

    def write(self, records: tuple[RegistryRecord, ...]) -> None:
        """Write records of the registry as they are."""
        with RegistryWriter(self.bus) as writer:
            writer.write(records)

    def publication(
        self, view: RegistryView, adapter: Adapter, created_ms: int = 1_000
    ) -> tuple[RegistryRecord, ...]:
        """The records that publish an adapter."""
        info = SnapshotInfo(
            version=view.next_version,
            parent="base",
            backbone_hash=self.model.hash,
            policy="selfheal",
            trigger="drift",
            window=HealingWindow(1, 2, 500, 0),
            threshold=0.5,
            created_ms=created_ms,
            gate={},
            tags=(),
        )
        return self.publisher.publish(view, Snapshot(info, adapter, {}), "test", created_ms)

    def registry(self) -> RegistryView:
        """The registry as it is now, signatures checked."""
        return read_registry(self.bus, self.acceptance)

    def send(self, records: Iterable[Outgoing]) -> None:
        """Write records to any topic, and wait until the broker has them."""
        with Writer(self.bus) as writer:
            for record in records:
                writer.send(record)

    def read(self, topic: str) -> list[Message]:
        """All that is committed on a topic by now."""
        if topic not in self._read:
            reader = LogReader(self.bus, [topic])
            reader.open()
            self._read[topic] = (reader, [])
        reader, messages = self._read[topic]
        messages += reader.read_to_end()
        return messages

    def predictions(self) -> list[Prediction]:
        """Every committed prediction."""
        messages = self.read(self.topics.predictions)
        self._predictions += [
            decode(Prediction, m.value) for m in messages[len(self._predictions) :]
        ]
        return self._predictions

    def told(self, kind: type, instance: str | None = None) -> list[ToldEvent]:
        """The events of a kind that were told so far, by one service or by any."""
        events = [read_event(message.value) for message in self.read(self.topics.events)]
        by = {instance} if instance else {event.instance for event in events}
        return [told for told in events if isinstance(told.event, kind) and told.instance in by]

    def written_twice(self) -> list[str]:
        """Keys that name a version or an epoch and were written more than once."""
        keys = [message.key.decode() for message in self.read(self.topics.adapters)]
        return [key for key, times in Counter(keys).items() if "/" in key and times > 1]

    def lag(self, group: str = "scorers") -> int:
        """Records of `transactions` that the group has not committed."""
        topic = self.topics.transactions
        name = {"bootstrap.servers": self.bus.bootstrap, "group.id": f"{self.bus.prefix}{group}"}
        consumer = Consumer(name)
        try:
            places = [
                TopicPartition(topic, p)
                for p in consumer.list_topics(topic).topics[topic].partitions
            ]
            ends = [consumer.get_watermark_offsets(place)[1] for place in places]
            return sum(ends) - sum(max(0, place.offset) for place in consumer.committed(places))
        finally:
            consumer.close()

    def end_of(self, topic: str) -> int:
        """The offset after the newest record of a topic of one partition, committed or not."""
        consumer = Consumer(
            {
                "bootstrap.servers": self.bus.bootstrap,
                "group.id": f"{self.bus.prefix}ends",
                "isolation.level": "read_uncommitted",
            }
        )
        try:
            return consumer.get_watermark_offsets(TopicPartition(topic, 0))[1]
        finally:
            consumer.close()

    def stop(self) -> None:
        """End whatever still runs."""
        for child in self.children:
            if child.is_running:
                child.process.send_signal(signal.SIGCONT)
                kill(child)
            child.process.stdin.close()
        for reader, _ in self._read.values():
            reader.close()

    def _start(self, module: str, name: str, settings: dict[str, object]) -> Child:
        usual = {
            "bootstrap": self.bus.bootstrap,
            "prefix": self.bus.prefix,
            "properties": orjson.dumps(dict(self.bus.properties)).decode(),
            "model": self.model_folder,
            "public_keys": self.keys,
            "feedback_key_file": self.feedback_key,
        }
        given = {key: str(value) for key, value in (usual | settings).items() if value is not None}
        logs = self.folder / "logs"
        logs.mkdir(exist_ok=True)
        self.children.append(start(module, name, given, logs))
        return self.children[-1]


def different_adapters(count: int) -> list[Adapter]:
    """Adapters for the model of the tests that score differently."""
    rng, width = np.random.default_rng(5), len(SCHEMA.names)
    return [
        Adapter(
            alignment=InputAlignment(rng.uniform(0.5, 2.0, width), rng.normal(size=width)),
            output=Output(scale=rng.uniform(0.5, 2.0), shift=rng.normal()),
        )
        for _ in range(count)
    ]


def ready(*children: Child) -> None:
    """Wait until the services can work."""
    wait_until_ready(list(children))


def metric(child: Child, name: str) -> float | None:
    """The value of a metric, summed over its labels; None while it has none."""
    with urlopen(f"http://127.0.0.1:{child.port}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    values = [float(line.split()[-1]) for line in lines if re.match(rf"{name}[{{ ]", line)]
    return sum(values) if values else None


def kill(child: Child) -> None:
    """End it as a power cut would."""
    child.process.kill()
    child.process.wait()


@contextmanager
def deployed(
    bus: BusSettings, folder: Path, model_folder: Path, partitions: int = 2
) -> Iterator[Deployment]:
    """A deployment of which nothing is left running."""
    deployment = Deployment(bus, folder, model_folder, partitions)
    try:
        yield deployment
    finally:
        deployment.stop()
