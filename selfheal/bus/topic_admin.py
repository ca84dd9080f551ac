"""Making topics, describing them, and insisting that they exist."""

import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AdminClient,
    ConfigResource,  # pyright: ignore[reportPrivateImportUsage]
    NewTopic,  # pyright: ignore[reportPrivateImportUsage]
    ResourceType,  # pyright: ignore[reportPrivateImportUsage]
)

from selfheal.bus.clients import new_client
from selfheal.bus.errors import BrokerUnreachable, BusError, TopicMissing
from selfheal.bus.faults import explained, kafka_error
from selfheal.bus.settings import BusSettings, admin_properties
from selfheal.bus.topics import TopicSpec


@dataclass(frozen=True, slots=True)
class TopicReport:
    """A topic as it is, beside what it must be.

    partitions: None when the topic is missing
    problems:   what is wrong and what to do, one line each; empty when all is well
    """

    spec: TopicSpec
    partitions: int | None
    config: Mapping[str, str]
    problems: tuple[str, ...]


def partition_counts(settings: BusSettings) -> dict[str, int]:
    """Every topic of the cluster with its number of partitions.

    Raises BrokerUnreachable, AccessDenied.
    """
    return _Admin(settings).partition_counts()


def require_topics(settings: BusSettings, names: Iterable[str]) -> dict[str, int]:
    """The number of partitions of each, when all exist. Raises TopicMissing naming the others.

    Raises BrokerUnreachable, AccessDenied.
    """
    counts = partition_counts(settings)
    wanted = list(names)
    if missing := [name for name in wanted if name not in counts]:
        raise TopicMissing(*missing)
    return {name: counts[name] for name in wanted}


def create_topics(settings: BusSettings, specs: Sequence[TopicSpec]) -> list[str]:
    """Make those that do not exist, wait until clients see them, and name them.

    Those that exist stay as they are; `describe_topics` says whether that is right.
    Raises BrokerUnreachable, AccessDenied, BusError with the broker's reason.
    """
    if not specs:
        return []
    admin = _Admin(settings)
    made = admin.create(specs)
    admin.wait_until_visible(specs)
    return made


def describe_topics(settings: BusSettings, specs: Sequence[TopicSpec]) -> list[TopicReport]:
    """Each topic as it is, with what is wrong. Raises BrokerUnreachable, AccessDenied."""
    admin = _Admin(settings)
    counts = admin.partition_counts()
    present = [spec.name for spec in specs if spec.name in counts]
    configs = admin.configs(present)
    return [_report(spec, counts.get(spec.name), configs.get(spec.name, {})) for spec in specs]


def _report(spec: TopicSpec, partitions: int | None, config: Mapping[str, str]) -> TopicReport:
    if partitions is None:
        problem = "is missing; create it with `selfheal topics create`"
        return TopicReport(spec, None, config, (f"{spec.name} {problem}",))
    problems: list[str] = []
    if partitions != spec.partitions:
        problems.append(
            f"{spec.name} has {partitions} partition(s), expected {spec.partitions}; "
            "make it anew, or change the number in the settings"
        )
    if spec.is_compacted and "compact" not in config.get("cleanup.policy", ""):
        problems.append(
            f"{spec.name} is not compacted, so the broker will delete adapters that serve; "
            "set cleanup.policy=compact"
        )
    limit = spec.config.get("max.message.bytes")
    if limit and int(config.get("max.message.bytes", limit)) < int(limit):
        problems.append(
            f"{spec.name} takes records up to {config['max.message.bytes']} bytes, "
            f"expected {limit}; set max.message.bytes={limit}"
        )
    return TopicReport(spec, partitions, config, tuple(problems))


class _Admin:
    """An admin client with one deadline for all that it is asked."""

    def __init__(self, settings: BusSettings) -> None:
        self._bootstrap = settings.bootstrap
        self._timeout_s = settings.timeout_s
        self._deadline = time.monotonic() + settings.timeout_s
        self._last_fault: KafkaError | None = None
        properties: dict[str, Any] = {**admin_properties(settings), "error_cb": self._note}
        self._client = new_client(AdminClient, properties)

    def partition_counts(self) -> dict[str, int]:
        try:
            metadata = self._client.list_topics(timeout=self._left_s())
        except KafkaException as error:
            raise self._explained(error, "asking for the topics") from None
        return {
            name: len(topic.partitions)
            for name, topic in metadata.topics.items()
            if topic.error is None and all(p.leader >= 0 for p in topic.partitions.values())
        }

    def create(self, specs: Sequence[TopicSpec]) -> list[str]:
        new = [
            NewTopic(spec.name, num_partitions=spec.partitions, config=dict(spec.config))
            for spec in specs
        ]
        futures = self._client.create_topics(new, request_timeout=self._left_s())
        return [name for name, future in futures.items() if self._is_made(name, future)]

    def wait_until_visible(self, specs: Sequence[TopicSpec]) -> None:
        while missing := {spec.name for spec in specs} - self.partition_counts().keys():
            if time.monotonic() > self._deadline:
                raise BusError(
                    f"created but not served after {self._timeout_s:g} s: "
                    f"{', '.join(sorted(missing))}; look at the broker's log"
                )
            time.sleep(0.02)

    def configs(self, names: Sequence[str]) -> dict[str, dict[str, str]]:
        if not names:
            return {}
        resources = [ConfigResource(ResourceType.TOPIC, name) for name in names]
        futures = self._client.describe_configs(resources, request_timeout=self._left_s())
        found: dict[str, dict[str, str]] = {}
        for resource, future in futures.items():
            try:
                entries = future.result()
            except KafkaException as error:
                raise self._explained(error, f"describing {resource.name}") from None
            found[resource.name] = {name: str(entry.value) for name, entry in entries.items()}
        return found

    def _is_made(self, name: str, future: "Future[Any]") -> bool:
        try:
            future.result()
        except KafkaException as error:
            if kafka_error(error).code() == KafkaError.TOPIC_ALREADY_EXISTS:
                return False
            raise self._explained(error, f"creating {name}") from None
        return True

    def _explained(self, error: KafkaException, doing: str) -> BusError:
        self._client.poll(0)  # serves the error callback: "timed out" seldom is the reason
        explanation = explained(error, doing, bootstrap=self._bootstrap, waited_s=self._timeout_s)
        if isinstance(explanation, BrokerUnreachable) and self._last_fault is not None:
            return explained(
                self._last_fault, doing, bootstrap=self._bootstrap, waited_s=self._timeout_s
            )
        return explanation

    def _note(self, error: KafkaError) -> None:
        # "All brokers are down" follows each reason and would hide it.
        if error.code() != KafkaError._ALL_BROKERS_DOWN:
            self._last_fault = error

    def _left_s(self) -> float:
        return max(0.1, self._deadline - time.monotonic())
