"""Operators' commands, as the leader carries them out; each gets its answer on `events`."""

from collections.abc import Iterable

from healer.actions import Action, Say
from healer.core import Healer
from healer.office import Office
from registry.commands import CommandDesk, CommandFault, CommandRefusedError
from registry.errors import OtherBackboneError, RecordRefused, Refusal, RegistryError
from selfheal.bus.message import Message
from selfheal.records import DecodingError
from selfheal.records.control import (
    ActivateCommand,
    Command,
    ModelCommand,
    PinCommand,
    RollBackCommand,
    ThresholdsCommand,
)
from selfheal.records.healing_events import CommandExecuted, CommandRefused, ThresholdsChanged
from selfheal.records.thresholds import Thresholds, with_values
from selfheal.telemetry.events import read_event


class Commands:
    """Takes each command once, however often leaders change, and carries it out.

    desk: knows the commands that earlier leaders answered
    """

    def __init__(self, desk: CommandDesk) -> None:
        self._desk = desk

    def take(
        self, message: Message, office: Office, now_ms: int, *, is_old: bool = False
    ) -> list[Action]:
        """Carry out one record of `control`, or say why not.

        is_old: it was there before this leader, so that an earlier one may have answered it
        """
        try:
            self._desk, command = self._desk.accept(message.value, message.headers, now_ms)
        except CommandRefusedError as refused:
            if is_old and refused.fault is CommandFault.REPEATED:
                return []
            kind = refused.command.kind if refused.command else "unreadable"
            identity = refused.command.id if refused.command else None
            return [Say(CommandRefused(kind, refused.fault.value, identity))]
        try:
            done = _carried_out(command, office, now_ms)
        except RegistryError as error:
            return [Say(CommandRefused(command.kind, _reason(error, command), command.id))]
        except DecodingError:
            return [Say(CommandRefused(command.kind, "bad_thresholds", command.id))]
        served = office.healer.served
        return [*done, Say(CommandExecuted(command.kind, command.id, served.version, served.epoch))]


def answered(events: Iterable[Message]) -> dict[str, int]:
    """Ids of the commands that these records of `events` answer, with the time of the answer."""
    ids: dict[str, int] = {}
    for message in events:
        try:
            told = read_event(message.value)
        except DecodingError:
            continue  # every service writes here, those of another release too
        if isinstance(told.event, CommandExecuted | CommandRefused) and told.event.command_id:
            ids[told.event.command_id] = told.at_ms
    return ids


def change_thresholds(healer: Healer, new: Thresholds, source: str) -> Say:
    """Apply new thresholds; the event says what they were."""
    old, healer.thresholds = healer.thresholds, new
    return Say(
        ThresholdsChanged(
            source="file" if source == "file" else "command",
            rollback_f1_drop=new.rollback_f1_drop,
            rollback_acc_drop=new.rollback_acc_drop,
            health_window=new.health_window,
            previous_rollback_f1_drop=old.rollback_f1_drop,
            previous_rollback_acc_drop=old.rollback_acc_drop,
            previous_health_window=old.health_window,
        )
    )


def _reason(error: RegistryError, command: Command) -> str:
    if isinstance(error, RecordRefused):
        return error.kind.value
    if isinstance(error, OtherBackboneError):
        return Refusal.OTHER_BACKBONE.value
    return "unknown_model" if isinstance(command, ModelCommand) else "unknown_version"


def _carried_out(command: Command, office: Office, now_ms: int) -> list[Action]:
    match command:
        case ActivateCommand():
            return [Say(office.activate(command.version, command.reason, now_ms))]
        case RollBackCommand():
            return office.roll_back(office.best_other(), command.reason, now_ms)
        case PinCommand():
            office.pin(command.version, command.reason, now_ms, is_pinned=command.is_pinned)
            return []
        case ModelCommand():
            return office.serve_model(command.backbone_hash, command.reason, now_ms)
        case ThresholdsCommand():
            new = with_values(office.healer.thresholds, command.values)
            return [change_thresholds(office.healer, new, "command")]
