"""The commands of `selfheal registry` that change something: by the healer, or by taking over."""

import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.exits import FAILED, stop
from cli.options import AsJson
from cli.registry.options import (
    KEY_OPTION,
    RegistryAccess,
    RegistryChange,
    with_change,
    with_registry,
)
from cli.registry.reading import Version, print_json
from registry.control import ask_healer
from registry.keys import read_signer
from registry.model_record import dump_model
from registry.operators import previous_version, publisher_in_service
from registry.publish import Publisher
from registry.record import RegistryRecord
from registry.topic import take_over, write_apart
from registry.view import RegistryView
from selfheal.model.folder import read_folder
from selfheal.records import ActivateCommand, Command, PinCommand, RollBackCommand
from selfheal.records.adapters import BASE_VERSION
from selfheal.records.healing_events import CommandRefused


@with_change
def activate(change: RegistryChange, version: Version, as_json: AsJson = False) -> None:
    """Put a version into service on every scorer."""
    if version != BASE_VERSION:
        change.access.read().snapshot(version)
    now_ms = _now_ms()
    _carry_out(
        change,
        ActivateCommand(_new_id(), version, change.reason, now_ms),
        lambda view: publisher_in_service(view, change.signer).activate(
            view, version, change.reason, now_ms
        ),
        as_json=as_json,
    )


@with_change
def rollback(change: RegistryChange, as_json: AsJson = False) -> None:
    """Leave the active version for the one that is best on the labelled rows of now.

    The healer compares all candidates, "base" among them. With --takeover nobody can: what
    served before is served again.
    """
    now_ms = _now_ms()
    _carry_out(
        change,
        RollBackCommand(_new_id(), change.reason, now_ms),
        lambda view: publisher_in_service(view, change.signer).activate(
            view, previous_version(view), change.reason, now_ms
        ),
        as_json=as_json,
    )


@with_change
def pin(
    change: RegistryChange,
    version: Version,
    off: Annotated[bool, typer.Option("--off", help="Leave it to clean-up again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Keep a version from clean-up."""
    change.access.read().snapshot(version)
    now_ms = _now_ms()

    def plan(view: RegistryView) -> tuple[RegistryRecord, ...]:
        publisher = publisher_in_service(view, change.signer)
        if off:
            return publisher.unpin(view, version)
        return publisher.pin(view, version, change.reason, now_ms)

    command = PinCommand(_new_id(), version, not off, change.reason, now_ms)
    _carry_out(change, command, plan, as_json=as_json)


@with_registry
def publish_model(
    access: RegistryAccess,
    folder: Annotated[Path, typer.Argument(help="Model folder.")],
    key: KEY_OPTION = None,
    as_json: AsJson = False,
) -> None:
    """Put a whole model on the topic, for scorers that are given no folder."""
    model = read_folder(folder)
    publisher = Publisher(read_signer(key) if key else None, model.hash)
    records = publisher.publish_model(dump_model(model))
    write_apart(access.settings, records)
    if as_json:
        print_json({"hash": model.hash, "key": records[0].key})
    else:
        typer.echo(f"published {records[0].key}")


def _carry_out(
    change: RegistryChange,
    command: Command,
    plan: Callable[[RegistryView], Iterable[RegistryRecord]],
    *,
    as_json: bool,
) -> None:
    """By the healer, whose answer is printed, or by writing what `plan` says."""
    if change.signer is None:
        typer.echo("note: unsigned without --key; most healers and scorers refuse that", err=True)
    if change.is_takeover:
        view = take_over(change.access.settings, change.access.acceptance, plan)
        pointer = view.active
        answer = {
            "command": command.kind,
            "by": "takeover",
            "version": pointer.version if pointer else BASE_VERSION,
            "epoch": pointer.epoch if pointer else 0,
        }
    else:
        answer = _answer(change, command)
    if as_json:
        print_json(answer)
    else:
        serving = f"{answer['version']} (epoch {answer['epoch']})" if answer["version"] else "done"
        typer.echo(f"{command.kind} carried out by {answer['by']}: {serving}")


def _answer(change: RegistryChange, command: Command) -> dict[str, object]:
    """The healer's. Ends the program where it refuses, or does not answer in time."""
    event = ask_healer(change.access.settings, command, change.signer, change.timeout_s)
    if event is None:
        raise stop(
            f"no answer within {change.timeout_s:g} s to command {command.id}; it stays on the "
            "topic for an hour. Does a healer run? If none does: --takeover",
            FAILED,
        )
    if isinstance(event, CommandRefused):
        raise stop(f"the healer refused the {command.kind}: {event.reason}", FAILED)
    return {**asdict(event), "by": "healer"}


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _new_id() -> str:
    return uuid.uuid4().hex
