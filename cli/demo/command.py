"""The command line of `selfheal demo`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.options import AsJson

CostsFile = Annotated[
    Path | None,
    typer.Option(
        help="TOML file: missed_fraud, false_alarm, review_capacity; they set the threshold.",
        show_default="none",
    ),
]

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
    costs: CostsFile = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results.", show_default="out/SCENARIO")
    ] = None,
    bootstrap: Annotated[
        str | None, typer.Option(help="Your own Kafka.", show_default="one is started")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Replay drift through real processes on a real Kafka, heal it, and judge the result."""
    from cli.demo.session import Asked, hold  # noqa: PLC0415  (loads what trains and plots)

    asked = Asked(
        scenario=scenario,
        policy=policy,
        transactions=transactions,
        rate=rate,
        scorers=scorers,
        seed=seed,
        settings=tuple(settings or ()),
        costs=costs,
        out=out,
        bootstrap=bootstrap,
    )
    hold(asked, as_json=as_json)
