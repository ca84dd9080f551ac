"""`selfheal keys`: key pairs that sign snapshots, pointers, commands and labels."""

from pathlib import Path
from typing import Annotated

import orjson
import typer

from cli.exits import exit_codes
from cli.options import AsJson
from registry.keys import write_keys
from registry.signature import new_key

app = typer.Typer(
    help="Make the keys that sign what the services believe.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

_NEW_EXAMPLES = """
[bold]Examples[/bold]

A pair for the healer; scorers get the .public.pem alone:

    selfheal keys new --out keys/healer

Rotate: make a second pair, give its public key to every scorer, then let the healer sign with it:

    selfheal keys new --out keys/healer-next

The new key's id, in a script:

    selfheal keys new --out keys/operator --json | jq -r .key_id

[bold]Exit codes[/bold]: 0 ok, 2 the folder cannot be written
"""


@app.callback()
def keys() -> None:
    """Make the keys that sign what the services believe."""


@app.command(epilog=_NEW_EXAMPLES)
def new(
    out: Annotated[Path, typer.Option(help="Folder for both halves; made if missing.")],
    as_json: AsJson = False,
) -> None:
    """Make an Ed25519 pair: <key id>.private.pem (mode 0600) and <key id>.public.pem."""
    with exit_codes():
        pair = new_key()
        private, public = write_keys(out, pair)
    if as_json:
        facts = {"key_id": pair.key_id, "private": str(private), "public": str(public)}
        typer.echo(orjson.dumps(facts))
        return
    typer.echo(f"key id       {pair.key_id}")
    typer.echo(f"private key  {private}   (keep it secret; the signer alone needs it)")
    typer.echo(f"public key   {public}   (give it to everyone who verifies)")
