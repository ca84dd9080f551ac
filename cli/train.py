"""`selfheal train`: a model folder from a CSV or Parquet file."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.progress import Progress

from cli.column_options import COLUMN_OPTIONS, column_roles
from cli.exits import BAD_USAGE, stop
from cli.model_report import report
from cli.options import AsJson, sharing
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


@sharing(COLUMN_OPTIONS, column_roles)
def train(
    roles: ColumnRoles,
    file: Annotated[Path, typer.Argument(help="CSV or Parquet, .gz too.")],
    out: Annotated[Path, typer.Option(help="Folder of the model; must not exist.")] = Path("model"),
    rows: Annotated[
        int | None, typer.Option(min=10, help="Use the first so many rows.", show_default="all")
    ] = None,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the rows.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Of the weights and the order.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Train the self-healing network on labelled rows, and write its model folder."""
    if out.exists():
        raise stop(f"{out}: exists already; name another folder with --out", BAD_USAGE)
    try:
        table = read_table(str(file), roles, rows=rows)
    except ProducerError as error:
        raise stop(str(error), BAD_USAGE) from None
    model = _trained(table, epochs, seed)
    write_folder(out, model)
    report(model, table.left_out, out, as_json=as_json)


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
