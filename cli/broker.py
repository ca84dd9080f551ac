"""`selfheal broker`: a real Apache Kafka in the foreground, for trying things out."""

from pathlib import Path
from typing import Annotated

import typer

from cli.exits import exit_codes
from selfheal.bus.embedded import EmbeddedBroker
from selfheal.runtime.stopping import StopSignal


def broker(
    folder: Annotated[
        Path | None, typer.Option(help="Where it keeps its data [default: nowhere, for one run].")
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="On this machine only.")] = 9092,
) -> None:
    """Run a real one-node Apache Kafka until Ctrl-C; no Docker and no Java needed."""
    stopping = StopSignal().listen()
    with exit_codes(), EmbeddedBroker(folder, port) as running:
        typer.echo(f"Apache Kafka serves {running.bootstrap}; Ctrl-C stops it")
        while not stopping.wait(1.0):
            pass
