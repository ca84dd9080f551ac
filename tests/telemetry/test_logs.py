import io
import json
import logging
import threading
import warnings
from collections.abc import Iterator

import numpy as np
import pytest
import structlog

from selfheal.records import Event
from selfheal.records.healing_events import HealHeld
from selfheal.telemetry.event_log import EventLog
from selfheal.telemetry.logs import configure_logging


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def lines(stream: io.StringIO) -> list[dict]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_stream_that_is_no_terminal_gets_one_json_object_a_line(stream: io.StringIO):
    configure_logging("scorer", "scorer-0", stream=stream)

    structlog.get_logger("consumer").info("batch.scored", rows=100)

    (line,) = lines(stream)
    assert line["message"] == "batch.scored"
    assert line["log.level"] == "info"
    assert line["log"]["logger"] == "consumer"
    assert line["service"] == {"name": "scorer", "node": {"name": "scorer-0"}}
    assert line["selfheal"] == {"rows": 100}
    assert line.keys() >= {"@timestamp", "ecs.version"}


def test_a_terminal_gets_text():
    terminal = Terminal()
    configure_logging("scorer", "scorer-0", stream=terminal)

    structlog.get_logger("consumer").info("batch.scored", rows=100)

    assert "batch.scored" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")


def test_librdkafkas_logger_takes_the_same_way(stream: io.StringIO):
    configure_logging("healer", "healer-0", stream=stream)

    logging.getLogger("selfheal.bus.librdkafka").warning("%s: connection refused", "broker-1")

    (line,) = lines(stream)
    assert line["message"] == "broker-1: connection refused"
    assert line["log.level"] == "warning"
    assert line["service"]["name"] == "healer"


def test_warnings_take_the_same_way(stream: io.StringIO):
    configure_logging("healer", "healer-0", stream=stream)

    warnings.warn("old setting", UserWarning, stacklevel=1)

    assert "old setting" in lines(stream)[0]["message"]


def test_partition_and_model_version_are_bound_once(stream: io.StringIO):
    configure_logging("scorer", "scorer-0", stream=stream)

    with structlog.contextvars.bound_contextvars(partition=3, model_version="v2"):
        structlog.get_logger().info("batch.scored")
        logging.getLogger("librdkafka").error("lost")

    assert [line["selfheal"] for line in lines(stream)] == [
        {"partition": 3, "model_version": "v2"}
    ] * 2


def test_the_names_are_on_lines_of_other_threads_too(stream: io.StringIO):
    configure_logging("healer", "healer-0", stream=stream)

    thread = threading.Thread(target=lambda: structlog.get_logger().info("heal.trained"))
    thread.start()
    thread.join()

    assert lines(stream)[0]["service"]["node"]["name"] == "healer-0"


@pytest.mark.parametrize("is_json", [True, False])
def test_a_traceback_is_kept_without_the_values_of_local_variables(
    stream: io.StringIO, is_json: bool
):
    configure_logging("scorer", "scorer-0", is_json=is_json, stream=stream)

    try:
        account = str(4700 + 11)
        len(account) / (len(account) - 4)
    except ZeroDivisionError:
        structlog.get_logger().exception("loop.failed")

    assert "ZeroDivisionError: division by zero" in stream.getvalue()
    assert "4711" not in stream.getvalue()


@pytest.mark.parametrize("is_json", [True, False])
def test_an_array_or_a_mapping_is_never_written_out(stream: io.StringIO, is_json: bool):
    configure_logging("scorer", "scorer-0", is_json=is_json, stream=stream)

    structlog.get_logger().info("batch.scored", rows=np.array([4711.0]), row={"amount": 4711})

    assert "4711" not in stream.getvalue()
    assert "ndarray" in stream.getvalue()


def test_numbers_are_valid_json_whatever_they_are(stream: io.StringIO):
    configure_logging("scorer", "scorer-0", stream=stream)

    structlog.get_logger().info("batch.judged", f1=float("nan"), rows=np.int64(5), z=np.float32(2))

    assert "NaN" not in stream.getvalue()
    assert lines(stream)[0]["selfheal"] == {"f1": None, "rows": 5, "z": 2.0}


def test_lines_below_the_level_are_left_out(stream: io.StringIO):
    configure_logging("scorer", "scorer-0", level="WARNING", stream=stream)

    structlog.get_logger().info("batch.scored")
    logging.getLogger("librdkafka").info("connected")

    assert stream.getvalue() == ""


def test_configuring_again_replaces_the_first_stream(stream: io.StringIO):
    first = io.StringIO()
    configure_logging("scorer", "scorer-0", stream=first)
    configure_logging("scorer", "scorer-0", stream=stream)

    structlog.get_logger().info("batch.scored")

    assert first.getvalue() == ""
    assert len(lines(stream)) == 1


def test_the_line_of_an_event_has_its_sentence_its_action_and_its_fields(stream: io.StringIO):
    configure_logging("healer", "healer-0", stream=stream)
    log = EventLog(
        [].append, topic="events", service="healer", instance="healer-0", clock=lambda: 5
    )

    log.tell(HealHeld(3, "selfheal", "too_few_frauds", "v2", 1.5))

    (line,) = lines(stream)
    assert line["message"] == "heal 3 held: too_few_frauds; v2 goes on serving"
    assert line["event"]["action"] == "heal.held"
    assert line["log.level"] == "warning"
    assert line["selfheal"]["kept_version"] == "v2"


@pytest.mark.parametrize("is_json", [True, False])
def test_every_event_has_its_line(stream: io.StringIO, event: Event, is_json: bool):
    configure_logging("healer", "healer-0", is_json=is_json, stream=stream)
    log = EventLog(
        [].append, topic="events", service="healer", instance="healer-0", clock=lambda: 5
    )

    told = log.tell(event)

    assert told.action in stream.getvalue()
    assert len(stream.getvalue().splitlines()) == 1
