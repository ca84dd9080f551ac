"""The newest rows in the bins and cells of the serving version's regime, kept from test to test.

What a row looks like to the regime does not change while a version serves: only rows that are new
are aligned and looked up.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from healer.evidence import Integers
from healer.policy import Evidence
from healer.regime import Regime, cells_of, mixtures_of, seen_in
from selfheal.drift.binned_ks import Bins
from selfheal.drift.binned_shares import Cells


@dataclass(frozen=True, slots=True, eq=False)
class RegimeRows:
    """Rows in the order in which they became known, the newest last.

    epoch:    of the pointer whose regime and adapter they are seen by; -1 before the first
    seen:     samples that had come by then
    bins:     of the k numeric features
    cells:    of the levels and missing values of all features; None before the first rows
    codes:    (n, k) int64, the bins of the numeric features
    levels:   (n, categorical features) int64, the cells of the others
    event_ms: (n,) int64
    """

    epoch: int = -1
    seen: int = 0
    bins: Bins = field(default_factory=lambda: Bins.of(()))
    cells: Cells | None = None
    codes: Integers = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    levels: Integers = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    event_ms: Integers = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def since(self, event_ms: int) -> tuple[Integers, Integers, Integers]:
        """Codes, levels and times (m,) of what happened then or later, the oldest first."""
        codes, levels, times = self.codes, self.levels, self.event_ms
        if not bool((times[1:] >= times[:-1]).all()):
            order = np.argsort(times, kind="stable")
            codes, levels, times = codes[order], levels[order], times[order]
        first = int(times.searchsorted(event_ms))
        return codes[first:], levels[first:], times[first:]

    def count_since(self, event_ms: int) -> int:
        """How many of the rows happened then or later."""
        return int(np.count_nonzero(self.event_ms >= event_ms))


def regime_rows(before: RegimeRows, regime: Regime | None, evidence: Evidence) -> RegimeRows:
    """The newest rows of the window, as many as a heal may learn from.

    before: of the last test; what it has of the same epoch is not looked up again
    """
    window, most, served = evidence.window, evidence.settings.window_rows, evidence.served
    cells = before.cells
    if before.epoch != served.epoch or cells is None:
        cells = cells_of(regime, evidence.model)
        before = _none_yet(regime, cells, evidence)
    rows = window.newest(min(most, window.samples_seen - before.seen))
    seen = seen_in(rows.values, regime, served.adapter, evidence.model)
    kept = slice(max(0, len(before.codes) + len(rows) - most), None)
    return replace(
        before,
        seen=window.samples_seen,
        codes=np.concatenate([before.codes[kept], before.bins.codes(seen)]),
        levels=np.concatenate([before.levels[kept], cells.codes(rows.values)]),
        event_ms=np.concatenate([before.event_ms[kept], rows.event_ms]),
    )


def _none_yet(regime: Regime | None, cells: Cells, evidence: Evidence) -> RegimeRows:
    """No row so far, and all that rows are looked up in."""
    schema, bins = evidence.model.schema, Bins.of(mixtures_of(regime, evidence.model))
    return RegimeRows(
        evidence.served.epoch,
        bins=bins,
        cells=cells,
        codes=np.zeros((0, len(schema.numeric)), dtype=np.int64),
        levels=np.zeros((0, len(schema.categorical)), dtype=np.int64),
    )
