"""Has a model become worse than it was? Its losses on late labels, beside those on earlier ones."""

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from healer.betting import Wager
from healer.duel import LARGEST_LOSS

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

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

    sums:    (n,) float64, of the first loss, of the first two, and so on
    squares: (n,) float64, the same of the squared losses
    wager:   on the later ones
    """

    sums: Floats = field(default_factory=lambda: np.zeros(0))
    squares: Floats = field(default_factory=lambda: np.zeros(0))
    wager: Wager = field(default_factory=Wager)

    def after(self, losses: Floats) -> "Decline":
        """With more losses (n,), each compared with the first half of those before it."""
        seen = min(len(self.sums), BASELINE_LABELS) + self.wager.labels
        sums, squares = _continued(self.sums, losses), _continued(self.squares, losses**2)
        place = np.arange(seen, seen + len(losses))
        is_later = place >= BASELINE_LABELS
        half = (place[is_later] // 2).clip(BASELINE_LABELS, _LONGEST_BASELINE)
        highest = _highest_mean(half, sums[half - 1], squares[half - 1])
        rises = losses[is_later] - highest - SMALLEST_DECLINE
        return Decline(sums, squares, self.wager.after(rises / LARGEST_LOSS))


def _continued(sums: Floats, more: Floats) -> Floats:
    """The running sums with more summands, as far as a baseline goes."""
    last, room = sums[-1:], _LONGEST_BASELINE - len(sums)
    following = np.cumsum(np.concatenate([last, more[:room]]))[len(last) :]
    return np.concatenate([sums, following])


def _highest_mean(count: Integers, total: Floats, squares: Floats) -> Floats:
    """What the mean may be in truth of so many losses, of which these are the sums."""
    mean = total / count
    variance = np.maximum(squares / count - mean**2, 0.0)
    return mean + _BASELINE_ERRORS * np.sqrt(variance / count)
