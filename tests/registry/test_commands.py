from dataclasses import replace

import pytest

from registry.commands import MAX_AGE_MS, CommandDesk, CommandFault, CommandRefusedError
from registry.commands import sign_command as sign
from registry.signature import Signer, Verifier, new_key
from selfheal.records import ActivateCommand, PinCommand

PAIR = new_key()
OPERATOR = Signer.from_pem(PAIR.private_pem)
DESK = CommandDesk(Verifier.from_pems([PAIR.public_pem]))
NOW_MS = 10 * MAX_AGE_MS
COMMAND = ActivateCommand("c1", "v2", "v3 harms", NOW_MS)


def fault_of(desk, value, headers, now_ms=NOW_MS):
    with pytest.raises(CommandRefusedError) as refused:
        desk.accept(value, headers, now_ms)
    return refused.value.fault


def test_signed_command_is_taken():
    _, command = DESK.accept(*sign(COMMAND, OPERATOR), NOW_MS)

    assert command == COMMAND


def test_command_is_taken_once():
    record = sign(COMMAND, OPERATOR)
    desk, _ = DESK.accept(*record, NOW_MS)

    assert fault_of(desk, *record) is CommandFault.REPEATED


def test_refused_command_that_was_signed_is_named():
    with pytest.raises(CommandRefusedError, match="command c1: issued 7200 s ago") as refused:
        DESK.accept(*sign(COMMAND, OPERATOR), NOW_MS + 2 * MAX_AGE_MS)

    assert refused.value.command == COMMAND


@pytest.mark.parametrize(
    ("shift_ms", "fault"),
    [(2 * MAX_AGE_MS, CommandFault.TOO_OLD), (-2 * MAX_AGE_MS, CommandFault.FROM_THE_FUTURE)],
)
def test_command_of_another_time_is_refused(shift_ms, fault):
    assert fault_of(DESK, *sign(COMMAND, OPERATOR), NOW_MS + shift_ms) is fault


@pytest.mark.parametrize("skew_ms", [MAX_AGE_MS, -MAX_AGE_MS])
def test_clock_an_hour_off_is_forgiven(skew_ms):
    _, command = DESK.accept(*sign(COMMAND, OPERATOR), NOW_MS + skew_ms)

    assert command.id == "c1"


def test_unsigned_command_is_refused_unless_signatures_are_not_demanded():
    record = sign(COMMAND, None)

    assert fault_of(DESK, *record) is CommandFault.UNSIGNED
    assert CommandDesk(None).accept(*record, NOW_MS)[1] == COMMAND


def test_changed_command_is_refused():
    value, headers = sign(COMMAND, OPERATOR)

    assert fault_of(DESK, value.replace(b"v2", b"v1"), headers) is CommandFault.BAD_SIGNATURE


def test_stranger_is_refused():
    stranger = Signer.from_pem(new_key().private_pem)

    assert fault_of(DESK, *sign(COMMAND, stranger)) is CommandFault.UNKNOWN_KEY


def test_record_signed_for_another_topic_is_no_command():
    value, _ = sign(COMMAND, OPERATOR)

    assert fault_of(DESK, value, OPERATOR.sign("", value)) is CommandFault.BAD_SIGNATURE


@pytest.mark.parametrize("value", [None, b"", b"{}", b'{"kind": "dance"}'])
def test_signed_rubbish_is_unreadable(value):
    headers = replace(OPERATOR, topic="control").sign("", value)

    assert fault_of(DESK, value, headers) is CommandFault.UNREADABLE


def test_ids_are_forgotten_when_their_hour_is_over():
    desk, _ = DESK.accept(*sign(COMMAND, OPERATOR), NOW_MS)
    later = PinCommand("c2", "v1", True, "", NOW_MS + 2 * MAX_AGE_MS)

    desk, _ = desk.accept(*sign(later, OPERATOR), NOW_MS + 2 * MAX_AGE_MS)

    assert list(desk.taken) == ["c2"]
