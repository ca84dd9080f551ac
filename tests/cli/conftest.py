"""The command line in this process, as typed; what services set up for a process is taken back."""

import logging
import signal
from collections.abc import Callable, Iterator

import pytest
import structlog
from click.testing import Result
from typer.testing import CliRunner

from cli.main import app


@pytest.fixture
def selfheal(monkeypatch) -> Iterator[Callable[..., Result]]:
    """Run `selfheal ARGUMENTS`."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    asked = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    # As in a terminal of usual width: help that is cut off would hide what a test looks for.
    monkeypatch.setenv("COLUMNS", "100")
    yield lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])
    for number, handler in asked.items():
        signal.signal(number, handler)
    root.handlers = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()
