"""`selfheal registry`: look at adapter versions, and decide which one serves."""

import typer

from cli.registry import changes, reading
from cli.registry.examples import EXAMPLES

app = typer.Typer(
    help="Look at adapter versions, and decide which one serves.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

for name, command in (
    ("ls", reading.list_versions),
    ("show", reading.show),
    ("diff", reading.diff),
    ("history", reading.history),
    ("verify", reading.verify),
    ("export", reading.export),
    ("activate", changes.activate),
    ("rollback", changes.rollback),
    ("pin", changes.pin),
    ("publish-model", changes.publish_model),
):
    app.command(name, epilog=EXAMPLES[name])(command)
