"""Counts and moments of all traffic: what summaries of many scorers add up to, as arrays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from selfheal.drift.moments import ColumnMoments
from selfheal.model.columns import BINS
from selfheal.model.errors import FeatureError
from selfheal.model.model import Model
from selfheal.records.feedback import Moments, Summary

Integers: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Totals:
    """Sums over f features, k of them numeric, and the l layers of the reference.

    rows, conflicts:  transactions
    first_ms, last_ms: event time of the oldest and of the newest; 0 without rows
    bins (k, 20), score_bins (20,): int64 counts of aligned values, and of the active logit
    missing (f,):     int64
    categories:       for each categorical feature (levels + 1,), the last of all unknown levels
    moments:          of the k raw numeric features
    layers:           of the activation level of each layer, in the order of the network
    """

    rows: int
    conflicts: int
    first_ms: int
    last_ms: int
    bins: Integers
    score_bins: Integers
    missing: Integers
    categories: tuple[Integers, ...]
    moments: ColumnMoments
    layers: ColumnMoments

    def merged(self, other: "Totals") -> "Totals":
        """Both together; in any order and grouping the same, but for rounding of the moments."""
        some = [totals for totals in (self, other) if totals.rows]
        return Totals(
            rows=self.rows + other.rows,
            conflicts=self.conflicts + other.conflicts,
            first_ms=min((totals.first_ms for totals in some), default=0),
            last_ms=max((totals.last_ms for totals in some), default=0),
            bins=self.bins + other.bins,
            score_bins=self.score_bins + other.score_bins,
            missing=self.missing + other.missing,
            categories=tuple(a + b for a, b in zip(self.categories, other.categories, strict=True)),
            moments=self.moments.merged(other.moments),
            layers=self.layers.merged(other.layers),
        )


def no_totals(model: Model) -> Totals:
    """Totals of no traffic."""
    schema = model.schema
    numeric = len(schema.numeric)
    return Totals(
        rows=0,
        conflicts=0,
        first_ms=0,
        last_ms=0,
        bins=np.zeros((numeric, BINS), dtype=np.int64),
        score_bins=np.zeros(BINS, dtype=np.int64),
        missing=np.zeros(len(schema.features), dtype=np.int64),
        categories=tuple(
            np.zeros(len(kind.levels) + 1, dtype=np.int64) for _, kind in schema.categories
        ),
        moments=ColumnMoments.empty(numeric),
        layers=ColumnMoments.empty(len(layer_names(model))),
    )


def layer_names(model: Model) -> tuple[str, ...]:
    """The layers that the reference knows, in the order of the network."""
    return tuple(name for name in model.layers if name in model.reference.layers)


def totals_of(summary: Summary, model: Model) -> Totals:
    """A summary's counts in the order of the model's schema.

    A layer that the summary does not name has no rows. Raises FeatureError for a feature that is
    absent, or whose bins are not 20: the scorer has another model.
    """
    schema = model.schema
    numeric = schema.numeric_names
    _require(summary.bins, numeric)
    _require(summary.moments, numeric)
    _require(summary.missing, schema.names)
    _require(summary.categories, [schema.names[column] for column, _ in schema.categories])
    bins = [_bins(name, summary.bins[name]) for name in numeric]
    return Totals(
        rows=summary.rows,
        conflicts=summary.conflicts,
        first_ms=summary.first_event_ms,
        last_ms=summary.last_event_ms,
        bins=np.array(bins, dtype=np.int64).reshape(-1, BINS),
        score_bins=np.array(_bins("score", summary.score_bins), dtype=np.int64),
        missing=np.array([summary.missing[name] for name in schema.names], dtype=np.int64),
        categories=tuple(
            _levels(schema.names[column], (*kind.levels, ""), summary)
            for column, kind in schema.categories
        ),
        moments=_columns([summary.moments[name] for name in numeric]),
        layers=_columns([summary.layers.get(name) for name in layer_names(model)]),
    )


def _require(found: Mapping[str, object], wanted: Iterable[str]) -> None:
    for name in wanted:
        if name not in found:
            raise FeatureError(name, "absent in a summary", "a scorer of the same model")


def _bins(name: str, counts: list[int]) -> list[int]:
    if len(counts) != BINS:
        raise FeatureError(name, f"{len(counts)} bins in a summary", f"{BINS}")
    return counts


def _levels(name: str, levels: tuple[str, ...], summary: Summary) -> Integers:
    counts = summary.categories[name]
    for level in levels:
        if level not in counts:
            raise FeatureError(name, "a level is absent in a summary", "a scorer of the same model")
    return np.array([counts[level] for level in levels], dtype=np.int64)


def _columns(records: Sequence[Moments | None]) -> ColumnMoments:
    """None stands for no rows."""
    known = [record or Moments(0, 0.0, 0.0) for record in records]
    return ColumnMoments(
        count=np.array([record.count for record in known], dtype=np.int64),
        mean=np.array([record.mean for record in known], dtype=np.float64),
        squared_deviation=np.array([r.squared_deviation for r in known], dtype=np.float64),
        lowest=np.array([r.lowest for r in known], dtype=np.float64),
        highest=np.array([r.highest for r in known], dtype=np.float64),
    )
