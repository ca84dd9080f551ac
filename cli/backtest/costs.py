"""What decisions cost an operator, expected over a thousand rows. Pure."""

import tomllib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cli.plan_settings import PlanError

BLOCK_ROWS = 1_000
"""Rows whose reviews share one budget."""


@dataclass(frozen=True, slots=True)
class Costs:
    """A cost matrix, in any one currency.

    missed_fraud:    of a fraud that was let through, >= 0
    false_alarm:     of a legitimate row that was reviewed, >= 0
    review_capacity: greatest share of rows that can be reviewed, in [0, 1]: of each 1,000 rows
                     those with the highest scores; the others are let through
    """

    missed_fraud: float
    false_alarm: float
    review_capacity: float = 1.0

    def per_1000(
        self, labels: NDArray[np.int8], scores: NDArray[np.float64], called: NDArray[np.bool_]
    ) -> float | None:
        """Expected cost of 1,000 rows in their order; None for no rows.

        labels: (n,) 0 or 1; scores: (n,), which alarms go first; called: (n,) the alarms
        """
        if not len(labels):
            return None
        reviewed = np.zeros(len(labels), dtype=np.bool_)
        for first in range(0, len(labels), BLOCK_ROWS):
            block = slice(first, first + BLOCK_ROWS)
            alarms = np.flatnonzero(called[block])
            budget = int(self.review_capacity * len(labels[block]))
            if len(alarms) > budget:
                order = np.argsort(-scores[block][alarms], kind="stable")
                alarms = alarms[order[:budget]]
            reviewed[first + alarms] = True
        missed = int(np.count_nonzero(~reviewed & (labels == 1)))
        false = int(np.count_nonzero(reviewed & (labels == 0)))
        return 1000.0 * (self.missed_fraud * missed + self.false_alarm * false) / len(labels)


_NAMES = ("missed_fraud", "false_alarm", "review_capacity")


def read_costs(text: str, place: str) -> Costs:
    r"""The costs in a TOML text; `place` is the file's name, for errors. Raises PlanError.

    >>> read_costs("missed_fraud = 5000\nfalse_alarm = 15", "costs.toml").review_capacity
    1.0
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PlanError(f"{place}: not TOML: {error}") from None
    for name in found:
        if name not in _NAMES:
            raise PlanError(f"{place}: {name}: no such cost, expected {', '.join(_NAMES)}")
    for name in _NAMES[:2]:
        if name not in found:
            raise PlanError(f"{place}: {name}: missing, expected a number of 0 or more")
    for name, value in found.items():
        highest = 1.0 if name == "review_capacity" else float("inf")
        if not _is_number(value) or not 0.0 <= value <= highest or value == float("inf"):
            expected = "a share from 0 to 1" if highest == 1.0 else "a number of 0 or more"
            raise PlanError(f"{place}: {name}: is {value!r}, expected {expected}")
    return Costs(**{name: float(value) for name, value in found.items()})


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
