"""A backtest as it was asked for: planned, run, and shown."""

from dataclasses import replace
from pathlib import Path

import orjson
import typer
from rich.console import Console
from rich.progress import Progress

from cli.backtest.options import Asked
from cli.backtest.plan import Backtest, healing_plan
from cli.backtest.run import run_backtest
from cli.backtest.screen import final_table, segment_table, story_lines
from cli.column_options import column_roles
from cli.exits import BAD_USAGE, exit_codes, stop
from cli.plan_settings import PlanError
from producer.errors import ProducerError
from selfheal.model.costs_file import read_costs_file
from selfheal.telemetry.errors import ExportError

_WIDTH = 125
"""Columns of the tables where the output is no terminal."""


def hold(file: Path, asked: Asked, *, as_json: bool) -> None:
    """Run it and show the result. Ends the program where it cannot be."""
    with exit_codes():
        try:
            plan = _backtest(file, asked)
            shown = _console(stderr=True)
            with Progress(console=shown, transient=True, disable=not shown.is_terminal) as progress:
                outcome = run_backtest(plan, progress)
        except (PlanError, ProducerError, ExportError) as error:
            raise stop(str(error), BAD_USAGE) from None
    for error_class, count in outcome.failures.items():
        typer.echo(f"warning: {count} of the heals failed with {error_class}", err=True)
    report = outcome.report
    if as_json:
        typer.echo(orjson.dumps(report))
        return
    output = _console(stderr=False)
    output.print(final_table(report, plan.costs))
    output.print(segment_table(report))
    for line in story_lines(report):
        output.print(line)
    if asked.out is not None:
        output.print(f"results in {asked.out}")


def _backtest(file: Path, asked: Asked) -> Backtest:
    roles = column_roles(
        asked.target, asked.id_column, asked.time_column, asked.ignore, asked.categorical
    )
    return Backtest(
        path=str(file),
        roles=replace(roles, labels=asked.labels),
        healing=healing_plan(asked.policy, asked.settings or (), asked.seed),
        train_rows=asked.train_rows,
        model=asked.model,
        label_delay=asked.label_delay,
        label_rate=asked.label_rate,
        has_baselines=asked.has_baselines,
        costs=read_costs_file(asked.costs) if asked.costs else None,
        seed=asked.seed,
        out=asked.out,
    )


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, _WIDTH)
    return console
