"""The command line of `selfheal backtest`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.backtest.options import OPTIONS, Asked
from cli.options import AsJson, sharing

EXAMPLES = """
[bold]Examples[/bold]

Train on the first quarter of a history, replay the rest, labels for a tenth 2,000 rows late:

    selfheal backtest history.csv --target is_fraud

A model that serves already, and labels as they were known at the time:

    selfheal backtest history.parquet --target is_fraud --model model --labels said --label-rate 1

Beside learners that learn online, with costs, for a script:

    selfheal backtest history.csv.gz --target is_fraud --baselines --costs costs.toml --json

[bold]Exit codes[/bold]: 0 ok, 2 a file, column, model or setting that cannot be right
"""


@sharing(OPTIONS, Asked)
def backtest(
    asked: Asked,
    file: Annotated[Path, typer.Argument(help="CSV or Parquet, .gz too, in the order of time.")],
    as_json: AsJson = False,
) -> None:
    """Replay a labelled history row by row, as if it were served, healed and not healed."""
    from cli.backtest.session import hold  # noqa: PLC0415  (loads what heals and judges)

    hold(file, asked, as_json=as_json)
