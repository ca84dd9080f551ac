"""Logging, configured once at the entry point: text on a terminal, ECS JSON otherwise.

Lines of the standard library's loggers (librdkafka's, for one) take the same way. Bind what
changes with `structlog.contextvars.bind_contextvars(partition=..., model_version=...)`.
"""

import logging
import math
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO, cast

import ecs_logging
import numpy as np
import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import Processor

_TOLD = "message"
"""Key of the sentence that the line of an event carries; its other fields are the event's."""


def configure_logging(
    service: str,
    instance: str,
    *,
    is_json: bool | None = None,
    level: str = "INFO",
    stream: TextIO | None = None,
) -> None:
    """Send every log line of the process to one stream. A second call replaces the first.

    service:  scorer, healer or producer; instance: which of them
    is_json:  None decides by the stream: text if it is a terminal, JSON if not
    stream:   None is standard output
    Raises ValueError for a level that `logging` does not know.
    """
    target: TextIO = stream or sys.stdout
    if is_json is None:
        is_json = not target.isatty()
    common: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _Named(service, instance),
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _plain_values,
    ]
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=common,
            processors=[
                ProcessorFormatter.remove_processors_meta,
                *(_json_lines() if is_json else _text_lines(is_coloured=target.isatty())),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.captureWarnings(True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *common,
            ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


def _json_lines() -> list[Processor]:
    # without format_exc_info before it, the ECS formatter drops the traceback
    formatter = cast("Processor", ecs_logging.StructlogFormatter())  # typed for dict alone
    return [structlog.processors.format_exc_info, _ecs_names, formatter]


def _text_lines(*, is_coloured: bool) -> list[Processor]:
    # the plain traceback: the rich one prints local variables, and with them customers' values
    return [
        _sentence_first,
        structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False),
        structlog.dev.ConsoleRenderer(
            colors=is_coloured, exception_formatter=structlog.dev.plain_traceback
        ),
    ]


class _Named:
    """Adds the service's and the instance's name, in every thread (context variables do not)."""

    def __init__(self, service: str, instance: str) -> None:
        self._names = {"service": service, "instance": instance}

    def __call__(
        self, logger: Any, method: str, line: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        return {**self._names, **line}


def _plain_values(
    logger: Any, method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    kept = {"exc_info", "stack_info", "_record", "_from_structlog"}
    return {name: value if name in kept else _plain(value) for name, value in line.items()}


def _plain(value: Any) -> Any:
    """A value that JSON has; of anything else the type alone, as its repr may show rows."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    return f"<{type(value).__name__}>"


def _ecs_names(
    logger: Any, method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """ECS names for what ECS knows; everything else under `selfheal`."""
    named = {
        "event": line.pop("event"),
        "log.level": line.pop("level"),
        "service.name": line.pop("service"),
        "service.node.name": line.pop("instance"),
    }
    for name, ecs_name in (("logger", "log.logger"), ("exception", "exception")):
        if name in line:
            named[ecs_name] = line.pop(name)
    if _TOLD in line:
        named["event.action"], named["event"] = named["event"], line.pop(_TOLD)
    return named | ({"selfheal": dict(line)} if line else {})


def _sentence_first(
    logger: Any, method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """The line of an event is its name and its sentence, which has the fields that matter."""
    if _TOLD not in line:
        return line
    kept = ("level", "logger", "service", "instance")
    told = {name: line[name] for name in kept if name in line}
    return {"event": f"{line['event']}: {line[_TOLD]}", **told}
