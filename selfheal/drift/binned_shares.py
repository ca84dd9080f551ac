"""Shares of levels and of missing values over many suffixes, beside those of the binned K-S test.

Each level of a categorical feature is a cell, its unknown levels together another; so are the
missing values of each feature. A row's cells are looked up once, when it comes, and a test only
counts. What numeric features miss has been counted with their bins (`binned_ks.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from selfheal.drift.shares import shares_under
from selfheal.model.model import Model
from selfheal.model.reference_rows import BLOCKS
from selfheal.model.schema import Schema
from selfheal.model.share_errors import share_errors

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class SuffixShares:
    """What was counted of c cells in suffixes of the newest rows.

    lengths: of the suffixes, rows
    rows:    (lengths, c) that a share is of: those with a value for levels, all for missing values;
             a part of them where others only repeat these
    shares:  (lengths, c) of them; 0 where there are none
    """

    lengths: Sequence[int]
    rows: Integers | Floats
    shares: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """The cells of a schema's f features, and what is expected of them.

    First the levels of each categorical feature, the unknown ones last; then the missing values of
    each feature.

    schema:   whose features they are
    shares:   (c,) expected
    rows:     (c,) of one sample that is as uncertain; infinite for shares that are known, 0 for
              levels of a feature that never had a value
    wander:   (len(BLOCKS), c), how far blocks of clean rows stray
    features: (c,) int64, the feature of each cell
    """

    schema: Schema
    shares: Floats
    rows: Floats
    wander: Floats
    features: Integers = field(init=False, repr=False)
    _first: Integers = field(init=False, repr=False)
    _levels: Integers = field(init=False, repr=False)
    _chances: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        columns, every = self.schema.categorical, np.arange(len(self.schema.features))
        levels = np.array([len(kind.levels) + 1 for _, kind in self.schema.categories], np.int64)
        of_level = np.repeat(columns, levels)
        object.__setattr__(self, "features", np.concatenate([of_level, every]))
        object.__setattr__(self, "_levels", levels)
        object.__setattr__(self, "_first", levels.cumsum() - levels)
        chances = np.concatenate([np.repeat(levels, levels), np.ones(len(every))])
        object.__setattr__(self, "_chances", 0.5 * np.log(chances))

    def measured(self, shares: Floats, rows: int) -> "Cells":
        """The same cells, with shares (c,) that were measured on so many other rows.

        In a part of a day, perhaps, and they are tested in another one: both may stray.
        """
        missing = shares[len(shares) - len(self.schema.features) :]
        present = rows * (1.0 - missing[self.features])
        present[len(shares) - len(missing) :] = rows
        return Cells(self.schema, shares, present, self.wander + self.stray([rows]))

    def codes(self, values: Floats) -> Integers:
        """(n, categorical) int64: the cell of each category of raw values (n, f).

        One past the cells of all levels where it is missing.
        """
        columns = values[:, self.schema.categorical]
        cells = np.where(np.isnan(columns), self._levels.sum(), columns + self._first)
        return cells.astype(np.int64)

    def counted(self, codes: Integers, present: Integers, lengths: Sequence[int]) -> SuffixShares:
        """The shares in suffixes of these lengths, rows, ascending, each at most n.

        codes:   (n, categorical) as `codes` gives them, the newest row last
        present: (lengths, k) values that each numeric feature has there
        """
        levels = self._counts(codes, lengths)
        rows = np.repeat(np.array(lengths, dtype=np.int64)[:, None], len(self.features), axis=1)
        cells = len(self.features) - len(self.schema.features)
        filled = rows[:, cells:].copy()
        filled[:, self.schema.numeric] = present
        if cells:
            own = np.add.reduceat(levels, self._first, axis=1)
            filled[:, self.schema.categorical] = own
            rows[:, :cells] = np.repeat(own, self._levels, axis=1)
        hits = np.concatenate([levels, rows[:, cells:] - filled], axis=1)
        return SuffixShares(lengths, rows, hits / np.maximum(rows, 1))

    def _counts(self, codes: Integers, lengths: Sequence[int]) -> Integers:
        """(lengths, cells of levels) rows of each suffix."""
        cells = len(self.features) - len(self.schema.features)
        counts = np.empty((len(lengths), cells), dtype=np.int64)
        newer = 0
        for place, length in enumerate(lengths):
            part = codes[len(codes) - length : len(codes) - newer]
            counts[place] = np.bincount(part.ravel(), minlength=cells + 1)[:cells]
            newer = length
        return counts.cumsum(axis=0)

    def changes(self, found: SuffixShares) -> Floats:
        """(lengths, c) how much each share differs from the expected one; 0 without any row."""
        is_known = np.minimum(found.rows, self.rows) > 0
        return np.where(is_known, np.abs(found.shares - self.shares), 0.0)

    def errors(self, found: SuffixShares, small: float = 0.0) -> Floats:
        """(lengths, c) the same in errors, in the unit of K-S distances (`share_errors`).

        From the nearest share that a part of a clean day may have, or that is no more than `small`
        away. A feature with many levels has as many chances to differ, so that each counts for
        less.
        """
        usual = self.stray(found.lengths) + small
        is_far = self.changes(found) > usual  # nearly none, of many: the others are 0 errors away
        suffix, cell = np.nonzero(is_far)
        own, expected = found.shares[suffix, cell], self.shares[cell]
        nearest = own.clip(expected - usual[suffix, cell], expected + usual[suffix, cell])
        chance = share_errors(own, found.rows[suffix, cell], nearest, self.rows[cell])
        errors = np.zeros(is_far.shape)
        errors[suffix, cell] = np.sqrt(np.maximum(chance**2 - self._chances[cell], 0.0))
        return errors

    def stray(self, lengths: Sequence[float]) -> Floats:
        """(lengths, c) how far clean blocks of so many rows stray."""
        place = np.interp(lengths, BLOCKS, np.arange(len(BLOCKS)))
        before = place.astype(np.int64).clip(max=len(BLOCKS) - 2)
        share = (place - before)[:, None]
        return (1.0 - share) * self.wander[before] + share * self.wander[before + 1]


@lru_cache(maxsize=64)
def expected_cells(model: Model, prior: float) -> Cells:
    """What clean rows have under a prior in [0, 1]. Kept: a test of the stream asks again."""
    schema, reference = model.schema, model.reference
    rows = reference.distinct[:, None].astype(np.float64)
    present = rows * (1.0 - reference.missing)  # (2, f)
    of_levels = (
        shares_under(prior, reference.categories[i], present[:, column])
        for i, (column, _) in enumerate(schema.categories)
    )
    of_missing = (
        shares_under(prior, np.stack([1.0 - share, share], axis=1), rows[:, 0])
        for share in reference.missing.T
    )
    levels, missing = list(of_levels), list(of_missing)
    return Cells(
        schema=schema,
        shares=np.concatenate(
            [*(np.nan_to_num(each.shares) for each in levels), [m.shares[1] for m in missing]]
        ),
        rows=np.concatenate(
            [*(np.full(len(s.shares), s.rows) for s in levels), [m.rows for m in missing]]
        ),
        wander=reference.share_wander,
    )


def own_shares(schema: Schema, values: Floats) -> Floats:
    """(c,) shares of the cells in raw values (n, f), n >= 1; 0 for levels that no row has."""
    nothing = np.zeros(len(schema.features) + sum(len(k.levels) + 1 for _, k in schema.categories))
    cells = Cells(schema, nothing, nothing, np.zeros((len(BLOCKS), len(nothing))))
    present = np.count_nonzero(~np.isnan(values[:, schema.numeric]), axis=0)
    return cells.counted(cells.codes(values), present[None, :], [len(values)]).shares[0]
