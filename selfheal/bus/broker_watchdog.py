"""Outlives the process that started an embedded broker, and leaves nothing behind.

Run as a script, standard library only: `python broker_watchdog.py SPECIFICATION`, a JSON object:
commands (run one after the other; the last is the broker), output (file for what they print),
remove (folder to remove at the end, or null), grace_s (between SIGTERM and SIGKILL).

Its standard input is a pipe whose other end only the parent holds. When it closes, because the
parent asks for a stop or died of whatever cause, the broker is stopped and the folder removed.
PR_SET_PDEATHSIG would need no second process, but is Linux's alone and follows the thread that
started the child rather than the process. On standard output it says `pid N` when the broker is
started and `exited N` when a command ended that should not have.
"""

import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
import threading
from typing import Any, TextIO

ORPHAN_CHECK_S = 0.5


def main(specification: dict[str, Any]) -> None:
    """Run the commands until the parent goes, then clean up."""
    parent = os.getppid()
    running: list[subprocess.Popen[bytes]] = []
    stopping = threading.Event()
    runner = threading.Thread(target=_run, args=(specification, running, stopping), daemon=True)
    runner.start()
    # A forked child of the parent may hold the pipe open too, hence the look at the parent itself.
    while not select.select([sys.stdin], [], [], ORPHAN_CHECK_S)[0] and os.getppid() == parent:
        pass
    stopping.set()
    while runner.is_alive():  # it may be starting the next command right now
        for child in tuple(running):
            _stop(child, specification["grace_s"])
        runner.join(timeout=0.05)
    if specification["remove"]:
        shutil.rmtree(specification["remove"], ignore_errors=True)


def _run(
    specification: dict[str, Any],
    running: list[subprocess.Popen[bytes]],
    stopping: threading.Event,
) -> None:
    *preparations, broker = specification["commands"]
    with open(specification["output"], "a") as output:  # noqa: PTH123 - starts faster without
        for command in preparations:
            if stopping.is_set():
                return
            code = _start(command, output, running).wait()
            if code:
                _tell(f"exited {code}")
                return
        if stopping.is_set():
            return
        child = _start(broker, output, running)
        _tell(f"pid {child.pid}")
        code = child.wait()
        if not stopping.is_set():
            _tell(f"exited {code}")


def _start(
    command: list[str], output: TextIO, running: list[subprocess.Popen[bytes]]
) -> subprocess.Popen[bytes]:
    child = subprocess.Popen(  # noqa: S603 - the parent's own command line
        command, stdin=subprocess.DEVNULL, stdout=output, stderr=output
    )
    running.append(child)
    return child


def _stop(child: subprocess.Popen[bytes], grace_s: float) -> None:
    if child.poll() is not None:
        return
    child.terminate()
    try:
        child.wait(grace_s)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _tell(line: str) -> None:
    # When the parent is gone, so is its end of standard input: that ends the script.
    with contextlib.suppress(BrokenPipeError):
        print(line, flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
