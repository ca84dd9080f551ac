"""Has a model become worse than it was? Its losses on late labels, beside those on earlier ones."""

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from healer.betting import Wager
from healer.duel import LARGEST_LOSS

Floats: TypeAlias = NDArray[np.float64]

BASELINE_LABELS = 100
"""Fewest labels by whose loss a decline is judged; later the first half of all."""

SMALLEST_DECLINE = 0.02
"""Rise of the log-loss, nat a row, from which what serves has declined."""

_LONGEST_BASELINE = 4000
"""Labels from which a longer baseline is no better."""

_BASELINE_ERRORS = 1.0
"""Standard errors by which the baseline may have come out too well by chance."""


@dataclass(frozen=True, slots=True, eq=False)
class Decline:
    """The bet that the losses have risen.

    baseline: (n,) float64, the first losses
    wager:    on the later ones
    """

    baseline: Floats = field(default_factory=lambda: np.zeros(0))
    wager: Wager = field(default_factory=Wager)

    def after(self, losses: Floats) -> "Decline":
        """With more losses (n,), each compared with the first half of those before it."""
        seen = min(len(self.baseline), BASELINE_LABELS) + self.wager.labels
        known = np.concatenate([self.baseline, losses])[:_LONGEST_BASELINE]
        place = np.arange(seen, seen + len(losses))
        is_later = place >= BASELINE_LABELS
        half = (place[is_later] // 2).clip(BASELINE_LABELS, _LONGEST_BASELINE)
        rises = losses[is_later] - _highest_means(known)[half - 1] - SMALLEST_DECLINE
        return Decline(known, self.wager.after(rises / LARGEST_LOSS))


def _highest_means(losses: Floats) -> Floats:
    """(n,) what the mean of the first losses may be in truth, for every number of them."""
    counts = np.arange(1, len(losses) + 1)
    means = np.cumsum(losses) / counts
    variances = np.maximum(np.cumsum(losses**2) / counts - means**2, 0.0)
    return means + _BASELINE_ERRORS * np.sqrt(variances / counts)
