"""The producer: sends a stream's transactions at their pace, and its labels as they fall due."""

import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

import structlog

from producer.batches import Batch
from producer.errors import ProducerError
from producer.files import open_file
from producer.outflow import Outflow, to_send
from producer.pacing import Pace
from producer.plan import Plan, file_plan, scenario_plan
from producer.settings import ProducerSettings
from selfheal.bus.errors import BrokerUnreachable
from selfheal.bus.message import Outgoing
from selfheal.bus.topic_admin import require_topics
from selfheal.bus.topics import Topics
from selfheal.bus.writer import Writer
from selfheal.model.schema import Schema
from selfheal.records.service_events import ServiceStarted, ServiceStopped
from selfheal.runtime.settings import SettingsError
from selfheal.runtime.stopping import StopSignal
from selfheal.telemetry import metrics
from selfheal.telemetry.endpoint import MetricsServer
from selfheal.telemetry.event_log import EventLog
from selfheal.telemetry.meters import Meters

MAX_SEND_ROWS = 1_000
MIN_WAIT_S = 0.02
"""A slow pace sends some rows at a time and sleeps between."""

_logger = structlog.get_logger("producer")


def run(settings: ProducerSettings, stopping: StopSignal) -> None:
    """Send until the end or until asked to stop; then deliver what was sent and return.

    The last line of the log says at which row to go on, and with which `start_ms`.
    Raises SettingsError for what cannot be sent as the settings ask, and BusError.
    """
    start_ms = _now_ms() if settings.start_ms is None else settings.start_ms
    try:
        _produce(settings, _plan(settings, start_ms), start_ms, stopping)
    except ProducerError as error:
        raise SettingsError(str(error)) from None


def _plan(settings: ProducerSettings, start_ms: int) -> Plan:
    if settings.file is None:
        return scenario_plan(settings, start_ms)
    schema = _read_schema(settings.model) if settings.model else None
    return file_plan(settings, open_file(str(settings.file)), schema, start_ms)


def _read_schema(model: Path) -> Schema:
    path = model / "schema.json"
    try:
        return Schema.from_json(path.read_bytes())
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None


def _produce(settings: ProducerSettings, plan: Plan, start_ms: int, stopping: StopSignal) -> None:
    bus, topics = settings.bus(), Topics(settings.prefix)
    require_topics(bus, [topics.transactions, topics.feedback, topics.events])
    began_s = time.monotonic()
    with ExitStack() as stack:
        writer = stack.enter_context(Writer(bus))
        sender = Sender(settings, topics, writer, plan.first_row)
        stack.enter_context(sender.endpoint())
        events = EventLog(
            writer.send,
            topic=topics.events,
            service="producer",
            instance=settings.instance,
            clock=_now_ms,
            meters=sender.meters,
        )
        events.tell(ServiceStarted(version("selfheal"), "at_least_once"))
        outflow = Outflow(plan.fields, plan.labeller)
        for batch in paced(to_send(plan, outflow), plan.pace, stopping):
            sender.send(outflow, batch)
        _deliver(writer, stopping)
        _logger.info("stream.left", next_row=sender.next_row, start_ms=start_ms)
        cause = "signal" if stopping else "finished"
        events.tell(ServiceStopped(cause, time.monotonic() - began_s))


def _deliver(writer: Writer, stopping: StopSignal) -> None:
    """Wait until the broker has all that was sent, however long it is away, but not when stopped.

    Raises BrokerUnreachable.
    """
    while True:
        try:
            writer.flush()
        except BrokerUnreachable as error:
            if stopping:
                raise
            _logger.warning("waiting for the broker", error=str(error))
        else:
            return


def paced(batches: Iterable[Batch], pace: Pace, stopping: StopSignal) -> Iterator[Batch]:
    """The batches cut into parts, each handed on when its rows are due, until asked to stop."""
    began_s, sent = time.monotonic(), 0
    for batch in batches:
        first = 0
        while first < len(batch) and not stopping:
            elapsed_s = time.monotonic() - began_s
            due = pace.rows_due(elapsed_s, at_most=sent + MAX_SEND_ROWS) - sent
            if due <= 0:
                stopping.wait(max(pace.wait_s(sent + 1, elapsed_s), MIN_WAIT_S))
                continue
            part = batch.part(first, min(first + due, len(batch)))
            yield part
            first, sent = first + len(part), sent + len(part)
        if stopping:
            return


class Sender:
    """Writes what an outflow says, counts it, and tells how far it is.

    next_row: the row after the last one that was sent
    """

    def __init__(
        self, settings: ProducerSettings, topics: Topics, writer: Writer, first_row: int
    ) -> None:
        self.next_row = first_row
        self._topics, self._writer, self._settings = topics, writer, settings
        self.meters = Meters("producer")
        self._reported_s, self._reported_row = time.monotonic(), first_row
        self._labels = 0

    def endpoint(self) -> MetricsServer:
        """Answers with the sender's metrics, once started; the producer waits for nothing."""
        return MetricsServer(
            self.meters,
            live=lambda: "",
            ready=lambda: "",
            host=self._settings.metrics_host,
            port=self._settings.metrics_port,
        )

    def send(self, outflow: Outflow, batch: Batch) -> None:
        """One batch and the labels that are due with it."""
        outgoings = outflow.send(batch)
        for key, value in outgoings.transactions:
            self._writer.send(Outgoing(self._topics.transactions, value, key))
        for key, value in outgoings.labels:
            self._writer.send(Outgoing(self._topics.feedback, value, key))
        self.next_row = batch.first_row + len(batch)
        self._labels += len(outgoings.labels)
        self.meters.add(metrics.PRODUCED, len(batch))
        self.meters.add(metrics.LABELS_PRODUCED, len(outgoings.labels))
        self._report(time.monotonic())

    def _report(self, now_s: float) -> None:
        """A line of progress, when it is time."""
        elapsed_s = now_s - self._reported_s
        if elapsed_s < self._settings.report_interval_s:
            return
        per_s = (self.next_row - self._reported_row) / elapsed_s
        _logger.info("rows.sent", next_row=self.next_row, labels=self._labels, per_s=round(per_s))
        self._reported_s, self._reported_row = now_s, self.next_row


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
