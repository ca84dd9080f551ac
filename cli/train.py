"""`selfheal train`: a model folder from a CSV or Parquet file."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import numpy as np
import orjson
import typer
from rich.console import Console
from rich.progress import Progress

from cli.exits import BAD_USAGE, exit_codes, stop
from cli.options import AsJson
from producer.errors import ProducerError
from producer.tables import ColumnRoles, Table, read_table
from selfheal.model.folder import write_folder
from selfheal.model.model import Model

EXAMPLES = """
[bold]Examples[/bold]

A model folder from labelled rows, the columns' kinds inferred:

    selfheal train history.csv --target is_fraud

Columns by their roles, codes as categories, the first 20,000 rows alone:

    selfheal train history.csv --target is_fraud --id txn --categorical merchant --rows 20000

What was learned and what was left out, for a script:

    selfheal train history.parquet --target is_fraud --out models/cards --json | jq .metrics

[bold]Exit codes[/bold]: 0 ok, 2 a file, column or folder that cannot be right
"""


def train(
    file: Annotated[Path, typer.Argument(help="CSV or Parquet, .gz too.")],
    target: Annotated[str, typer.Option(help="Column of the truth: 1 fraud, 0 legitimate.")],
    out: Annotated[Path, typer.Option(help="Folder of the model; must not exist.")] = Path("model"),
    id_column: Annotated[
        str | None, typer.Option("--id", help="Column of the ids.", show_default="id, if there")
    ] = None,
    time_column: Annotated[
        str | None,
        typer.Option("--time", help="Column of the times.", show_default="timestamp, if there"),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(help="Column that is no feature; may be repeated.")
    ] = None,
    categorical: Annotated[
        list[str] | None, typer.Option(help="Column of numbers that are codes; may be repeated.")
    ] = None,
    rows: Annotated[
        int | None, typer.Option(min=10, help="Use the first so many rows.", show_default="all")
    ] = None,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the rows.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Of the weights and the order.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Train the self-healing network on labelled rows, and write its model folder."""
    roles = ColumnRoles(
        target=target,
        id=id_column,
        time=time_column,
        ignore=tuple(ignore or ()),
        categorical=tuple(categorical or ()),
    )
    if out.exists():
        raise stop(f"{out}: exists already; name another folder with --out", BAD_USAGE)
    try:
        table = read_table(str(file), roles, rows=rows)
    except ProducerError as error:
        raise stop(str(error), BAD_USAGE) from None
    with exit_codes():
        model = _trained(table, epochs, seed)
        write_folder(out, model)
    _report(model, table, out, as_json=as_json)


def _trained(table: Table, epochs: int, seed: int) -> Model:
    from selfheal.model.training import train as fit  # noqa: PLC0415  (torch takes seconds)

    is_known = table.labels >= 0
    if len(np.unique(table.labels[is_known])) < 2:
        raise stop("the target has one class only, expected both 0 and 1", BAD_USAGE)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("training", total=epochs)
        return fit(
            table.schema,
            table.values[is_known],
            table.labels[is_known],
            seed=seed,
            epochs=epochs,
            progress=lambda done, _total, _loss: progress.update(task, completed=done),
        )


def _report(model: Model, table: Table, out: Path, *, as_json: bool) -> None:
    left_out = [asdict(column) for column in table.left_out]
    if as_json:
        facts = {
            "folder": str(out),
            "features": list(model.schema.names),
            "left_out": left_out,
            "metrics": model.metrics,
            "hash": model.hash,
        }
        typer.echo(orjson.dumps(facts, option=orjson.OPT_SERIALIZE_NUMPY))
        return
    typer.echo(f"{out}: {len(model.schema.features)} features, hash {model.hash[:12]}")
    for column in left_out:
        typer.echo(f"left out {column['name']}: it {column['why']}")
    for part, label in (("training", "training rows"), ("held_out", "held-out rows")):
        figures: dict[str, float] | None = model.metrics.get(part)
        if figures:
            shown = ", ".join(f"{name} {figures[name]:.3f}" for name in _SHOWN)
            typer.echo(f"{figures['rows']} {label}: {shown}")


_SHOWN = ("accuracy", "precision", "recall", "f1", "auc_pr", "log_loss")
