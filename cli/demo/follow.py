"""Follows a run on its topics until every transaction is predicted or nothing comes any more."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from cli.demo.children import Child, ChildFailedError
from cli.demo.stack import Stack
from cli.demo.trace import Trace
from selfheal.bus.reader import LogReader

_QUIET_S = 30.0
"""Without a new prediction for so long after the last transaction, the rest is lost."""

_HEAL_TAIL_S = 1.0
"""Events that follow the last prediction are waited for."""


@dataclass(frozen=True, slots=True)
class Followers:
    """The readers of a run."""

    predictions: LogReader
    events: LogReader
    dead_letters: LogReader


def follow(stack: Stack, trace: Trace, producer: Child, show: Callable[[], None]) -> None:
    """Fill the trace. Raises ChildFailedError where the producer, the healer or all scorers fail.

    show: called about five times a second
    """
    with ExitStack() as readers:
        bus, topics = stack.bus, stack.topics
        followers = Followers(
            readers.enter_context(LogReader(bus, [topics.predictions])),
            readers.enter_context(LogReader(bus, [topics.events])),
            readers.enter_context(LogReader(bus, [topics.transactions_dlq])),
        )
        progress_s = time.monotonic()
        while trace.predicted + trace.dead_letters < trace.rows:
            if _read(followers, trace) or producer.is_running:
                progress_s = time.monotonic()
            show()
            _check(stack, producer)
            if time.monotonic() - progress_s > _QUIET_S:
                break
        producer.stop()
        deadline = time.monotonic() + _HEAL_TAIL_S
        while time.monotonic() < deadline:
            _read(followers, trace)
        stack.stop()
        _read_to_end(followers, trace)
        show()


def _read(followers: Followers, trace: Trace) -> int:
    """Take in what has come; how many predictions that was."""
    predictions = followers.predictions.poll(5000, timeout_s=0.2)
    for message in predictions:
        trace.add_prediction(message.value)
    for message in followers.events.poll(timeout_s=0.0):
        trace.add_event(message.value)
    trace.dead_letters += len(followers.dead_letters.poll(timeout_s=0.0))
    return len(predictions)


def _read_to_end(followers: Followers, trace: Trace) -> None:
    for message in followers.predictions.read_to_end():
        trace.add_prediction(message.value)
    for message in followers.events.read_to_end():
        trace.add_event(message.value)
    trace.dead_letters += len(followers.dead_letters.read_to_end())


def _check(stack: Stack, producer: Child) -> None:
    """A scorer may die: the others take over. Nobody takes over from the last one."""
    scorers = [child for child in stack.services if child.name.startswith("scorer")]
    if not any(child.is_running for child in scorers):
        raise ChildFailedError(f"no scorer is left:\n{scorers[0].last_lines()}")
    for child in stack.services:
        if child.name.startswith("healer") and not child.is_running:
            raise ChildFailedError(f"{child.name} ended:\n{child.last_lines()}")
    if not producer.is_running and producer.process.returncode not in (0, -15):
        raise ChildFailedError(f"{producer.name} failed:\n{producer.last_lines()}")
