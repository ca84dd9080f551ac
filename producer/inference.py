"""Which features the columns of a file make, where no schema says so."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from producer.columns import Column, codes, is_numeric, is_text, is_time, numbers, texts
from producer.rows import Floats
from selfheal.model.schema import Categorical, Feature, Numeric

MAX_LEVELS = 50
"""Levels of a categorical feature that is found in a file; rarer ones count as unknown."""

IDENTIFIER_SHARE = 0.5
"""Text with more distinct values than this share of its rows tells rows apart, not classes."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column that became no feature; `why` follows its name in a sentence."""

    name: str
    why: str


@dataclass(frozen=True, slots=True, eq=False)
class Inferred:
    """Features and their raw values (n, features), and the columns that became none."""

    features: tuple[Feature, ...]
    values: Floats
    left_out: tuple[LeftOut, ...]


def infer_features(columns: Mapping[str, Column], categorical: frozenset[str]) -> Inferred:
    """Numbers and booleans become numeric, text categorical with its levels by frequency.

    columns:     those that may be features, all of the same length > 0
    categorical: those whose numbers are codes of categories
    Left out are columns that hold nothing, that never change, that hold times, lists or bytes, that
    have no name, and text that is different in nearly every row. Values are (n, 0) where nothing
    is left.
    """
    found: list[tuple[Feature, Floats]] = []
    left_out: list[LeftOut] = []
    for name, column in columns.items():
        made = _feature(column, is_code=name in categorical)
        if isinstance(made, str):
            left_out.append(LeftOut(name, made))
        else:
            found.append(made)
    rows = max((len(column) for column in columns.values()), default=0)
    values = np.column_stack([np.empty((rows, 0)), *(values for _, values in found)])
    return Inferred(tuple(feature for feature, _ in found), values, tuple(left_out))


def coded(column: Column, feature: Feature) -> Floats:
    """(n,) raw values of a column that is this feature. Raises SourceError for other types."""
    if isinstance(feature, Numeric):
        return numbers(column)
    return codes(column, feature.levels)


def _feature(column: Column, *, is_code: bool) -> tuple[Feature, Floats] | str:
    """The feature and its values, or why there is none."""
    if not column.name:
        return "has no name"
    if is_time(column):
        return "holds times"
    if not is_code and is_numeric(column):
        return _numeric(column)
    if not is_text(column):
        return "holds neither numbers nor text"
    return _categorical(column, is_code=is_code)


def _numeric(column: Column) -> tuple[Feature, Floats] | str:
    values = numbers(column)
    distinct = np.unique(values)
    if np.isnan(distinct).all():
        return "holds nothing"
    if len(distinct) == 1:
        return "never changes"
    return Numeric(column.name), values


def _categorical(column: Column, *, is_code: bool) -> tuple[Feature, Floats] | str:
    found = Counter(texts(column))
    rows = found.total()
    absent = found.pop(None, 0)
    if not found:
        return "holds nothing"
    if len(found) == 1 and not absent:
        return "never changes"
    if not is_code and len(found) > max(MAX_LEVELS, IDENTIFIER_SHARE * rows):
        return "is different in nearly every row"
    by_frequency = sorted(found, key=lambda level: (-found[level], level or ""))
    levels = tuple(level for level in by_frequency[:MAX_LEVELS] if level)
    feature = Categorical(column.name, levels)
    return feature, coded(column, feature)
