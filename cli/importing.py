"""`selfheal import`: a model folder from a user's own torch module."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from cli.column_options import COLUMN_OPTIONS, column_roles
from cli.exits import BAD_USAGE, stop
from cli.model_report import report
from cli.options import AsJson, sharing
from producer.errors import ProducerError
from producer.tables import ColumnRoles, Table, read_table
from selfheal.model.errors import WeightsError
from selfheal.model.features import Encoder
from selfheal.model.folder import write_folder
from selfheal.model.model import Model
from selfheal.model.schema import Schema

EXAMPLES = """
[bold]Examples[/bold]

The module that bank.nets.fraud_net() makes, with its weights, measured on rows that it never saw:

    selfheal import bank.nets:fraud_net weights.pt --rows later.csv --target is_fraud

Features in the order that the module reads, adapters after two layers and on the head:

    selfheal import bank.nets:Net w.safetensors --rows later.csv --target is_fraud \\
      --schema schema.json --layer encoder.2 --layer encoder.4 --head out

What it measured, for a script:

    selfheal import bank.nets:Net weights.pt --rows later.csv --target is_fraud --json | jq .metrics

The module maps float32 rows (n, d) to one logit each, (n,) or (n, 1). Its package must be installed
here and wherever the model scores.

[bold]Exit codes[/bold]: 0 ok, 2 a module, file or column that cannot be right
"""


@sharing(COLUMN_OPTIONS, column_roles)
def import_module(
    roles: ColumnRoles,
    entry_point: Annotated[
        str, typer.Argument(help="package.module:factory; factory() makes the module.")
    ],
    state: Annotated[Path, typer.Argument(help="Its state_dict: torch.save's, or .safetensors.")],
    rows: Annotated[Path, typer.Option(help="Labelled rows that it was not trained on.")],
    schema: Annotated[
        Path | None,
        typer.Option(
            help="schema.json: features in the module's order.",
            show_default="as the rows have them",
        ),
    ] = None,
    layer: Annotated[
        list[str] | None, typer.Option(help="Layer that adapters may follow; may be repeated.")
    ] = None,
    head: Annotated[
        str | None, typer.Option(help="The Linear that gives the logit.", show_default="none")
    ] = None,
    standardise: Annotated[
        bool,
        typer.Option(
            "--standardise", help="Feed numbers less their mean over the rows, by their deviation."
        ),
    ] = False,
    out: Annotated[Path, typer.Option(help="Folder of the model; must not exist.")] = Path("model"),
    as_json: AsJson = False,
) -> None:
    """Take in a torch module of your own as the backbone, and write its model folder."""
    if out.exists():
        raise stop(f"{out}: exists already; name another folder with --out", BAD_USAGE)
    try:
        table = read_table(str(rows), roles, _schema(schema) if schema else None)
    except ProducerError as error:
        raise stop(str(error), BAD_USAGE) from None
    model = _adopted(entry_point, state, table, tuple(layer or ()), head, standardise)
    write_folder(out, model)
    report(model, table.left_out, out, as_json=as_json)


def _adopted(
    entry_point: str,
    state: Path,
    table: Table,
    layers: tuple[str, ...],
    head: str | None,
    standardise: bool,
) -> Model:
    is_known = table.labels >= 0
    labels = table.labels[is_known]
    if len(np.unique(labels)) < 2:
        raise stop("the target has one class only, expected both 0 and 1", BAD_USAGE)
    values = table.values[is_known]
    from selfheal.model.adoption import adopt  # noqa: PLC0415  (torch takes seconds to load)
    from selfheal.model.state_file import read_state  # noqa: PLC0415

    return adopt(
        entry_point,
        read_state(_content(state), str(state)),
        Encoder.fit(table.schema, values, standardise=standardise),
        values,
        labels,
        layers=layers,
        head=head,
    )


def _schema(path: Path) -> Schema:
    return Schema.from_json(_content(path))


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read: {error.strerror}") from None
