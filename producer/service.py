"""The producer as a service: transactions at their pace, and labels as they fall due."""

import time
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

import structlog

from producer.answers import Answers
from producer.errors import ProducerError
from producer.files import open_file
from producer.outflow import Outflow, to_send
from producer.plan import Plan, file_plan, scenario_plan
from producer.sender import Sender, paced
from producer.settings import ProducerSettings
from selfheal.bus.errors import BrokerUnreachable
from selfheal.bus.reader import LogReader
from selfheal.bus.topic_admin import require_topics
from selfheal.bus.topics import Topics
from selfheal.bus.writer import Writer
from selfheal.model.schema import Schema
from selfheal.records.service_events import ServiceStarted
from selfheal.runtime.lifetime import lifetime
from selfheal.runtime.settings import SettingsError
from selfheal.runtime.stopping import StopSignal
from selfheal.telemetry.endpoint import MetricsServer
from selfheal.telemetry.event_log import EventLog
from selfheal.telemetry.meters import Meters

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
    asked = [topics.label_requests] if settings.answer_requests else []
    require_topics(bus, [topics.transactions, topics.feedback, topics.events, *asked])
    with ExitStack() as stack:
        writer = stack.enter_context(Writer(bus))
        answers = Answers(plan.labeller, settings.answer_rows) if settings.answer_requests else None
        outflow = Outflow(plan.fields, plan.labeller, answers)
        sender = Sender(
            outflow,
            topics,
            writer,
            first_row=plan.first_row,
            report_interval_s=settings.report_interval_s,
        )
        stack.enter_context(_endpoint(settings, sender.meters))
        events = _event_log(settings, topics, writer, sender.meters)
        started = ServiceStarted(version("selfheal"), "at_least_once")
        stack.enter_context(lifetime(events.tell, started, stopping))
        if answers is not None:
            requests = stack.enter_context(LogReader(bus, [topics.label_requests]))
            sender.listen_to(requests)
        for batch in paced(to_send(plan, outflow), plan.pace, stopping):
            sender.send(batch)
        _deliver(writer, stopping)
        _logger.info("stream.left", next_row=sender.next_row, start_ms=start_ms)


def _endpoint(settings: ProducerSettings, meters: Meters) -> MetricsServer:
    """Answers with the producer's metrics; it is always ready, for it waits for nothing."""
    return MetricsServer(
        meters,
        live=lambda: "",
        ready=lambda: "",
        host=settings.metrics_host,
        port=settings.metrics_port,
    )


def _event_log(
    settings: ProducerSettings, topics: Topics, writer: Writer, meters: Meters
) -> EventLog:
    return EventLog(
        writer.send,
        topic=topics.events,
        service="producer",
        instance=settings.instance,
        clock=_now_ms,
        meters=meters,
    )


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


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
