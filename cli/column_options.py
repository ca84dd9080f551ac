"""Options that say what the columns of a file are for."""

from inspect import Parameter
from typing import Annotated

import typer

from cli.options import Options
from producer.tables import ColumnRoles

COLUMN_OPTIONS: Options = {
    "target": (
        Annotated[str, typer.Option(help="Column of the truth: 1 fraud, 0 legitimate.")],
        Parameter.empty,
    ),
    "id_column": (
        Annotated[
            str | None, typer.Option("--id", help="Column of the ids.", show_default="id, if there")
        ],
        None,
    ),
    "time_column": (
        Annotated[
            str | None,
            typer.Option("--time", help="Column of the times.", show_default="timestamp, if there"),
        ],
        None,
    ),
    "ignore": (
        Annotated[
            list[str] | None, typer.Option(help="Column that is no feature; may be repeated.")
        ],
        None,
    ),
    "categorical": (
        Annotated[
            list[str] | None,
            typer.Option(help="Column of numbers that are codes; may be repeated."),
        ],
        None,
    ),
}


def column_roles(
    target: str,
    id_column: str | None,
    time_column: str | None,
    ignore: list[str] | None,
    categorical: list[str] | None,
) -> ColumnRoles:
    """What COLUMN_OPTIONS say."""
    return ColumnRoles(
        target=target,
        id=id_column,
        time=time_column,
        ignore=tuple(ignore or ()),
        categorical=tuple(categorical or ()),
    )
