"""What the commands of `selfheal bench` say, and how they end where a measurement fails."""

from collections.abc import Generator
from contextlib import contextmanager

import typer
from rich.console import Console

from bench.errors import BenchError
from cli.demo.children import ChildFailedError
from cli.exits import FAILED, exit_codes, stop
from selfheal.telemetry.errors import ExportError

_WIDTH = 100
"""Columns of the tables where the output is no terminal."""


@contextmanager
def failures() -> Generator[None]:
    """Ends the program with one line where a measurement cannot be made or written."""
    with exit_codes():
        try:
            yield
        except (BenchError, ChildFailedError, ExportError) as error:
            raise stop(str(error), FAILED) from None


def say(line: str) -> None:
    """How far it is: a line beside the output."""
    typer.echo(line, err=True)


def console() -> Console:
    """For tables, wide enough for them where the output is no terminal."""
    found = Console(highlight=False)
    if not found.is_terminal:
        found.width = max(found.width, _WIDTH)
    return found
