"""What a run left on the topics, collected into arrays by row of the stream."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from producer.stream import row_of_id
from selfheal.records import DecodingError, Prediction, decode
from selfheal.telemetry.events import ToldEvent, read_event


@dataclass(slots=True)
class Trace:
    """Predictions and events of a run of `rows` transactions.

    score, shadow_score: (rows,) float64, NaN where there is no prediction yet
    decision, conflict:  (rows,) bool, false before
    times:     (rows,) int64, how often the row was predicted
    event_ms, scored_ms: (rows,) int64, Unix milliseconds, 0 before
    versions:  (rows,) str, "" before
    strangers: predictions of ids that are not of this stream
    events:    of all services, in the order in which they were read
    """

    rows: int
    seed: int
    score: NDArray[np.float64] = field(init=False)
    shadow_score: NDArray[np.float64] = field(init=False)
    decision: NDArray[np.bool_] = field(init=False)
    conflict: NDArray[np.bool_] = field(init=False)
    times: NDArray[np.int64] = field(init=False)
    event_ms: NDArray[np.int64] = field(init=False)
    scored_ms: NDArray[np.int64] = field(init=False)
    versions: NDArray[np.str_] = field(init=False)
    strangers: int = 0
    dead_letters: int = 0
    events: list[ToldEvent] = field(default_factory=list[ToldEvent])

    def __post_init__(self) -> None:
        self.score = np.full(self.rows, np.nan)
        self.shadow_score = np.full(self.rows, np.nan)
        self.decision = np.zeros(self.rows, dtype=np.bool_)
        self.conflict = np.zeros(self.rows, dtype=np.bool_)
        self.times = np.zeros(self.rows, dtype=np.int64)
        self.event_ms = np.zeros(self.rows, dtype=np.int64)
        self.scored_ms = np.zeros(self.rows, dtype=np.int64)
        self.versions = np.full(self.rows, "", dtype="U16")

    @property
    def predicted(self) -> int:
        """Rows that have a prediction."""
        return int(np.count_nonzero(self.times))

    @property
    def lost(self) -> int:
        """Rows without one."""
        return self.rows - self.predicted

    @property
    def doubled(self) -> int:
        """Predictions beyond the first of a row, and those of rows that were never sent."""
        return int(self.times.sum()) - self.predicted + self.strangers

    @property
    def changed(self) -> int:
        """Rows whose score is not, bit by bit, that of the frozen model."""
        return int(np.count_nonzero((self.score != self.shadow_score)[self.times > 0]))

    def add_prediction(self, value: bytes | None) -> None:
        """Take in a record of `predictions`. Raises DecodingError for what is none."""
        prediction = decode(Prediction, value)
        row = self._row(prediction.id)
        if row is None:
            self.strangers += 1
            return
        self.times[row] += 1
        self.score[row] = prediction.score
        self.shadow_score[row] = prediction.shadow_score
        self.decision[row] = prediction.decision == 1
        self.conflict[row] = prediction.conflict
        self.event_ms[row] = prediction.event_ms
        self.scored_ms[row] = prediction.scored_ms
        self.versions[row] = prediction.version

    def add_event(self, value: bytes | None) -> ToldEvent | None:
        """Take in a record of `events`; None for what is not one of ours."""
        try:
            told = read_event(value)
        except DecodingError:
            return None
        self.events.append(told)
        return told

    def row_at(self, at_ms: int) -> int:
        """Rows that had been scored at a moment: where in the stream something happened."""
        return int(np.count_nonzero((self.scored_ms > 0) & (self.scored_ms <= at_ms)))

    def _row(self, id_: str) -> int | None:
        try:
            row = row_of_id(id_)
        except ValueError:
            return None
        is_ours = id_.startswith(f"s{self.seed}-") and row < self.rows
        return row if is_ours else None
