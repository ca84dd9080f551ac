"""The registry over Kafka: reading `adapters` to its end, following it, writing to it."""

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from registry.acceptance import Acceptance
from registry.record import RegistryRecord
from registry.view import RegistryView
from selfheal.bus.message import Message, Outgoing
from selfheal.bus.reader import LogReader
from selfheal.bus.settings import BusSettings
from selfheal.bus.topics import Topics
from selfheal.bus.writer import TransactionalWriter, Writer

TRANSACTIONAL_ID = "registry"
"""Of whoever writes to `adapters`: the leading healer, or an operator who takes over. The last to
open it fences the others, so no two writers can give the same version or epoch."""


def registry_records(messages: Iterable[Message]) -> list[RegistryRecord]:
    """Kafka's records as the registry's. A key that is no UTF-8 becomes one that names nothing."""
    return [
        RegistryRecord(
            (message.key or b"").decode("utf-8", "replace"),
            message.value,
            message.headers,
            message.offset,
        )
        for message in messages
    ]


def read_registry(settings: BusSettings, acceptance: Acceptance) -> RegistryView:
    """The registry as it is now: all that is committed on `adapters`.

    Raises BrokerUnreachable after the settings' `timeout_s`, TopicMissing, AccessDenied.
    """
    with LogReader(settings, [Topics(settings.prefix).adapters]) as reader:
        return RegistryView(acceptance).with_records(
            registry_records(reader.read_to_end(settings.timeout_s))
        )


def write_apart(settings: BusSettings, records: Iterable[RegistryRecord]) -> None:
    """Write records that no pointer names yet, such as models, without taking anyone's right.

    Raises BrokerUnreachable, DeliveryFailed, TopicMissing, AccessDenied.
    """
    with Writer(settings) as writer:
        for record in records:
            writer.send(_outgoing(settings, record))


class RegistryWriter:
    """Writes to `adapters`, all records of a call in one transaction.

    Opening takes the right to write from whoever has it, and ends what that one left open. So
    read the registry after opening, not before: what is read then cannot change underneath.
    """

    def __init__(self, settings: BusSettings) -> None:
        self._settings = settings
        self._writer = TransactionalWriter(settings, TRANSACTIONAL_ID)

    def write(self, records: Iterable[RegistryRecord]) -> None:
        """Commit these records, or none of them; no record, no transaction.

        Raises Fenced when another writer has taken over: this one must write no more. Raises
        BrokerUnreachable when the outcome is unknown: read the registry again before going on.
        """
        outgoing = [_outgoing(self._settings, record) for record in records]
        if not outgoing:
            return
        with self._writer.transaction():
            for record in outgoing:
                self._writer.send(record)

    def open(self) -> None:
        """Take the right to write. Raises BrokerUnreachable, AccessDenied."""
        self._writer.open()

    def close(self) -> None:
        """Give it back; harmless when it is not held."""
        self._writer.close()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _outgoing(settings: BusSettings, record: RegistryRecord) -> Outgoing:
    topic = Topics(settings.prefix).adapters
    return Outgoing(topic, record.value, record.key.encode(), record.headers)


def take_over(
    settings: BusSettings,
    acceptance: Acceptance,
    plan: Callable[[RegistryView], Iterable[RegistryRecord]],
) -> RegistryView:
    """Write what `plan` makes of the registry as it is; returns the registry after that.

    A living healer loses the right to write by this and must take leadership anew. Raises as
    `read_registry`, and whatever `plan` raises: then nothing is written.
    """
    with RegistryWriter(settings) as writer:
        view = read_registry(settings, acceptance)
        records = tuple(plan(view))
        writer.write(records)
    return view.with_records(records)
