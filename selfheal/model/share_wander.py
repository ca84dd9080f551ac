"""How far shares of levels, and of missing values, vary within a day: that is no drift."""

from collections.abc import Iterator

import numpy as np

from selfheal.model.arrays import Flags, Float64
from selfheal.model.reference_rows import BLOCKS
from selfheal.model.schema import Schema

_SPREADS = 2.0
"""A share that follows the hour as a wave does never goes further than 1.4 of its deviations."""


def share_cells(schema: Schema) -> int:
    """Number c of shares that are counted: of all levels, the unknown ones too, and of gaps."""
    return sum(len(kind.levels) + 1 for _, kind in schema.categories) + len(schema.features)


def share_wander(schema: Schema, values: Float64) -> Float64:
    """(4, c): how far the shares in blocks of BLOCKS rows of raw values (n, f) stray.

    Of the levels of each categorical feature among the values that are there, the unknown levels
    together and last; then of missing values, of each feature. Twice the standard deviation
    between blocks that is left once chance is taken off; about 0 where rows are exchangeable.

    The furthest block alone, which `block_wander` looks at, does not tell: a share of a quarter
    that moves by .06 within a day is within what chance does to one block in a hundred. All blocks
    together show it. As there, blocks stray at least as far as shorter ones, as the stream may have
    more rows a day than the training rows; and as far where there are too few rows to judge.
    """
    found = np.array([_wanders(flags) for flags in _flags(schema, values)])
    return found.reshape(-1, len(BLOCKS)).T


def _flags(schema: Schema, values: Float64) -> Iterator[Flags]:
    """What is counted of each cell, row by row."""
    for column, kind in schema.categories:
        present = values[~np.isnan(values[:, column]), column]
        for level in range(len(kind.levels) + 1):
            yield present == level
    yield from np.isnan(values).T


def _wanders(flags: Flags) -> Float64:
    """(4,), of one cell."""
    total, counts = len(flags), np.concatenate(([0], np.cumsum(flags)))
    deviations = [_deviation(counts, rows) if total >= 2 * rows else 0.0 for rows in BLOCKS]
    return _SPREADS * np.maximum.accumulate(deviations)


def _deviation(counts: Float64, rows: int) -> float:
    """Standard deviation of the share between blocks of so many rows, without that by chance."""
    total = len(counts) - 1
    starts = np.arange(0, total - rows + 1, max(rows // 2, total // 100))
    share = counts[-1] / total
    blocks = (counts[starts + rows] - counts[starts]) / rows
    by_chance = share * (1.0 - share) * (1.0 / rows - 1.0 / total)
    return float(np.sqrt(max(0.0, float(np.square(blocks - share).mean()) - by_chance)))
