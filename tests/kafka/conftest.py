"""What tests on a real broker need: conditions with deadlines, worker processes, known records."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from selfheal.bus.message import Outgoing
from selfheal.bus.reader import LogReader
from selfheal.bus.settings import BusSettings
from selfheal.bus.writer import Writer

ECHO_WORKER = Path(__file__).parent / "echo_worker.py"


@pytest.fixture
def write(bus: BusSettings) -> Callable[[str, Sequence[bytes]], None]:
    """Write values to a topic, each its own key, and wait until the broker has them."""

    def write(topic: str, values: Sequence[bytes]) -> None:
        with Writer(bus) as writer:
            for value in values:
                writer.send(Outgoing(topic, value, key=value))

    return write


@pytest.fixture
def committed_values(bus: BusSettings) -> Callable[[str], list[bytes]]:
    """Every committed value of a topic, in the order of reading."""

    def read(topic: str) -> list[bytes]:
        with LogReader(bus, [topic]) as reader:
            return [message.value for message in reader.read_to_end()]

    return read


class EchoWorker:
    """A process of its own that copies `transactions` to `predictions` until it is told to stop."""

    def __init__(self, bus: BusSettings, mode: str, session_timeout_ms: int) -> None:
        arguments = [bus.bootstrap, bus.prefix, mode, str(session_timeout_ms)]
        self._child = subprocess.Popen([sys.executable, str(ECHO_WORKER), *arguments])

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self._child.pid, number)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._child.kill()
        self._child.wait()

    def terminated(self, timeout_s: float = 15.0) -> int:
        """SIGTERM, and the exit status."""
        self._child.terminate()
        return self._child.wait(timeout_s)

    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._child.poll() is None


@pytest.fixture
def start_worker(bus: BusSettings) -> Iterator[Callable[..., EchoWorker]]:
    """Start echo workers; those still there at the end are killed."""
    workers: list[EchoWorker] = []

    def start(
        mode: str = "exactly_once", settings: BusSettings = bus, session_timeout_ms: int = 3000
    ) -> EchoWorker:
        workers.append(EchoWorker(settings, mode, session_timeout_ms))
        return workers[-1]

    yield start
    for worker in workers:
        if worker.is_running():
            worker.signal(signal.SIGCONT)
            worker.kill()
