"""What a stream is told at its start: settings, and what to call when partitions come and go."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from selfheal.bus.errors import BusSettingsError


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """What is read, as whom, and how it is committed. Raises BusSettingsError.

    topic:                 full name of the one topic that is read
    group:                 consumer group; its members share out the partitions
    is_exactly_once:       outputs and offsets in one transaction; otherwise at least once
    interval_s:            between commits. 0.1 costs nothing measurable, 0.02 up to a quarter of
                           the rate; readers of the outputs wait for the commit
    transaction_timeout_s: after which the broker aborts what a killed member left open, and for
                           which the stream waits for a commit
    """

    topic: str
    group: str
    is_exactly_once: bool = True
    interval_s: float = 0.1
    transaction_timeout_s: float = 10.0

    def __post_init__(self) -> None:
        if not 0.0 < self.interval_s <= self.transaction_timeout_s / 2:
            raise BusSettingsError(
                f"interval_s is {self.interval_s:g}, expected more than 0 and at most half of "
                f"transaction_timeout_s ({self.transaction_timeout_s:g}): a transaction must not "
                "time out while it waits for its commit"
            )


def _nothing(*_: object) -> None:
    """The default: no one wants to know."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """Called by a stream, in the thread that polls it.

    on_assigned: with the new partitions, before any of their records is handed out. May take
                 seconds (the scorer re-reads `adapters` here): the group is kept alive meanwhile.
    on_revoked:  with the partitions that go, before what was sent is committed. May still send.
    on_undone:   with the reason, when work since the last commit was taken back: its outputs will
                 never be read and its records come again. Drop what was counted or collected
                 from them.
    """

    on_assigned: Callable[[Sequence[int]], None] = _nothing
    on_revoked: Callable[[Sequence[int]], None] = _nothing
    on_undone: Callable[[str], None] = _nothing


@dataclass(frozen=True, slots=True)
class Committed:
    """What was sent is there for good, with the offsets. seconds: that the commit took."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Undone:
    """The commit failed: the work since the last one was taken back and comes again."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotDue:
    """Nothing to commit, or not yet the time for it."""


@dataclass(frozen=True, slots=True)
class PartitionProgress:
    """How far one owned partition is read.

    position: offset of the next record; -1 before the first
    end:      offset after the newest record that the broker told of; -1 before it did
    """

    partition: int
    position: int
    end: int

    @property
    def lag_records(self) -> int:
        """Records between the two; 0 while either is unknown."""
        known = self.position >= 0 and self.end >= 0
        return max(0, self.end - self.position) if known else 0
