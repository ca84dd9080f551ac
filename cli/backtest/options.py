"""The options of `selfheal backtest`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.column_options import COLUMN_OPTIONS
from cli.options import Options


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed beside the file; None takes what the help says."""

    target: str
    id_column: str | None
    time_column: str | None
    ignore: list[str] | None
    categorical: list[str] | None
    model: Path | None
    train_rows: int | None
    label_delay: int
    label_rate: float
    labels: str | None
    policy: str
    settings: list[str] | None
    has_baselines: bool
    costs: Path | None
    seed: int
    out: Path | None


OPTIONS: Options = {
    **COLUMN_OPTIONS,
    "model": (
        Annotated[
            Path | None,
            typer.Option(help="Folder of a trained model.", show_default="one is trained"),
        ],
        None,
    ),
    "train_rows": (
        Annotated[
            int | None,
            typer.Option(
                min=0,
                help="First rows, which train the model (or have trained --model): not replayed.",
                show_default="a quarter, 50,000 at most; 0 with --model",
            ),
        ],
        None,
    ),
    "label_delay": (
        Annotated[int, typer.Option(min=0, help="Rows until the label of a row is known.")],
        2_000,
    ),
    "label_rate": (
        Annotated[float, typer.Option(help="Share of the rows that get a label, 0 to 1.")],
        0.1,
    ),
    "labels": (
        Annotated[
            str | None,
            typer.Option(
                help="Column of the labels that learning may see.", show_default="the target"
            ),
        ],
        None,
    ),
    "policy": (
        Annotated[
            Literal["selfheal", "article", "none"], typer.Option(help="How the healer heals.")
        ],
        "selfheal",
    ),
    "settings": (
        Annotated[
            list[str] | None,
            typer.Option("--set", metavar="NAME=VALUE", help="Healing setting; may be repeated."),
        ],
        None,
    ),
    "has_baselines": (
        Annotated[
            bool,
            typer.Option("--baselines", help="Score with online learners and retrains too."),
        ],
        False,
    ),
    "costs": (
        Annotated[
            Path | None,
            typer.Option(
                help="TOML file: missed_fraud, false_alarm, review_capacity (share of rows).",
                show_default="none",
            ),
        ],
        None,
    ),
    "seed": (Annotated[int, typer.Option(min=0, help="Of training, labels and healing.")], 0),
    "out": (
        Annotated[
            Path | None,
            typer.Option(help="Folder for the results.", show_default="none is written"),
        ],
        None,
    ),
}
"""Annotation and default by the field of `Asked`."""
