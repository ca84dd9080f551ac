"""The C library's own log lines, which would go to standard error otherwise."""

import logging
import re

QUIET_S = 10.0


class _OnceInAWhile(logging.Filter):
    """Lets no line through that is like one of the last ten seconds, numbers aside.

    While a broker is away every client says so, twenty times a second.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said_s: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write the line."""
        kind = re.sub(r"\d+", "0", record.getMessage())
        if record.created - self._said_s.get(kind, -QUIET_S) < QUIET_S:
            return False
        if len(self._said_s) > 1_000:
            self._said_s.clear()
        self._said_s[kind] = record.created
        return True


CLIENT_LOG = logging.getLogger("selfheal.bus.librdkafka")
CLIENT_LOG.addFilter(_OnceInAWhile())
