"""How far shares of levels, and of missing values, vary within a day: that is no drift."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from selfheal.model.arrays import Flags, Float64
from selfheal.model.reference_rows import BLOCKS, block_starts, ladder
from selfheal.model.schema import Schema
from selfheal.model.share_errors import share_errors


def share_cells(schema: Schema) -> int:
    """Number c of shares that are counted: of all levels, the unknown ones too, and of gaps."""
    return sum(len(kind.levels) + 1 for _, kind in schema.categories) + len(schema.features)


def share_wander(schema: Schema, values: Float64) -> Float64:
    """(4, c): how far blocks of BLOCKS rows of raw values (n, f) stray from all others, at most.

    As `block_wander`, of shares: of the levels of each categorical feature among the values that
    are there, the unknown levels together and last; then of missing values, of each feature.
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
    counts = np.concatenate(([0], np.cumsum(flags)))
    return ladder(len(flags), partial(_furthest, counts))


def _furthest(counts: Float64, rows: int) -> tuple[float, float]:
    """How far the share in one block of so many rows strays, at most, and one error of it."""
    total = len(counts) - 1
    starts, rest = block_starts(total, rows), total - rows
    within = counts[starts + rows] - counts[starts]
    own, others = within / rows, (counts[-1] - within) / rest
    stray = np.abs(own - others)
    furthest = int(stray.argmax())
    errors = float(share_errors(own[furthest], rows, others[furthest], rest))
    return float(stray[furthest]), float(stray[furthest]) / errors if errors > 0.0 else 0.0
