"""Being asked to stop: SIGTERM and Ctrl-C set a flag, the loop ends after its batch."""

import os
import signal
import threading
import time
from types import FrameType

GRACE_S = 5.0
"""Time to stop in for a process that nobody can wait for any more."""


class StopSignal:
    """True once the process was asked to stop. A second Ctrl-C interrupts at once."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def __bool__(self) -> bool:
        return self._event.is_set()

    def listen(self, *, with_parent: bool = False, grace_s: float = GRACE_S) -> "StopSignal":
        """Take over SIGTERM and SIGINT. Main thread only.

        with_parent: stop as well when standard input ends, and end at once, as by SIGKILL, when
                     that takes more than grace_s seconds: the broker may be gone as well
        """
        if with_parent:
            args = (grace_s,)
            threading.Thread(target=self._outlive_nobody, args=args, daemon=True).start()
        signal.signal(signal.SIGTERM, self._ask)
        signal.signal(signal.SIGINT, self._ask)
        return self

    def stop(self) -> None:
        """Ask from within the process."""
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """Sleep, but not past a request to stop; true where there was one."""
        return self._event.wait(seconds)

    def _outlive_nobody(self, grace_s: float) -> None:
        # Not through sys.stdin: its lock, held by a daemon thread, aborts the interpreter's exit.
        while os.read(0, 4096):
            pass
        self._event.set()
        time.sleep(grace_s)
        os._exit(1)

    def _ask(self, number: int, _frame: FrameType | None) -> None:
        if self._event.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        self._event.set()
