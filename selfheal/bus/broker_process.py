"""The Java process of an embedded broker, held through its watchdog."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from selfheal.bus import broker_watchdog


class BrokerProcess:
    """Runs command lines, the last of them a broker, until stopped or until this process dies.

    commands: run one after the other; output: file that gets what they print;
    remove:   folder to remove at the end, or None; grace_s: between SIGTERM and SIGKILL
    """

    def __init__(
        self, commands: Sequence[list[str]], output: Path, remove: Path | None, grace_s: float
    ) -> None:
        self._specification = {
            "commands": commands,
            "output": str(output),
            "remove": str(remove) if remove else None,
            "grace_s": grace_s,
        }
        self._grace_s = grace_s
        self._watchdog: subprocess.Popen[bytes] | None = None
        self._said = b""

    def start(self) -> None:
        """Start the first command; returns at once."""
        self._watchdog = subprocess.Popen(  # noqa: S603 - our own script
            # Isolated and without site-packages: it is up in 20 ms and depends on nothing.
            [sys.executable, "-I", "-S", broker_watchdog.__file__, json.dumps(self._specification)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # A session of its own: Ctrl-C in a terminal must not stop the broker before its users.
            start_new_session=True,
        )

    @property
    def pid(self) -> int | None:
        """Of the broker's Java process; None before it is started."""
        return self._said_number("pid")

    @property
    def exit_code(self) -> int | None:
        """Of the command that ended though nobody asked; None while all is well."""
        if self._watchdog is not None and self._watchdog.poll() is not None:
            return self._watchdog.returncode
        return self._said_number("exited")

    def stop(self) -> None:
        """Ask for the end and wait for it; SIGKILL for all where even that takes too long."""
        watchdog, self._watchdog = self._watchdog, None
        if watchdog is None:
            return
        with watchdog:
            if watchdog.stdin is not None:
                watchdog.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                watchdog.wait(2 * self._grace_s + 5.0)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(watchdog.pid, signal.SIGKILL)

    def _said_number(self, word: str) -> int | None:
        if self._watchdog is None or self._watchdog.stdout is None:
            return None
        output = self._watchdog.stdout.fileno()
        while select.select([output], [], [], 0)[0] and (said := os.read(output, 4096)):
            self._said += said
        numbers = [
            line.split()[1] for line in self._said.splitlines() if line.startswith(word.encode())
        ]
        return int(numbers[-1]) if numbers else None
