"""A demo as it was asked for: planned, run, and shown."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import typer
from rich.console import Console

from cli.demo.children import ChildFailedError
from cli.demo.plan import DemoPlan, with_settings
from cli.demo.run import run_demo
from cli.demo.tables import estimate_lines, final_table, story_lines, study_table, watch_lines
from cli.exits import BAD_USAGE, FAILED, exit_codes, stop
from cli.plan_settings import PlanError
from producer.errors import ProducerError
from selfheal.model.costs_file import read_costs_file

_WIDTH = 125
"""Columns of the tables where the output is no terminal."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of `selfheal demo`; None takes what its help says."""

    scenario: str
    policy: str
    transactions: int | None
    rate: float | None
    scorers: int
    seed: int
    settings: tuple[str, ...]
    costs: Path | None
    out: Path | None
    bootstrap: str | None


def hold(asked: Asked, *, as_json: bool) -> None:
    """Run it and show the result. Ends the program where it cannot be, or fails."""
    with exit_codes():
        try:
            plan = _plan(asked)
            folder = _fresh(asked.out or Path("out") / asked.scenario)
            prefix = f"demo-{uuid4().hex[:8]}." if asked.bootstrap else ""
            report = run_demo(plan, folder, asked.bootstrap, prefix, _console(stderr=True))
        except (PlanError, ProducerError) as error:
            raise stop(str(error), BAD_USAGE) from None
        except ChildFailedError as error:
            raise stop(str(error), FAILED) from None
    if as_json:
        typer.echo(orjson.dumps(report))
    else:
        _show(report, folder, _console(stderr=False))


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, _WIDTH)
    return console


def _show(report: dict[str, Any], folder: Path, output: Console) -> None:
    output.print(final_table(report))
    if "study" in report:
        output.print(study_table(report))
    for line in (*story_lines(report), *estimate_lines(report), *watch_lines(report)):
        output.print(line)
    output.print(f"results in {folder}")


def _plan(asked: Asked) -> DemoPlan:
    plan = DemoPlan(
        scenario=asked.scenario,
        policy=asked.policy,
        scorers=asked.scorers,
        seed=asked.seed,
        rate=asked.rate,
        costs=read_costs_file(asked.costs) if asked.costs else None,
    )
    plan = with_settings(plan, asked.settings)
    usual = plan.stream().scenario.transactions
    return replace(plan, transactions=asked.transactions or usual)


def _fresh(folder: Path) -> Path:
    """A folder that holds nothing yet: results of two runs never mix. Raises PlanError."""
    others = (folder.with_name(f"{folder.name}-{number}") for number in range(2, 1000))
    try:
        for candidate in (folder, *others):
            candidate.mkdir(parents=True, exist_ok=True)
            if not any(candidate.iterdir()):
                return candidate
    except OSError as error:
        raise PlanError(f"{folder}: cannot be made: {error.strerror}") from None
    raise PlanError(f"{folder}: 999 runs are there already, name another folder with --out")
