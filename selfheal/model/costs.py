"""What decisions cost an operator, and the probability from which an alarm is worth its price.

Source: Elkan 2001, The foundations of cost-sensitive learning, IJCAI. What is right costs nothing
here: a fraud that was found and a legitimate row that was let through.
"""

import tomllib
from dataclasses import dataclass
from math import isfinite
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from selfheal.model.arrays import Float64
from selfheal.model.errors import CostsError

Flags: TypeAlias = NDArray[np.bool_]

BLOCK_ROWS = 1_000
"""Rows whose reviews share one budget."""

_PRICES = ("missed_fraud", "false_alarm")
_NAMES = (*_PRICES, "review_capacity")


@dataclass(frozen=True, slots=True)
class Costs:
    """A cost matrix, in any one currency.

    missed_fraud:    of a fraud that was let through, >= 0
    false_alarm:     of a legitimate row that was reviewed, >= 0
    review_capacity: greatest share of rows that can be reviewed, in [0, 1]: of each 1,000 rows
                     those with the highest scores; the others are let through
    Raises CostsError for a number outside its range, and where nothing costs anything.

    >>> round(Costs(missed_fraud=5_000, false_alarm=200).threshold, 4)
    0.0385
    """

    missed_fraud: float
    false_alarm: float
    review_capacity: float = 1.0

    def __post_init__(self) -> None:
        for name in _PRICES:
            if not (isfinite(getattr(self, name)) and getattr(self, name) >= 0.0):
                found = getattr(self, name)
                raise CostsError(f"{name}: is {found!r}, expected a number of 0 or more")
        if not 0.0 <= self.review_capacity <= 1.0:
            found = self.review_capacity
            raise CostsError(f"review_capacity: is {found!r}, expected a share from 0 to 1")
        if self.missed_fraud == self.false_alarm == 0.0:
            raise CostsError("missed_fraud, false_alarm: both are 0, expected one that is more")

    @property
    def threshold(self) -> float:
        """P(fraud) from which an alarm is expected to cost no more than letting the row through.

        Of probabilities that are calibrated, and where nothing but costs decides (Elkan's eq. 2).
        """
        return self.false_alarm / (self.false_alarm + self.missed_fraud)

    def of_decisions(self, labels: ArrayLike, decisions: ArrayLike) -> Float64:
        """Cost of each decision as a share of the dearest mistake, (n,) in [0, 1].

        labels: (n,) 0 or 1; decisions: (n,) true for an alarm. The review capacity is left out:
        it limits how many alarms there are, not what one is worth.

        >>> Costs(5_000, 200).of_decisions([1, 0, 1], [False, True, True]).tolist()
        [1.0, 0.04, 0.0]
        """
        is_fraud, is_alarm = np.asarray(labels) > 0, np.asarray(decisions, dtype=np.bool_)
        cost = np.where(is_fraud & ~is_alarm, self.missed_fraud, 0.0)
        cost += np.where(~is_fraud & is_alarm, self.false_alarm, 0.0)
        return cost / max(self.missed_fraud, self.false_alarm)

    def per_1000(self, labels: ArrayLike, scores: Float64, called: Flags) -> float | None:
        """Expected cost of 1,000 rows in their order, as many reviewed as can be; None for no rows.

        labels: (n,) 0 or 1; scores: (n,), which alarms go first; called: (n,) the alarms
        """
        if not len(scores):
            return None
        is_fraud, is_reviewed = np.asarray(labels) > 0, self._reviewed(scores, called)
        missed = int(np.count_nonzero(is_fraud & ~is_reviewed))
        false = int(np.count_nonzero(~is_fraud & is_reviewed))
        return 1000.0 * (self.missed_fraud * missed + self.false_alarm * false) / len(scores)

    def _reviewed(self, scores: Float64, called: Flags) -> Flags:
        """(n,) the alarms that there is time for."""
        if self.review_capacity >= 1.0:
            return called
        reviewed = np.zeros(len(scores), dtype=np.bool_)
        for first in range(0, len(scores), BLOCK_ROWS):
            block = slice(first, first + BLOCK_ROWS)
            alarms = np.flatnonzero(called[block])
            budget = int(self.review_capacity * len(scores[block]))
            order = np.argsort(-scores[block][alarms], kind="stable")
            reviewed[first + alarms[order[:budget]]] = True
        return reviewed


def costs_toml(costs: Costs) -> str:
    """The costs as a TOML text that `read_costs` reads."""
    return "".join(f"{name} = {getattr(costs, name)!r}\n" for name in _NAMES)


def read_costs(text: str, place: str) -> Costs:
    r"""The costs in a TOML text; `place` is the file's name, for errors. Raises CostsError.

    >>> read_costs("missed_fraud = 5000\nfalse_alarm = 15", "costs.toml").review_capacity
    1.0
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CostsError(f"{place}: not TOML: {error}") from None
    for name in found:
        if name not in _NAMES:
            raise CostsError(f"{place}: {name}: no such cost, expected {', '.join(_NAMES)}")
    for name in _PRICES:
        if name not in found:
            raise CostsError(f"{place}: {name}: missing, expected a number of 0 or more")
    for name, value in found.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise CostsError(f"{place}: {name}: is {value!r}, expected a number")
    try:
        return Costs(**{name: float(value) for name, value in found.items()})
    except CostsError as error:
        raise CostsError(f"{place}: {error}") from None
