"""`selfheal topics`: create the topics, and see whether they are as they must be."""

from typing import Annotated, Any

import orjson
import typer

from cli.exits import FAILED
from cli.options import AsJson, with_bus
from selfheal.bus.settings import BusSettings
from selfheal.bus.topic_admin import TopicReport, create_topics, describe_topics
from selfheal.bus.topics import DATA_PARTITIONS, Topics

app = typer.Typer(
    help="Create the topics, and check that they are as they must be.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

_CREATE_EXAMPLES = """
[bold]Examples[/bold]

All that the services need:

    selfheal topics create --bootstrap broker:9092

Twelve partitions, so that twelve scorers can share the work:

    selfheal topics create --partitions 12

For another model on the same cluster:

    selfheal topics create --prefix cards.

[bold]Exit codes[/bold]: 0 ok, 1 failed, 2 bad usage, 3 broker not reachable
"""

_DESCRIBE_EXAMPLES = """
[bold]Examples[/bold]

Is anything missing or set up wrongly?

    selfheal topics describe

Of another model on the same cluster:

    selfheal topics describe --prefix cards. --bootstrap broker:9092

What is wrong, in a script:

    selfheal topics describe --json | jq '.[].problems[]'

[bold]Exit codes[/bold]: 0 ok, 1 something is wrong, 2 bad usage, 3 broker not reachable
"""


@app.command(epilog=_CREATE_EXAMPLES)
@with_bus
def create(
    settings: BusSettings,
    partitions: Annotated[
        int, typer.Option(min=1, help="Of the topics that carry data.")
    ] = DATA_PARTITIONS,
) -> None:
    """Create the topics that are missing; those that are there stay as they are."""
    created = create_topics(settings, Topics(settings.prefix).specs(partitions))
    typer.echo(f"created {', '.join(created)}" if created else "every topic was there already")


@app.command(epilog=_DESCRIBE_EXAMPLES)
@with_bus
def describe(settings: BusSettings, as_json: AsJson = False) -> None:
    """List the topics, and say what is wrong with any of them."""
    reports = describe_topics(settings, Topics(settings.prefix).specs())
    if as_json:
        typer.echo(orjson.dumps([_facts(report) for report in reports]))
    else:
        for report in reports:
            count = "missing" if report.partitions is None else f"{report.partitions} partitions"
            typer.echo(f"{report.spec.name:32} {count}")
            for problem in report.problems:
                typer.secho(f"  {problem}", fg=typer.colors.RED)
    if any(report.problems for report in reports):
        raise typer.Exit(FAILED)


def _facts(report: TopicReport) -> dict[str, Any]:
    return {
        "topic": report.spec.name,
        "partitions": report.partitions,
        "problems": list(report.problems),
    }
