"""A run batch by batch: from rows in the producer's order to the columns of `metrics.csv`. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfheal.telemetry.confusion import Confusion
from selfheal.telemetry.errors import ExportError

BATCH_ROWS = 100
"""Rows of a batch, as published."""


@dataclass(frozen=True, slots=True, eq=False)
class ScoredStream:
    """Every transaction of a run in the producer's order, n rows; n may be 0.

    labels:        float64 (n,): 1 fraud, 0 legitimate, NaN unknown
    scores:        float64 (n,): P(fraud) of the version that served, in [0, 1]; NaN where the
                   transaction has no prediction, and then the row counts nowhere
    decisions:     bool (n,): true where the served decision says fraud
    shadow_scores: float64 (n,): P(fraud) of the frozen backbone alone
    conflicts:     bool (n,): a rule says fraud and the score does not
    versions:      str (n,): that served; states: str (n,): of the healer at the row
    z:             float64 (n,): FIDI's statistic at the row; NaN where it is not known
    event_ms:      int64 (n,): Unix milliseconds
    shadow_threshold: score from which the frozen model's decision is fraud

    Raises ExportError for columns of other lengths, or labels that are not 0, 1 or NaN.
    """

    labels: NDArray[np.float64]
    scores: NDArray[np.float64]
    decisions: NDArray[np.bool_]
    shadow_scores: NDArray[np.float64]
    conflicts: NDArray[np.bool_]
    versions: NDArray[np.str_]
    states: NDArray[np.str_]
    z: NDArray[np.float64]
    event_ms: NDArray[np.int64]
    shadow_threshold: float = 0.5

    def __post_init__(self) -> None:
        names = ("scores", "decisions", "shadow_scores", "conflicts", "versions", "states", "z")
        for name in (*names, "event_ms"):
            column = getattr(self, name)
            if column.shape != self.labels.shape:
                raise ExportError(f"{name}: shape {column.shape}, expected {self.labels.shape}")
        known = self.labels[~np.isnan(self.labels)]
        if not np.isin(known, (0.0, 1.0)).all():
            raise ExportError("labels: other values than 0, 1 and NaN")

    def __len__(self) -> int:
        return self.labels.size

    @property
    def is_scored(self) -> NDArray[np.bool_]:
        """Where the row has a prediction, (n,)."""
        return ~np.isnan(self.scores)


@dataclass(frozen=True, slots=True, eq=False)
class BatchTable:
    """The run's figures, each column (b,); the last batch may be shorter than the others.

    first_row: number of the batch's first row, from 0
    rows:      with a prediction
    healed:    decisions as served; shadow: those of the frozen backbone alone
    z:         mean over the rows where it is known, NaN where it is for none
    conflicts: rows that a rule calls fraud and the score does not
    state:     at the batch's last row
    version:   that served most of the batch's rows (the greatest name among equals), "" for none
    event_ms:  of the batch's first row
    """

    first_row: NDArray[np.int64]
    rows: NDArray[np.int64]
    healed: Confusion
    shadow: Confusion
    z: NDArray[np.float64]
    conflicts: NDArray[np.int64]
    state: NDArray[np.str_]
    version: NDArray[np.str_]
    event_ms: NDArray[np.int64]

    def __len__(self) -> int:
        return self.first_row.size

    @property
    def lift(self) -> NDArray[np.float64]:
        """Accuracy as served minus the frozen backbone's, on the same rows; NaN without labels."""
        return self.healed.accuracy - self.shadow.accuracy


def batch_table(stream: ScoredStream, batch_rows: int = BATCH_ROWS) -> BatchTable:
    """The stream's batches of `batch_rows` rows. An empty stream gives an empty table."""
    first_row = np.arange(0, len(stream), batch_rows, dtype=np.int64)
    b = first_row.size
    batches = np.arange(len(stream), dtype=np.int64) // batch_rows
    is_scored = stream.is_scored
    labels = np.where(is_scored, stream.labels, np.nan)
    shadow_decisions = stream.shadow_scores >= stream.shadow_threshold
    last_row = np.minimum(first_row + batch_rows, len(stream)) - 1
    return BatchTable(
        first_row=first_row,
        rows=_sums(is_scored, batches, b),
        healed=Confusion.count(labels, stream.decisions, batches, b),
        shadow=Confusion.count(labels, shadow_decisions, batches, b),
        z=_means(stream.z, batches, b),
        conflicts=_sums(stream.conflicts & is_scored, batches, b),
        state=stream.states[last_row],
        version=_commonest(np.where(is_scored, stream.versions, ""), first_row, batch_rows),
        event_ms=stream.event_ms[first_row],
    )


def _sums(chosen: NDArray[np.bool_], batches: NDArray[np.int64], b: int) -> NDArray[np.int64]:
    return np.bincount(batches[chosen], minlength=b).astype(np.int64)


def _means(values: NDArray[np.float64], batches: NDArray[np.int64], b: int) -> NDArray[np.float64]:
    is_known = ~np.isnan(values)
    sums = np.bincount(batches[is_known], weights=values[is_known], minlength=b)
    counts = _sums(is_known, batches, b)
    return np.divide(sums, counts, out=np.full(b, np.nan), where=counts > 0)


def _commonest(
    versions: NDArray[np.str_], first_row: NDArray[np.int64], batch_rows: int
) -> NDArray[np.str_]:
    commonest: list[str] = []
    for first in first_row:
        batch = versions[first : first + batch_rows]
        names, counts = np.unique_counts(batch[batch != ""])
        commonest.append(max(zip(counts, names, strict=True), default=(0, ""))[1])
    return np.array(commonest, dtype=np.str_)
