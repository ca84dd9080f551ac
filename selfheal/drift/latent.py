"""Drift of a layer's latents: K-S and PSI of each unit over a sliding window.

Source: the HealingAdapter article, which alarms at K-S p < 0.05 or by PSI. Over 64 units that is an
alarm at nearly every look, so here the rate is stated for the layer as a whole. Latents come from
`Compiled.layers`.
"""

from dataclasses import dataclass
from math import prod

import numpy as np

from selfheal.drift.alarms import AlarmBudget
from selfheal.drift.ks import critical_distance, standard_error
from selfheal.drift.ks_two_sample import ks_p_value, sorted_distance
from selfheal.drift.mixture import Floats
from selfheal.drift.psi import LARGE, psi, psi_limit, used_bins
from selfheal.drift.shares import Shares, observed_shares
from selfheal.model.arrays import AnyArray

PUBLISHED_P = 0.05
WINDOW_ROWS = 500
BINS = 10


@dataclass(frozen=True, slots=True, eq=False)
class _Unit:
    """One unit on clean rows: its values in order, deciles, and the shares between them."""

    ordered: Floats
    edges: Floats
    shares: Shares


@dataclass(frozen=True, slots=True)
class LatentDrift:
    """A window of latents against clean ones; h units.

    distance, unit: largest K-S distance and the unit that has it; p: of that unit alone
    psi, psi_unit:  largest index and its unit
    excess:         the larger of both over its limit, at the stated rate: an alarm above 1
    """

    rows: int
    distance: float
    unit: int
    p: float
    psi: float
    psi_unit: int
    excess: float

    @property
    def is_published_alarm(self) -> bool:
        """As the article has it: p < 0.05 for any unit, or an index above 0.25."""
        return self.p < PUBLISHED_P or self.psi > LARGE


class LatentMonitor:
    """Watches one layer.

    clean:      (m, ...) activations of clean rows; axes after the first are flattened to h units
    rows:       newest rows in the window
    run_length: looks at an unchanged stream between alarms, of all units together

    >>> rng = np.random.default_rng(0)
    >>> monitor = LatentMonitor(rng.normal(size=(2_000, 8)), rows=200)
    >>> monitor.update(rng.normal(size=(200, 8))).excess < 1.0
    True
    >>> monitor.update(rng.normal(1.0, size=(200, 8))).excess > 1.0
    True
    """

    def __init__(
        self, clean: AnyArray, rows: int = WINDOW_ROWS, run_length: float = 2_000.0
    ) -> None:
        self._units = [_unit(column) for column in _flat(clean).T]
        self._reference_rows = len(clean)
        self._rate = AlarmBudget(run_length, 2 * len(self._units)).rate
        self._rows = rows
        self._window = np.empty((0, len(self._units)))

    def update(self, latents: AnyArray) -> LatentDrift:
        """Slide the window over more rows (n, ...), the newest last, and look at all of it."""
        self._window = np.concatenate([self._window, _flat(latents)])[-self._rows :]
        rows = len(self._window)
        if not rows:
            return LatentDrift(0, 0.0, 0, 1.0, 0.0, 0, 0.0)
        columns = np.sort(self._window.T, axis=1)
        pairs = list(zip(columns, self._units, strict=True))
        distances = [sorted_distance(column, unit.ordered) for column, unit in pairs]
        indices = [psi(_counts(column, unit.edges), unit.shares) for column, unit in pairs]
        unit, psi_unit = int(np.argmax(distances)), int(np.argmax(indices))
        limits = [self._psi_limit(each, rows) for each in self._units]
        index_excess = max(i / limit for i, limit in zip(indices, limits, strict=True))
        error = standard_error(rows, self._reference_rows)
        return LatentDrift(
            rows=rows,
            distance=distances[unit],
            unit=unit,
            p=ks_p_value(distances[unit], rows, self._reference_rows),
            psi=indices[psi_unit],
            psi_unit=psi_unit,
            excess=max(distances[unit] / (critical_distance(self._rate) * error), index_excess),
        )

    def _psi_limit(self, unit: _Unit, rows: int) -> float:
        """A unit that is always silent has one bin: any index of it is beyond chance."""
        limit = psi_limit(self._rate, used_bins(unit.shares), rows, self._reference_rows)
        return limit or LARGE


def _unit(column: Floats) -> _Unit:
    ordered = np.sort(column)
    edges = np.unique(np.quantile(ordered, np.arange(1, BINS) / BINS))
    shares = Shares(observed_shares(_counts(ordered, edges)), float(len(ordered)))
    return _Unit(ordered, edges, shares)


def _counts(ordered: Floats, edges: Floats) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """How many ordered values each bin holds, the edge itself in the bin above it."""
    ends = np.concatenate(([0], np.searchsorted(ordered, edges, side="left"), [len(ordered)]))
    return np.diff(ends).astype(np.int64)


def _flat(latents: AnyArray) -> Floats:
    return latents.reshape(len(latents), prod(latents.shape[1:])).astype(np.float64)
