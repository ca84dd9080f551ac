"""The scorer's view of `adapters`: read to its end, then followed, for swaps and refusals."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from registry.feed import AdapterFeed, Step, Swap
from registry.record import Part, RegistryRecord, parse_key
from registry.refused_record import RefusedRecord
from registry.topic import registry_records
from selfheal.bus.reader import LogReader

CATCH_UP_S = 30.0
"""How long the end of `adapters` is waited for before the first record is scored."""


class AdapterLog:
    """Follows `adapters`. Every read gives at most one swap: to the newest version there is.

    A whole model may take a second to be checked, and to be loaded: that is done beside scoring,
    and what comes after it waits.

    refused: called with each refusal that is new
    """

    def __init__(
        self, reader: LogReader, feed: AdapterFeed, refused: Callable[[RefusedRecord], None]
    ) -> None:
        self._reader, self._feed, self._refused = reader, feed, refused
        self._beside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="model")
        self._checked: Future[tuple[Step, ...]] | None = None

    def catch_up(self) -> Swap | None:
        """Read to the end of the topic, as it is now. Raises BrokerUnreachable."""
        steps = self._checked.result() if self._checked else ()
        self._checked = None
        messages = self._reader.read_to_end(CATCH_UP_S)
        return self._swap((*steps, *self._feed.update(registry_records(messages))))

    def follow(self) -> Swap | None:
        """What has come since the last read; does not wait."""
        if self._checked is None:
            messages = self._reader.poll(timeout_s=0.0)
            if not messages:
                return None
            records = registry_records(messages)
            if not any(map(_is_model, records)):
                return self._swap(self._feed.update(records))
            self._checked = self._beside.submit(self._feed.update, records)
        if not self._checked.done():
            return None
        steps, self._checked = self._checked.result(), None
        return self._swap(steps)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._beside.shutdown(wait=True, cancel_futures=True)

    def _swap(self, steps: Sequence[Step]) -> Swap | None:
        """The last swap among the steps; refusals are told."""
        swap: Swap | None = None
        for step in steps:
            if isinstance(step, Swap):
                swap = step
            else:
                self._refused(step)
        return swap


def _is_model(record: RegistryRecord) -> bool:
    named = parse_key(record.key)
    return named is not None and named[0] is Part.MODEL
