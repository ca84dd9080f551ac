"""The scorer's view of `adapters`: read to its end, then followed, for swaps and refusals."""

from collections.abc import Callable

from registry.feed import AdapterFeed, Swap
from registry.topic import registry_records
from registry.view import RefusedRecord
from selfheal.bus.message import Message
from selfheal.bus.reader import LogReader

CATCH_UP_S = 30.0
"""How long the end of `adapters` is waited for before the first record is scored."""


class AdapterLog:
    """Follows `adapters`. Every read gives at most one swap: to the newest version there is.

    refused: called with each refusal that is new
    """

    def __init__(
        self, reader: LogReader, feed: AdapterFeed, refused: Callable[[RefusedRecord], None]
    ) -> None:
        self._reader, self._feed, self._refused = reader, feed, refused

    def catch_up(self) -> Swap | None:
        """Read to the end of the topic, as it is now. Raises BrokerUnreachable."""
        return self._taken(self._reader.read_to_end(CATCH_UP_S))

    def follow(self) -> Swap | None:
        """What has come since the last read; does not wait."""
        return self._taken(self._reader.poll(timeout_s=0.0))

    def _taken(self, messages: list[Message]) -> Swap | None:
        if not messages:
            return None
        swap: Swap | None = None
        for step in self._feed.update(registry_records(messages)):
            if isinstance(step, Swap):
                swap = step
            else:
                self._refused(step)
        return swap
