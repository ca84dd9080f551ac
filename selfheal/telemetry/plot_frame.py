"""What the eight plots are drawn from: a run's rows, its batches, and its moments. Pure."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from selfheal.telemetry.batches import BATCH_ROWS, BatchTable, ScoredStream, batch_table


@dataclass(frozen=True, slots=True, eq=False)
class PlotFrame:
    """A run, ready to be drawn.

    stream:         its rows, in the producer's order
    onsets:         rows where a drift truly begins; none where that is not known
    fidi_threshold: z from which FIDI alarms
    conflict_min:   conflicts in a batch from which they trigger a heal
    """

    stream: ScoredStream
    onsets: tuple[int, ...] = ()
    fidi_threshold: float = 1.0
    conflict_min: int = 5
    batch_rows: int = BATCH_ROWS
    table: BatchTable = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", batch_table(self.stream, self.batch_rows))

    @property
    def window(self) -> int:
        """Batches that the smooth lines are over: 1 for a short run, where each can be seen.

        In a long one a sixtieth of it, or what it takes for 300 labelled rows: fewer show noise.
        """
        batches = len(self.table)
        if batches <= 60:
            return 1
        labelled_a_batch = max(float(self.table.healed.labelled.mean()), 1.0)
        return min(max(batches // 60, math.ceil(300 / labelled_a_batch)), batches // 10)

    @property
    def swaps(self) -> tuple[int, ...]:
        """Batches whose version did not serve before."""
        return tuple(b for b, is_new in _changes(self.table.version) if is_new)

    @property
    def returns(self) -> tuple[int, ...]:
        """Batches that go back to a version of before: a rollback, or a known regime."""
        return tuple(b for b, is_new in _changes(self.table.version) if not is_new)

    @property
    def breaks(self) -> tuple[int, ...]:
        """Batches at which the stream or the version changes: smooth lines begin anew there."""
        onsets = (-(-row // self.batch_rows) for row in self.onsets)
        return tuple(b for b in (*onsets, *self.swaps, *self.returns) if b < len(self.table))

    def periods(self) -> dict[str, NDArray[np.bool_]]:
        """Rows (n,) to compare: before the first onset, and the last quarter of the stream.

        The last quarter judges the healed and the frozen model on the same rows.
        """
        row = np.arange(len(self.stream))
        first_onset = min(self.onsets, default=len(self.stream))
        return {
            "clean": self.stream.is_scored & (row < first_onset),
            "judged": self.stream.is_scored & (row >= len(self.stream) * 3 // 4),
        }


def _changes(versions: NDArray[np.str_]) -> list[tuple[int, bool]]:
    """Batches whose version is not that of the one before, and whether it is a new one."""
    changes: list[tuple[int, bool]] = []
    current, seen = "", set[str]()
    for batch, version in enumerate(versions.tolist()):
        if not version or version == current:
            continue
        if current:
            changes.append((batch, version not in seen))
        current = version
        seen.add(version)
    return changes
