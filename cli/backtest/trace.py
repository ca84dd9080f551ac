"""What came of every replayed row, as arrays: 26 bytes a row."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from selfheal.records.events import Event


@dataclass(frozen=True, slots=True)
class Told:
    """An event of the healer. row: the last one that had been scored, in the file."""

    row: int
    event: Event


@dataclass(slots=True, eq=False)
class Trace:
    """Rows `first_row` and on of the file, scored before anything could learn from them.

    labels:    (n,) int8, the truth: 0, 1, or -1 where it is not known
    threshold: of the frozen model
    prior:     share of frauds in training
    frozen, healed: (n,) float64 P(fraud) of the model alone, and as served
    decision:  (n,) bool, as served; version: (n,) int32, place among `versions`
    told:      events in order
    scored:    rows so far
    """

    first_row: int
    labels: NDArray[np.int8]
    threshold: float
    prior: float
    frozen: NDArray[np.float64] = field(init=False)
    healed: NDArray[np.float64] = field(init=False)
    decision: NDArray[np.bool_] = field(init=False)
    version: NDArray[np.int32] = field(init=False)
    versions: list[str] = field(default_factory=list[str])
    told: list[Told] = field(default_factory=list[Told])
    scored: int = 0

    def __post_init__(self) -> None:
        rows = len(self.labels)
        self.frozen, self.healed = np.full(rows, np.nan), np.full(rows, np.nan)
        self.decision = np.zeros(rows, dtype=np.bool_)
        self.version = np.zeros(rows, dtype=np.int32)

    def __len__(self) -> int:
        return len(self.labels)

    def add(
        self,
        frozen: NDArray[np.float64],
        healed: NDArray[np.float64],
        decision: NDArray[np.bool_],
        version: str,
    ) -> None:
        """The next rows, (m,) each, all served by one version."""
        if not self.versions or self.versions[-1] != version:
            self.versions.append(version)
        rows = slice(self.scored, self.scored + len(frozen))
        self.frozen[rows], self.healed[rows], self.decision[rows] = frozen, healed, decision
        self.version[rows] = len(self.versions) - 1
        self.scored += len(frozen)
