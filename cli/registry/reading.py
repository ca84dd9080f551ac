"""The commands of `selfheal registry` that change nothing."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from cli.exits import BAD_USAGE, FAILED, stop
from cli.options import AsJson
from cli.registry.options import RegistryAccess, with_registry
from cli.registry.tables import print_diff, print_facts, print_history, print_versions
from registry.description import describe_history, describe_models, describe_version
from registry.diff import diff as difference
from registry.export import export_files, write_files
from registry.operators import missing_epochs
from registry.snapshot import Snapshot
from registry.view import RegistryView
from selfheal.records.adapters import BASE_VERSION

Version = Annotated[str, typer.Argument(help='A version such as v3, or "base" for no adapter.')]


def print_json(value: Any) -> None:
    """One line on standard output."""
    typer.echo(orjson.dumps(value))


@with_registry
def list_versions(access: RegistryAccess, as_json: AsJson = False) -> None:
    """List every version, oldest first, and say which one serves."""
    view = access.read()
    if not as_json:
        print_versions(view)
        return
    print_json(
        {
            "active": asdict(view.active) if view.active else None,
            "best": view.best,
            "held": [asdict(held) for held in view.held],
            "models": describe_models(view),
            "refused": view.refusals,
            "versions": [describe_version(view, version) for version in view.versions],
        }
    )


@with_registry
def show(access: RegistryAccess, version: Version, as_json: AsJson = False) -> None:
    """Show where a version comes from, what its gate measured, and which parts it has."""
    facts = describe_version(access.read(), version)
    print_json(facts) if as_json else print_facts(facts)


@with_registry
def diff(
    access: RegistryAccess,
    old: Annotated[str, typer.Argument(help='Version to compare with; "base" is no adapter.')],
    new: Annotated[str, typer.Argument(help="Version whose changes are shown.")],
    as_json: AsJson = False,
) -> None:
    """Compare two versions: the norms of their parts, and the facts that differ."""
    view = access.read()
    found = difference(_snapshot(view, old), _snapshot(view, new))
    print_json(asdict(found)) if as_json else print_diff(found)


@with_registry
def history(access: RegistryAccess, as_json: AsJson = False) -> None:
    """Show what served when, and why it was changed."""
    view = access.read()
    print_json(describe_history(view)) if as_json else print_history(view)


@with_registry
def verify(access: RegistryAccess, as_json: AsJson = False) -> None:
    """Check every signature, hash and story on the topic; exit 1 if anything is wrong."""
    if access.acceptance.verifier is None:
        raise stop("verify needs --public-keys: the keys whose signatures count", BAD_USAGE)
    view = access.read()
    gaps = missing_epochs(view)
    report = {
        "versions": len(view.versions),
        "models": len(view.models),
        "pointers": len(view.pointers),
        "active": view.active.version if view.active else None,
        "refused": [asdict(refused) for refused in view.refused],
        "held": [asdict(held) for held in view.held],
        "missing_epochs": gaps,
        "unknown_keys": view.unknown_keys,
    }
    print_json(report) if as_json else print_facts(report)
    if view.refusals or view.held or gaps:
        raise typer.Exit(FAILED)


@with_registry
def export(
    access: RegistryAccess,
    out: Annotated[Path, typer.Option(help="Folder for the files; made if missing.")],
    as_json: AsJson = False,
) -> None:
    """Write every version and the history as files, each whole or not at all."""
    files = export_files(access.read())
    write_files(out, files)
    if as_json:
        print_json({"folder": str(out), "files": sorted(files)})
    else:
        typer.echo(f"{len(files)} files written to {out}")


def _snapshot(view: RegistryView, version: str) -> Snapshot | None:
    return None if version == BASE_VERSION else view.snapshot(version).parsed()
