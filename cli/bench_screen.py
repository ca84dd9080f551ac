"""What the commands of `selfheal bench` say, and how they end where a measurement fails."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Any

import orjson
import typer
from rich.console import Console, RenderableType

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


def show(report: dict[str, Any], tables: Iterable[RenderableType], *, as_json: bool) -> None:
    """A report for a program, or its tables for people."""
    if as_json:
        typer.echo(orjson.dumps(report))
        return
    for table in tables:
        _console().print(table)


def _console() -> Console:
    """For tables, wide enough for them where the output is no terminal."""
    found = Console(highlight=False)
    if not found.is_terminal:
        found.width = max(found.width, _WIDTH)
    return found
