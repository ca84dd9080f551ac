"""The newest rows in the bins of the serving version's regime, kept from test to test.

What a row looks like to the regime does not change while a version serves: only rows that are new
are aligned and looked up.
"""

from dataclasses import dataclass, field

import numpy as np

from healer.evidence import Integers
from healer.policy import Evidence
from healer.regime import Regime, mixtures_of, seen_in
from selfheal.drift.binned_ks import Bins


@dataclass(frozen=True, slots=True, eq=False)
class RegimeRows:
    """Rows in the order in which they became known, the newest last.

    epoch:    of the pointer whose regime and adapter they are seen by; -1 before the first
    seen:     samples that had come by then
    bins:     of the k numeric features
    codes:    (n, k) int64, their bins
    event_ms: (n,) int64
    """

    epoch: int = -1
    seen: int = 0
    bins: Bins = field(default_factory=lambda: Bins.of(()))
    codes: Integers = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    event_ms: Integers = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def since(self, event_ms: int) -> tuple[Integers, Integers]:
        """Codes (m, k) and times (m,) of what happened then or later, the oldest first."""
        codes, times = self.codes, self.event_ms
        if not bool((times[1:] >= times[:-1]).all()):
            order = np.argsort(times, kind="stable")
            codes, times = codes[order], times[order]
        first = int(times.searchsorted(event_ms))
        return codes[first:], times[first:]

    def count_since(self, event_ms: int) -> int:
        """How many of the rows happened then or later."""
        return int(np.count_nonzero(self.event_ms >= event_ms))


def regime_rows(before: RegimeRows, regime: Regime | None, evidence: Evidence) -> RegimeRows:
    """The newest rows of the window, as many as a heal may learn from.

    before: of the last test; what it has of the same epoch is not looked up again
    """
    window, most, served = evidence.window, evidence.settings.window_rows, evidence.served
    if before.epoch != served.epoch:
        bins = Bins.of(mixtures_of(regime, evidence.model))
        codes = np.zeros((0, len(bins.ends)), dtype=np.int64)
        before = RegimeRows(served.epoch, bins=bins, codes=codes)
    rows = window.newest(min(most, window.samples_seen - before.seen))
    seen = seen_in(rows.values, regime, served.adapter, evidence.model)
    kept = slice(max(0, len(before.codes) + len(rows) - most), None)
    return RegimeRows(
        epoch=served.epoch,
        seen=window.samples_seen,
        bins=before.bins,
        codes=np.concatenate([before.codes[kept], before.bins.codes(seen)]),
        event_ms=np.concatenate([before.event_ms[kept], rows.event_ms]),
    )
