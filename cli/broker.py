"""`selfheal broker`: a real Apache Kafka in the foreground, for trying things out."""

from pathlib import Path
from typing import Annotated

import typer

from cli.exits import BAD_USAGE, FAILED, exit_codes, stop
from selfheal.bus.embedded import EmbeddedBroker
from selfheal.runtime.stopping import StopSignal

EXAMPLES = """
[bold]Examples[/bold]

For trying things out, forgotten at the end:

    selfheal broker

With topics and records that the next run finds again:

    selfheal broker --folder kafka

A second one beside it:

    selfheal broker --port 9192

[bold]Exit codes[/bold]: 0 stopped as asked, 1 failed, 2 bad usage
"""


def broker(
    folder: Annotated[
        Path | None,
        typer.Option(help="Where it keeps its records.", show_default="nowhere, for one run"),
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="On this machine only.")] = 9092,
) -> None:
    """Run a real one-node Apache Kafka until Ctrl-C; no Docker and no Java needed."""
    if folder is not None and folder.exists() and not folder.is_dir():
        raise stop(f"{folder}: is no folder, expected a new path or one", BAD_USAGE)
    stopping = StopSignal().listen()
    with exit_codes(), EmbeddedBroker(folder, port) as running:
        typer.echo(f"Apache Kafka serves {running.bootstrap}; Ctrl-C stops it")
        while running.is_running and not stopping.wait(1.0):
            pass
        if not stopping:
            raise stop("the broker ended by itself", FAILED)
