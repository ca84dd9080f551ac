"""The demo's services as processes of their own, which cannot outlive it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_GRACE_S = 15.0
_STARTING_S = 60.0

_PREFIXES = {
    "consumer": "SELFHEAL_SCORER_",
    "healer": "SELFHEAL_HEALER_",
    "producer": "SELFHEAL_PRODUCER_",
}
"""Of each module's settings in the environment."""


class ChildFailedError(RuntimeError):
    """A service did not start, or ended on its own."""


@dataclass(frozen=True, slots=True)
class Child:
    """A running service. Its standard input is a pipe that ends when this process does."""

    name: str
    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self.process.poll() is None

    def is_ready(self) -> bool:
        """Whether the service says that it can work."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ready", timeout=1) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def stop(self) -> int:
        """Ask it to stop, wait, and kill it where that takes too long; its exit code."""
        if self.is_running:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def last_lines(self, lines: int = 5) -> str:
        """The end of its log, for an error message."""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])


def start(module: str, name: str, settings: Mapping[str, str], logs: Path) -> Child:
    """Start `python -m <module>` with settings given by the environment.

    module: consumer, healer or producer; name: of this instance, and of its log
    """
    port = _free_port()
    given = {**settings, "instance": name, "metrics_port": str(port), "stop_with_parent": "true"}
    log = logs / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  (our own interpreter and module)
            [sys.executable, "-m", module],
            env=_environment(_PREFIXES[module], given),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches the demo alone, which stops them in order
        )
    return Child(name, process, port, log)


def _environment(prefix: str, settings: Mapping[str, str]) -> dict[str, str]:
    """That of this process, less its own settings for `selfheal`, with the service's instead."""
    own = {key: value for key, value in os.environ.items() if not key.startswith("SELFHEAL_")}
    # The arrays are small: one thread a process leaves the cores to the others.
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return own | threads | {f"{prefix}{key.upper()}": value for key, value in settings.items()}


def wait_until_ready(children: list[Child]) -> None:
    """Return when all are ready. Raises ChildFailedError with the end of a log otherwise."""
    deadline = time.monotonic() + _STARTING_S
    for child in children:
        while not child.is_ready():
            if not child.is_running:
                raise ChildFailedError(f"{child.name} did not start:\n{child.last_lines()}")
            if time.monotonic() > deadline:
                raise ChildFailedError(
                    f"{child.name} is not ready after {_STARTING_S:g} s:\n{child.last_lines()}"
                )
            time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
