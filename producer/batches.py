"""Batches: transactions as they are sent, with the truth that is not sent with them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from producer.errors import ScenarioError
from producer.rows import Floats, Integers
from producer.stream import BLOCK_ROWS, Stream, transaction_id
from selfheal.model.schema import Categorical, Schema


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Consecutive transactions.

    first_row:     place of the first one in the stream or file, from 0
    ids:           (n,)
    event_ms:      (n,) int64 Unix milliseconds
    columns:       values by feature, (n,) each: numbers (NaN where missing), texts or None
    labels:        (n,) int8, the truth: 0, 1, or -1 where it is not known
    probabilities: (n,) float64, true P(fraud); NaN where nobody knows it
    """

    first_row: int
    ids: list[str]
    event_ms: Integers
    columns: dict[str, list[Any]]
    labels: NDArray[np.int8]
    probabilities: Floats

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def row(self) -> Integers:
        """(n,) the places of the transactions."""
        return np.arange(self.first_row, self.first_row + len(self))

    def part(self, first: int, last: int) -> "Batch":
        """Those from `first` to before `last`, counted within the batch."""
        return Batch(
            first_row=self.first_row + first,
            ids=self.ids[first:last],
            event_ms=self.event_ms[first:last],
            columns={name: values[first:last] for name, values in self.columns.items()},
            labels=self.labels[first:last],
            probabilities=self.probabilities[first:last],
        )


@dataclass(frozen=True, slots=True)
class EventClock:
    """When a row of a stream happens: evenly, whatever the pace at which it is sent.

    start_ms:   of row 0, Unix milliseconds
    rate_per_s: rows a second, > 0; ScenarioError otherwise
    """

    start_ms: int
    rate_per_s: float

    def __post_init__(self) -> None:
        if not self.rate_per_s > 0:
            raise ScenarioError(f"event clock: rate is {self.rate_per_s:g}, must be above 0")

    def of(self, row: Integers) -> Integers:
        """(n,) rows -> (n,) int64 Unix milliseconds."""
        return self.start_ms + np.floor(row * (1000.0 / self.rate_per_s)).astype(np.int64)


def synthetic_batches(stream: Stream, clock: EventClock, first_row: int = 0) -> Iterator[Batch]:
    """The stream from `first_row` on, in batches that end where its blocks end."""
    schema = stream.scenario.schema
    start = first_row
    while start < stream.transactions:
        end = min(start - start % BLOCK_ROWS + BLOCK_ROWS, stream.transactions)
        rows = stream.rows(start, end - start)
        row = np.arange(start, end)
        yield Batch(
            first_row=start,
            ids=[transaction_id(stream.seed, r) for r in row.tolist()],
            event_ms=clock.of(row),
            columns=columns_of(schema, rows.values),
            labels=rows.labels,
            probabilities=rows.probabilities,
        )
        start = end


def columns_of(schema: Schema, values: Floats) -> dict[str, list[Any]]:
    """Raw values (n, features) as columns of what they stand for: numbers, texts, None.

    Missing numbers stay NaN, which JSON writes as null; an unknown level is "".
    """
    columns: dict[str, list[Any]] = {}
    for feature, codes in zip(schema.features, values.T, strict=True):
        if isinstance(feature, Categorical):
            known = np.array([*feature.levels, "", None], dtype=object)
            position = np.where(np.isnan(codes), len(known) - 1, codes).astype(np.int64)
            columns[feature.name] = known[position].tolist()
        else:
            columns[feature.name] = codes.tolist()
    return columns
