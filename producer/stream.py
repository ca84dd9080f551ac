"""A scenario, and its stream: any stretch of its rows from the seed, without those before it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from producer.errors import ScenarioError
from producer.labels import LabelPolicy
from producer.rows import Population, Rows, join_rows
from selfheal.model.schema import Schema

BLOCK_ROWS = 1000
"""Rows that share a random generator; the whole block is drawn to give any of its rows."""

DECIMALS = 6
"""Of every value: what travels is then exactly what was drawn, in half the bytes."""

_STREAM, _TRAINING, _FRESH = range(3)


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """A part of the stream with one population.

    start:    where it begins, as a share of the stream, in [0, 1)
    is_onset: a drift begins here; false for the first segment and for the end of a ramp
    """

    start: float
    population: Population
    is_onset: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """What happens, when it happens, and what is known of it.

    segments:      in order; the first one starts at 0 and is clean
    labels:        which transactions get a label, and when
    transactions:  length of the stream where none is asked for
    rate_per_s:    rows a second where no rate is asked for; sets the event times as well
    training_rows: fresh clean rows that the model is trained on
    sample_share:  of the transactions that scorers should send to the healer
    Raises ScenarioError for segments that are out of order.
    """

    name: str
    summary: str
    schema: Schema
    segments: tuple[Segment, ...]
    labels: LabelPolicy
    transactions: int = 60_000
    rate_per_s: float = 1_500.0
    training_rows: int = 5_000
    sample_share: float = 1.0

    def __post_init__(self) -> None:
        starts = [segment.start for segment in self.segments]
        if not starts or starts[0] != 0.0 or sorted(set(starts)) != starts or starts[-1] >= 1.0:
            raise ScenarioError(
                f"scenario {self.name}: segments start at {starts}, "
                "must start at 0, grow, and stay below 1"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """One run of a scenario: the same seed and length always give the same rows.

    seed:         any int >= 0
    transactions: rows of the whole stream, > 0; onsets move with it
    """

    scenario: Scenario
    seed: int
    transactions: int

    def __post_init__(self) -> None:
        if self.transactions <= 0:
            raise ScenarioError(f"stream: {self.transactions} transactions, must be 1 or more")
        if self.seed < 0:
            raise ScenarioError(f"stream: seed is {self.seed}, must be 0 or more")

    @property
    def boundaries(self) -> tuple[int, ...]:
        """First row of each segment, and the length of the stream at the end."""
        starts = (round(s.start * self.transactions) for s in self.scenario.segments)
        return (*starts, self.transactions)

    @property
    def onsets(self) -> tuple[int, ...]:
        """First row of each drift; empty where nothing drifts."""
        segments = self.scenario.segments
        starts = zip(segments, self.boundaries[:-1], strict=True)
        return tuple(row for segment, row in starts if segment.is_onset)

    def rows(self, first: int, count: int) -> Rows:
        """`count` rows from row `first` on, those of the whole stream whatever is asked for.

        Raises IndexError for rows that the stream does not have, and for none.
        """
        last = first + count
        if not 0 <= first < last <= self.transactions:
            raise IndexError(f"rows {first} to {last} of a stream of {self.transactions}")
        blocks = range(first // BLOCK_ROWS, (last - 1) // BLOCK_ROWS + 1)
        parts = [self._block(block) for block in blocks]
        offset = blocks.start * BLOCK_ROWS
        return join_rows(parts).part(slice(first - offset, last - offset))

    def batches(self, first: int = 0, rows: int = BLOCK_ROWS) -> Iterator[Rows]:
        """The stream from row `first` on, `rows` at a time; the last part may be shorter."""
        for start in range(first, self.transactions, rows):
            yield self.rows(start, min(rows, self.transactions - start))

    def training(self) -> Rows:
        """Fresh rows from before any drift, none of which is in the stream."""
        clean = self.scenario.segments[0].population
        return self._fresh(clean, self.scenario.training_rows, (_TRAINING,))

    def fresh(self, segment: int, count: int) -> Rows:
        """Rows of a segment's population at its end, in neither stream nor training: to judge."""
        population = self.scenario.segments[segment].population
        return self._fresh(population, count, (_FRESH, segment))

    def _fresh(self, population: Population, count: int, key: tuple[int, ...]) -> Rows:
        """Rows at random times of the stream's length, as a daily cycle may depend on it."""
        rng = self._rng(key)
        row = np.sort(rng.integers(0, self.transactions, count))
        return _rounded(population.draw(rng, row, np.ones(count)))

    def _rng(self, key: tuple[int, ...]) -> np.random.Generator:
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key))

    def _block(self, block: int) -> Rows:
        """All rows of a block: each population it touches draws all, and keeps its own."""
        row = np.arange(block * BLOCK_ROWS, (block + 1) * BLOCK_ROWS)
        parts: list[Rows] = []
        for segment, (start, end) in zip(
            self.scenario.segments, pairwise(self.boundaries), strict=True
        ):
            last = np.inf if end == self.transactions else end
            is_here = (row >= start) & (row < last)
            if is_here.any():
                progress = np.clip((row - start) / max(end - start, 1), 0.0, 1.0)
                drawn = segment.population.draw(self._rng((_STREAM, block)), row, progress)
                parts.append(_rounded(drawn.part(is_here)))
        return join_rows(parts)


def _rounded(rows: Rows) -> Rows:
    return Rows(np.round(rows.values, DECIMALS), rows.labels, rows.probabilities)


def transaction_id(seed: int, row: int) -> str:
    """The id of a synthetic transaction; `row_of_id` is the inverse.

    >>> transaction_id(7, 1234)
    's7-1234'
    """
    return f"s{seed}-{row}"


def row_of_id(transaction: str) -> int:
    """The row that a synthetic transaction was made from. Raises ValueError for any other id.

    >>> row_of_id("s7-1234")
    1234
    """
    seed, dash, row = transaction.partition("-")
    if not (seed.startswith("s") and dash and row.isdecimal()):
        raise ValueError("not the id of a synthetic transaction, expected s<seed>-<row>")
    return int(row)
