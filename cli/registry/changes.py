"""The commands of `selfheal registry` that change something: by the healer, or by taking over."""

import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.exits import BAD_USAGE, FAILED, stop
from cli.options import AsJson
from cli.registry.options import RegistryChange, with_change
from cli.registry.reading import Version, print_json
from cli.registry.tables import short
from registry.control import ask_healer
from registry.model_record import dump_model
from registry.operators import previous_version, publisher_in_service
from registry.publish import Publisher
from registry.record import RegistryRecord
from registry.stored_model import require_same_schema
from registry.topic import take_over, write_apart
from registry.view import RegistryView
from selfheal.model.folder import read_folder
from selfheal.model.model import Model
from selfheal.records import (
    ActivateCommand,
    Command,
    ModelCommand,
    PinCommand,
    RollBackCommand,
)
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


@with_change
def publish_model(
    change: RegistryChange,
    folder: Annotated[Path, typer.Argument(help="Folder of the retrained model.")],
    as_json: AsJson = False,
) -> None:
    """Put a retrained model into service: every scorer and healer goes over to it, none stops.

    It must read the same fields as the model in service. It serves without an adapter: those of
    the old model are refused from then on. To go back, publish the old folder again.
    """
    model = read_folder(folder)
    value = dump_model(model)
    _check_succession(change.access.read(), model)
    publisher = Publisher(change.signer, model.hash, model.threshold)
    now_ms = _now_ms()
    if not change.is_takeover:  # a record that no pointer names changes nothing
        write_apart(change.access.settings, publisher.keep_model(value))
    _carry_out(
        change,
        ModelCommand(_new_id(), model.hash, change.reason, now_ms),
        lambda view: publisher.publish_model(view, value, change.reason, now_ms),
        as_json=as_json,
    )


def _check_succession(view: RegistryView, model: Model) -> None:
    """Refuse early what services would refuse, where the model in service is on the topic."""
    if view.active is not None and view.active.backbone_hash == model.hash:
        raise stop(
            f"model {short(model.hash)} is in service already; its rules and reference are read "
            "from the services' folders: change them there and restart",
            BAD_USAGE,
        )
    in_service = view.models.get(view.backbone_hash or "")
    if in_service is not None:
        require_same_schema(model.schema, in_service.model.schema)


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
