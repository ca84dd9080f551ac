"""The command line of `selfheal demo`."""

from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import uuid4

import orjson
import typer
from rich.console import Console

from cli.demo.children import ChildFailedError
from cli.demo.plan import DemoPlan, PlanError, with_settings
from cli.demo.run import run_demo
from cli.demo.screen import final_table, story_lines, study_table, watch_lines
from cli.exits import BAD_USAGE, FAILED, exit_codes, stop
from cli.options import AsJson
from producer.errors import ProducerError

_WIDTH = 125
"""Columns of the tables where the output is no terminal."""

EXAMPLES = """
[bold]Examples[/bold]

The whole system on a Kafka of its own, healed after an abrupt drift:

    selfheal demo

The published recipe on its own stream, beside the published figures:

    selfheal demo --scenario article --policy article

On your own cluster, for a script:

    selfheal demo --bootstrap broker:9092 --transactions 20000 --seed 7 --json

[bold]Exit codes[/bold]: 0 ok, 1 failed, 2 bad usage, 3 broker not reachable
"""


def demo(
    scenario: Annotated[
        str, typer.Option(help="article, abrupt, gradual, recurring, prior, concept, null, ...")
    ] = "abrupt",
    policy: Annotated[
        Literal["selfheal", "article", "none"], typer.Option(help="How the healer heals.")
    ] = "selfheal",
    transactions: Annotated[
        int | None,
        typer.Option(min=100, help="Length of the stream.", show_default="the scenario's"),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            min=0.0, help="Transactions a second, 0 is flat out.", show_default="the scenario's"
        ),
    ] = None,
    scorers: Annotated[int, typer.Option(min=1, max=6, help="Scorer processes.")] = 2,
    seed: Annotated[int, typer.Option(min=0, help="Of the stream and the model.")] = 0,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Any setting; may be repeated."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results.", show_default="out/SCENARIO")
    ] = None,
    bootstrap: Annotated[
        str | None, typer.Option(help="Your own Kafka.", show_default="one is started")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Replay drift through real processes on a real Kafka, heal it, and judge the result."""
    with exit_codes():
        try:
            plan = _plan(scenario, policy, transactions, rate, scorers, seed, settings or [])
            folder = _fresh(out or Path("out") / scenario)
            prefix = f"demo-{uuid4().hex[:8]}." if bootstrap else ""
            report = run_demo(plan, folder, bootstrap, prefix, _console(stderr=True))
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
    for line in (*story_lines(report), *watch_lines(report)):
        output.print(line)
    output.print(f"results in {folder}")


def _plan(
    scenario: str,
    policy: str,
    transactions: int | None,
    rate: float | None,
    scorers: int,
    seed: int,
    settings: list[str],
) -> DemoPlan:
    plan = with_settings(DemoPlan(scenario=scenario, policy=policy, seed=seed), settings)
    length = plan.stream().scenario.transactions if transactions is None else transactions
    return DemoPlan(
        scenario=scenario,
        policy=policy,
        transactions=length,
        scorers=scorers,
        seed=seed,
        rate=rate,
        producer=plan.producer,
        scorer=plan.scorer,
        healer=plan.healer,
        healing=plan.healing,
        thresholds=plan.thresholds,
    )


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
