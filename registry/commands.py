"""Operators' commands on `control`: how they are signed, and which of them are believed."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from registry.errors import RegistryError, SignatureRefused
from registry.record import Headers
from registry.signature import Signer, Verifier
from selfheal.records import Command, DecodingError, decode_command, encode

CONTROL_TOPIC = "control"
"""What signatures of commands are bound to, beside the key "" that commands have."""

MAX_AGE_MS = 3_600_000
"""Clocks may be askew by an hour; an older command is a replay, or came too late to be meant."""


class CommandFault(StrEnum):
    """Why a record of `control` is not carried out: the `reason` of `command.refused`."""

    UNREADABLE = "unreadable"
    UNSIGNED = "unsigned"
    UNKNOWN_KEY = "unknown_key"
    BAD_SIGNATURE = "bad_signature"
    TOO_OLD = "too_old"
    FROM_THE_FUTURE = "from_the_future"
    REPEATED = "repeated"


class CommandRefusedError(RegistryError):
    """A command that must not be carried out.

    fault:   why, from the closed list
    command: as it was read; None where it is unreadable or its signature does not hold
    """

    def __init__(self, fault: CommandFault, message: str, command: Command | None = None) -> None:
        self.fault = fault
        self.command = command
        super().__init__(message)


def sign_command(command: Command, signer: Signer | None) -> tuple[bytes, Headers]:
    """Value and headers of the record for `control`, which has no key."""
    value = encode(command)
    return value, replace(signer, topic=CONTROL_TOPIC).sign("", value) if signer else ()


@dataclass(frozen=True, slots=True)
class CommandDesk:
    """Takes each command once: signed by an operator, and issued within the last hour.

    verifier: None believes unsigned commands
    taken:    ids taken within that hour, with the time of their issue: older ones are refused
              for their age, so this stays small
    """

    verifier: Verifier | None
    taken: dict[str, int] = field(default_factory=dict[str, int])

    def accept(
        self, value: bytes | None, headers: Headers, now_ms: int
    ) -> tuple["CommandDesk", Command]:
        """The command, and the desk that will not take it again. Raises CommandRefusedError."""
        if self.verifier:
            try:
                replace(self.verifier, topic=CONTROL_TOPIC).verify("", value, headers)
            except SignatureRefused as refused:
                raise CommandRefusedError(CommandFault(refused.kind), str(refused)) from None
        try:
            command = decode_command(value)
        except DecodingError as error:
            raise CommandRefusedError(CommandFault.UNREADABLE, str(error)) from None
        self._check_time(command, now_ms)
        recent = {i: at for i, at in self.taken.items() if now_ms - at <= MAX_AGE_MS}
        return replace(self, taken={**recent, command.id: command.issued_ms}), command

    def _check_time(self, command: Command, now_ms: int) -> None:
        age_s = (now_ms - command.issued_ms) / 1000
        limit_s = MAX_AGE_MS / 1000
        if age_s > limit_s:
            fault, text = CommandFault.TOO_OLD, f"issued {age_s:.0f} s ago, expected < {limit_s:g}"
        elif age_s < -limit_s:
            fault, text = CommandFault.FROM_THE_FUTURE, f"issued {-age_s:.0f} s ahead of this clock"
        elif command.id in self.taken:
            fault, text = CommandFault.REPEATED, "was carried out before"
        else:
            return
        raise CommandRefusedError(fault, f"command {command.id[:40]}: {text}", command)
