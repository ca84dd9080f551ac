"""Asking the healer over `control`, and hearing its answer on `events`."""

import time

from registry.commands import sign_command
from registry.signature import Signer
from selfheal.bus.message import Outgoing
from selfheal.bus.reader import LogReader
from selfheal.bus.settings import BusSettings
from selfheal.bus.topics import Topics
from selfheal.bus.writer import Writer
from selfheal.records import Command, DecodingError
from selfheal.records.healing_events import CommandExecuted, CommandRefused
from selfheal.telemetry.events import read_event

_POLL_S = 0.2


def ask_healer(
    settings: BusSettings, command: Command, signer: Signer | None, timeout_s: float
) -> CommandExecuted | CommandRefused | None:
    """Send the command and wait for the answer that names its id; None when none comes in time.

    Without an answer the command still stands on the topic: a healer that starts within the hour
    carries it out. Raises BrokerUnreachable, TopicMissing, AccessDenied.
    """
    topics = Topics(settings.prefix)
    value, headers = sign_command(command, signer)
    with (
        LogReader(settings, [topics.events], start="latest") as answers,
        Writer(settings) as writer,
    ):
        writer.send(Outgoing(topics.control, value, headers=headers))
        writer.flush()
        deadline = time.monotonic() + timeout_s
        while (left_s := deadline - time.monotonic()) > 0:
            for message in answers.poll(timeout_s=min(_POLL_S, left_s)):
                if answer := _answer(message.value, command.id):
                    return answer
    return None


def _answer(value: bytes | None, command_id: str) -> CommandExecuted | CommandRefused | None:
    try:
        event = read_event(value).event
    except DecodingError:
        return None  # `events` is open to every service: what is not one is not our answer
    if isinstance(event, CommandExecuted | CommandRefused) and event.command_id == command_id:
        return event
    return None
