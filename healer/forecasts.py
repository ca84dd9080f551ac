"""What was expected of rows before their labels were known, until the labels come.

Bounded: the newest rows wait for labels, the newest pairs of both tell the error.
"""

from dataclasses import dataclass, fields, replace

import numpy as np

from healer.evidence import Floats, Integers, Rows
from healer.performance_estimate import Flags

_WAITING_ROWS = 50_000
"""Newest rows whose labels may still come."""

_PAIRS = 2_000
"""Newest rows of which both is known."""


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """Of n rows, in the order in which they became known.

    order, epoch, weight: as of `Rows`
    logit:         (n,) float64, as served
    probability:   (n,) calibrated P(fraud), when it was said
    called:        (n,) bool, the decision as served; shadow_called: of the backbone alone
    label:         (n,) 1 fraud, 0 legitimate, NaN not known
    """

    order: Integers
    epoch: Integers
    weight: Floats
    logit: Floats
    probability: Floats
    called: Flags
    shadow_called: Flags
    label: Floats

    def __len__(self) -> int:
        return len(self.order)

    def part(self, chosen: slice | Flags) -> "Forecast":
        """The chosen rows alone."""
        return Forecast(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def newest(self, rows: int) -> "Forecast":
        """The last so many; all where there are fewer."""
        return self.part(slice(max(0, len(self) - rows), None))

    def followed_by(self, other: "Forecast", most: int) -> "Forecast":
        """Both, the newest `most` rows of them."""
        names = [field.name for field in fields(self)]
        joined = (np.concatenate([getattr(self, n), getattr(other, n)]) for n in names)
        return Forecast(*joined).newest(most)


_whole, _real, _flags = np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=np.bool_)
NO_FORECAST = Forecast(_whole, _whole, _real, _real, _real, _flags, _flags, _real)


@dataclass(frozen=True, slots=True, eq=False)
class Forecasts:
    """All that is remembered.

    waiting: rows that had no label when they were judged, ascending in order; those that got one
             since stay, as to copy all others for it takes a hundred times as long
    paired:  labelled ones, as the labels came; pairs: so many have there been since the start
    """

    waiting: Forecast = NO_FORECAST
    paired: Forecast = NO_FORECAST
    pairs: int = 0

    def made(self, forecast: Forecast) -> "Forecasts":
        """With rows more, newer than all before. A label that came first was not used for it."""
        is_known = ~np.isnan(forecast.label)
        waiting = self.waiting.followed_by(forecast.part(~is_known), _WAITING_ROWS)
        return self._with_pairs(waiting, forecast.part(is_known))

    def met(self, labelled: Rows) -> "Forecasts":
        """With labels that have come; of rows of which nothing was said they are left out."""
        waiting = self.waiting
        if not len(labelled) or not len(waiting):
            return self
        place = np.searchsorted(waiting.order, labelled.order).clip(0, len(waiting) - 1)
        is_there = waiting.order[place] == labelled.order
        paired = replace(waiting.part(place[is_there]), label=labelled.label[is_there])
        return self._with_pairs(waiting, paired)

    def _with_pairs(self, waiting: Forecast, paired: Forecast) -> "Forecasts":
        joined = self.paired.followed_by(paired, _PAIRS)
        return Forecasts(waiting, joined, self.pairs + len(paired))
