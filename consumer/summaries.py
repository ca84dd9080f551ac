"""Counts and moments over all traffic of a scorer, in a few kB, mergeable by addition."""

from dataclasses import dataclass

import numpy as np

from consumer.live import Live
from consumer.scoring import Scored
from consumer.spaced_rows import SpacedRows
from selfheal.drift.moments import ColumnMoments, moments
from selfheal.model.calibration import activation_level
from selfheal.model.columns import BINS, bin_counts
from selfheal.model.schema import Categorical
from selfheal.records.feedback import Moments, Summary

LAYER_ROWS = 256
"""Rows of a summary, at most, whose layers are looked at: they pass through the network again."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What the shell knows of the stream: transactions a second, and records not yet scored."""

    rate_per_s: float
    lag_records: int


class SummaryBuilder:
    """Adds up scored batches of one adapter version; `build` gives the summary of what was added.

    Make a new one after each summary and at each swap: a summary never spans two versions.
    """

    def __init__(self, instance: str, live: Live) -> None:
        schema, reference = live.model.schema, live.model.reference
        self._instance, self._live = instance, live
        self._edges, self._logit_edges = reference.edges, reference.logit_edges
        self._bins = np.zeros((len(schema.numeric), BINS), dtype=np.int64)
        self._score_bins = np.zeros(BINS, dtype=np.int64)
        self._missing = np.zeros(len(schema.features), dtype=np.int64)
        self._moments = ColumnMoments.empty(len(schema.numeric))
        self._categories = {
            int(index): np.zeros(len(_levels(live, int(index))) + 1, dtype=np.int64)
            for index in schema.categorical
        }
        self._layer_rows = SpacedRows(LAYER_ROWS, len(schema.features))
        self._first_ms, self._last_ms = 0, 0
        self.rows = 0
        self._conflicts = 0

    def add(self, scored: Scored) -> None:
        """Count one batch. An empty batch changes nothing."""
        if not len(scored.transactions):
            return
        self._count_rows(scored)
        values = scored.transactions.values
        numeric = self._live.model.schema.numeric
        missing = np.isnan(values)
        self._missing += missing.sum(axis=0)
        self._moments = self._moments.merged(moments(values[:, numeric]))
        self._layer_rows.add(values)
        # Sorted values find their bins in half the time, sorting included; NaN goes to the end.
        columns = np.sort(scored.aligned[:, numeric].T, axis=1)
        for position, column in enumerate(columns):
            self._bins[position] += bin_counts(column, self._edges[position])
        self._score_bins += bin_counts(scored.logit, self._logit_edges)
        for index in self._categories:
            codes = values[~missing[:, index], index].astype(np.int64)
            levels = len(self._categories[index])
            self._categories[index] += np.bincount(codes, minlength=levels)

    def build(self, traffic: Traffic) -> Summary:
        """The summary of everything added so far."""
        schema = self._live.model.schema
        names = schema.numeric_names
        return Summary(
            instance=self._instance,
            version=self._live.version,
            epoch=self._live.epoch,
            first_event_ms=self._first_ms,
            last_event_ms=self._last_ms,
            rows=self.rows,
            bins={name: row.tolist() for name, row in zip(names, self._bins, strict=True)},
            score_bins=self._score_bins.tolist(),
            moments=dict(zip(names, _records(self._moments), strict=True)),
            missing=dict(zip(schema.names, self._missing.tolist(), strict=True)),
            categories={
                schema.names[index]: self._level_counts(index) for index in self._categories
            },
            conflicts=self._conflicts,
            rate_per_s=traffic.rate_per_s,
            lag_records=traffic.lag_records,
            layers=self._layers(),
        )

    def _count_rows(self, scored: Scored) -> None:
        event_ms = scored.transactions.event_ms
        first, last = int(event_ms.min()), int(event_ms.max())
        self._first_ms = min(self._first_ms, first) if self.rows else first
        self._last_ms = max(self._last_ms, last)
        self.rows += len(scored.transactions)
        self._conflicts += int(scored.conflict.sum())

    def _layers(self) -> dict[str, Moments]:
        """Of the active network, adapter included, on the rows that were set aside."""
        if not self.rows:
            return {}
        with np.errstate(over="ignore", invalid="ignore"):  # such a level is left out
            hidden = self._live.compiled.layers(self._layer_rows.rows)
        levels = [moments(activation_level(h).reshape(-1, 1)) for h in hidden.values()]
        return dict(zip(hidden, (_records(level)[0] for level in levels), strict=True))

    def _level_counts(self, index: int) -> dict[str, int]:
        levels = (*_levels(self._live, index), "")
        return dict(zip(levels, self._categories[index].tolist(), strict=True))


def _records(columns: ColumnMoments) -> list[Moments]:
    """One record a column."""
    return [
        Moments(
            count=int(columns.count[i]),
            mean=float(columns.mean[i]),
            squared_deviation=float(columns.squared_deviation[i]),
            lowest=_known(columns.lowest[i]),
            highest=_known(columns.highest[i]),
        )
        for i in range(len(columns.count))
    ]


def _known(value: float) -> float | None:
    """JSON has no NaN: what was never there is null."""
    return None if np.isnan(value) else float(value)


def _levels(live: Live, index: int) -> tuple[str, ...]:
    feature = live.model.schema.features[index]
    return feature.levels if isinstance(feature, Categorical) else ()
