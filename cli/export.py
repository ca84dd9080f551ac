"""`selfheal export`: what a running system did, as files and plots, read from its topics."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import with_bus
from cli.topic_trace import read_trace
from healer.policy_settings import HealingSettings
from selfheal.bus.settings import BusSettings
from selfheal.records.thresholds import Thresholds
from selfheal.telemetry.batches import batch_table
from selfheal.telemetry.export import write_export

EXAMPLES = """
[bold]Examples[/bold]

Everything that the topics still hold:

    selfheal export --out export

Another model's topics on a cluster:

    selfheal export --bootstrap broker:9092 --prefix cards. --out cards-export

The last hour:

    selfheal export --last-minutes 60 --out last-hour

[bold]Exit codes[/bold]: 0 ok, 1 failed, 2 bad usage, 3 broker not reachable
"""


@with_bus
def export(
    settings: BusSettings,
    out: Annotated[Path, typer.Option(help="Folder for monitoring_export/ and plots/.")],
    last_minutes: Annotated[
        float | None, typer.Option(min=0.0, help="Only what is so new.", show_default="all")
    ] = None,
) -> None:
    """Write metrics.csv, events.json, threshold_config.json and the plots of a running system."""
    from selfheal.telemetry.plot_frame import PlotFrame  # noqa: PLC0415  (takes a second to load)
    from selfheal.telemetry.plots import write_plots  # noqa: PLC0415

    trace = read_trace(settings, last_minutes)
    stream = trace.scored_stream()
    if not len(stream):
        typer.echo("no predictions on the topic: nothing to export", err=True)
        raise typer.Exit(1)
    policy = HealingSettings()
    folder = out / "monitoring_export"
    written = write_export(folder, batch_table(stream), trace.events, Thresholds())
    frame = PlotFrame(stream, (), policy.fidi_threshold, policy.conflict_trigger)
    written += write_plots(frame, out / "plots")
    for path in written:
        typer.echo(path)
