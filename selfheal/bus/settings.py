"""How to reach Kafka, and the client properties that this project sets, each with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from selfheal.bus.errors import BusSettingsError

MAX_RECORD_BYTES = 16 * 1024 * 1024
"""Largest record that the project's own topics take: adapters and dead letters."""

RESERVED: Mapping[str, str] = MappingProxyType(
    {
        "bootstrap.servers": "is the setting `bootstrap`",
        "metadata.broker.list": "is the setting `bootstrap`",
        "client.id": "is the setting `client_id`",
        "group.id": "is named by each service; two services in one group would share out records",
        "group.instance.id": "would let a zombie keep its place in the group",
        "enable.auto.commit": "offsets are committed with the outputs, never apart from them",
        "enable.auto.offset.store": "offsets are committed with the outputs, never apart from them",
        "auto.offset.reset": "is chosen by each reader; another start skips or repeats records",
        "isolation.level": "read_committed is what makes exactly-once hold for readers",
        "enable.partition.eof": "is how a reader knows that it has read a topic to its end",
        "enable.idempotence": "without it a retry writes a record twice",
        "transactional.id": "is unique to a process; a shared one fences a living instance",
        "transaction.timeout.ms": "bounds how long a killed scorer holds up its partitions",
        "acks": "only `all` survives the loss of a broker",
        "request.required.acks": "only `all` survives the loss of a broker",
        "max.in.flight": "above 5, retries reorder records",
        "max.in.flight.requests.per.connection": "above 5, retries reorder records",
        "partitioner": "murmur2_random, as Java clients use: else keys land on other partitions",
        "partition.assignment.strategy": "is part of how offsets and rebalances fit together",
        "delivery.report.only.error": "delivery errors are looked at before each commit",
        "dr_cb": "delivery errors are looked at before each commit",
        "on_delivery": "delivery errors are looked at before each commit",
        "log_cb": "log lines go to Python's logging",
        "logger": "log lines go to Python's logging",
        "log.queue": "log lines go to Python's logging",
    }
)
"""Raw properties that users cannot set, each with why."""


# Raw properties are for every client; those of the other kind would be warned about by each.
_OF_CONSUMERS = ("session.", "heartbeat.", "max.poll.", "group.", "fetch.", "queued.", "check.")
_OF_PRODUCERS = (
    "linger.",
    "batch.",
    "compression.",
    "delivery.",
    "message.send.",
    "message.timeout.",
    "queue.buffering.",
    "request.timeout.",
    "retries",
    "sticky.",
    "topic.metadata.propagation.",
)


@dataclass(frozen=True, slots=True)
class BusSettings:
    """How the services reach Kafka. Raises BusSettingsError where it cannot be right.

    bootstrap:  "host:port", several with commas
    prefix:     put before every topic, group and transactional id, so that several models share
                a cluster
    properties: raw librdkafka properties for every client (security, timeouts, batch sizes);
                those in RESERVED are refused
    client_id:  shown by the broker's logs and quotas
    timeout_s:  for which a broker that does not answer is waited for, at a start and at an end

    >>> BusSettings("localhost:9092", properties={"enable.auto.commit": "true"})
    Traceback (most recent call last):
    selfheal.bus.errors.BusSettingsError: enable.auto.commit cannot be set: offsets are committed \
with the outputs, never apart from them
    """

    bootstrap: str
    prefix: str = ""
    properties: Mapping[str, str] = field(default_factory=dict[str, str])
    client_id: str = "selfheal"
    timeout_s: float = 10.0

    def __post_init__(self) -> None:
        if not self.bootstrap.strip():
            raise BusSettingsError("bootstrap is empty, expected host:port")
        for name in self.properties:
            if name in RESERVED:
                raise BusSettingsError(f"{name} cannot be set: {RESERVED[name]}")

    def __repr__(self) -> str:
        """Without the properties' values: passwords are among them."""
        names = ", ".join(sorted(self.properties))
        return (
            f"BusSettings(bootstrap={self.bootstrap!r}, prefix={self.prefix!r}, "
            f"properties=<{names}>, client_id={self.client_id!r})"
        )


def admin_properties(settings: BusSettings) -> dict[str, Any]:
    """For an admin client."""
    return _client_properties(settings, foreign=_OF_CONSUMERS + _OF_PRODUCERS)


def _client_properties(settings: BusSettings, foreign: tuple[str, ...]) -> dict[str, Any]:
    own = {
        name: value for name, value in settings.properties.items() if not name.startswith(foreign)
    }
    return {
        # A broker that restarts is found again in a second, not in ten.
        "reconnect.backoff.max.ms": 1000,
        # A broker that closes an idle connection is no news.
        "log.connection.close": False,
        **own,
        "bootstrap.servers": settings.bootstrap,
        "client.id": settings.client_id,
    }


def consumer_properties(
    settings: BusSettings, group: str, start: str, *, with_end: bool = False
) -> dict[str, Any]:
    """For a consumer. `start`: "earliest" or "latest", where the group has no offset yet.

    with_end: also say when a partition's end is reached
    """
    return {
        # By far the largest lever: after a full local queue the client sleeps this long before it
        # fetches again, 1,000 ms by default. A scorer is 2.3 to 2.5 times as fast with 10.
        "fetch.queue.backoff.ms": 10,
        # Memory bound of that queue, and enough for some batches ahead.
        "queued.max.messages.kbytes": 65536,
        # New partitions get a reader after this at the latest, 5 min by default.
        "topic.metadata.refresh.interval.ms": 30_000,
        # How long the broker holds a request for partitions without news, 500 ms by default. A
        # partition that joins meanwhile waits for it: after an assignment that is the first record.
        "fetch.wait.max.ms": 100,
        # A killed member's partitions move after this. 45 s by default.
        **_session(settings),
        # A hung member's partitions move after this. 5 min by default; a batch takes 10 ms.
        "max.poll.interval.ms": 60_000,
        **_client_properties(settings, foreign=_OF_PRODUCERS),
        "group.id": group,
        "auto.offset.reset": start,
        "enable.partition.eof": with_end,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "isolation.level": "read_committed",
    }


def producer_properties(settings: BusSettings) -> dict[str, Any]:
    """For an idempotent producer; a transactional one adds its id."""
    return {
        # 0 halves the scorer's rate, 50 costs 4 to 10 % and latency.
        "linger.ms": 5,
        "batch.size": 1_000_000,
        "batch.num.messages": 10_000,
        # Costs nothing in the scorer, and saves the broker's CPU and the network.
        "compression.type": "lz4",
        # A snapshot, or a dead letter of a record that filled its own topic's limit; each topic
        # has its own limit on the broker.
        "message.max.bytes": MAX_RECORD_BYTES,
        # A transaction that begins while the broker still ends the last one is sent away, and
        # comes back after this: with the default of 100 ms each commit of a busy scorer takes
        # that long. It grows with each try, to a second.
        "retry.backoff.ms": 10,
        # A missing topic is an error after this; 30 s by default, longer than a transaction lives.
        "topic.metadata.propagation.max.ms": 3000,
        **_client_properties(settings, foreign=_OF_CONSUMERS),
        "enable.idempotence": True,
        "acks": "all",
        "partitioner": "murmur2_random",
    }


def transactional_properties(
    settings: BusSettings, transactional_id: str, timeout_ms: int
) -> dict[str, Any]:
    """For a transactional producer. `timeout_ms`: after which the broker aborts on its own."""
    return {
        **producer_properties(settings),
        "transactional.id": transactional_id,
        "transaction.timeout.ms": timeout_ms,
    }


def _session(settings: BusSettings) -> dict[str, Any]:
    """Of the classic group protocol; the newer one (KIP-848) keeps it on the broker and says so."""
    if settings.properties.get("group.protocol") == "consumer":
        return {}
    return {"session.timeout.ms": 10_000, "heartbeat.interval.ms": 3000}
