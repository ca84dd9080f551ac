"""From the rounds of a table, one a seed, to means, deviations and targets that are met or missed.

A table is judged seed by seed: a round gives the figures of everything that scored the same rows,
and the measures that targets are about. Pure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

Figures: TypeAlias = Mapping[str, float | None]
"""By name: accuracy, precision, recall, f1, auc_pr, log_loss, cost; None where not defined."""

Case: TypeAlias = Mapping[str, Figures]
"""Figures by who scored: always_majority, frozen, healed, and an oracle beside others."""

Sense: TypeAlias = Literal["at least", "at most"]
Over: TypeAlias = Literal["mean", "every seed"]


@dataclass(frozen=True, slots=True)
class Round:
    """One seed. cases: by what happened; measures: by name, NaN where there was nothing to say."""

    cases: Mapping[str, Case]
    measures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be reached.

    measure: name of a round's measure, which says in words what it is
    bound:   that the mean over the seeds must reach or not exceed, or every seed's measure
    """

    measure: str
    sense: Sense
    bound: float
    over: Over = "mean"


@dataclass(frozen=True, slots=True)
class HealingTable:
    """One of the tables.

    name:    "T1" to "T9", "C"
    measure: (seed, is_quick) -> its round
    targets: none where the table is there to be read
    """

    name: str
    title: str
    measure: Callable[[int, bool], Round]
    targets: tuple[Target, ...]


def summary(table: HealingTable, rounds: Sequence[Round]) -> dict[str, Any]:
    """A table over its rounds, at least one, for JSON: an undefined figure is None."""
    return {
        "title": table.title,
        "cases": {
            case: {
                who: {
                    figure: _spread([r.cases[case][who][figure] for r in rounds])
                    for figure in rounds[0].cases[case][who]
                }
                for who in rounds[0].cases[case]
            }
            for case in rounds[0].cases
        },
        "targets": [
            _outcome(target, [r.measures[target.measure] for r in rounds])
            for target in table.targets
            if target.measure in rounds[0].measures
        ],
    }


def _outcome(target: Target, found: Sequence[float]) -> dict[str, Any]:
    """`is_met` is None where no seed had anything to say."""
    known = [value for value in found if not np.isnan(value)]
    mean = float(np.mean(known)) if known else None
    worst = (min if target.sense == "at least" else max)(known, default=None)
    judged = worst if target.over == "every seed" else mean
    return {
        "measure": target.measure,
        "sense": target.sense,
        "bound": target.bound,
        "over": target.over,
        "is_met": None if judged is None else _reaches(judged, target),
        **_spread(found),
        "worst": worst,
        "seeds": [None if np.isnan(value) else float(value) for value in found],
    }


def _reaches(value: float, target: Target) -> bool:
    """Exactly at the bound counts as reached, whatever the last bits of a mean say."""
    gap = value - target.bound if target.sense == "at least" else target.bound - value
    return bool(gap > -1e-9)


def _spread(values: Sequence[float | None]) -> dict[str, float | None]:
    """Mean and standard deviation (over n) of what is defined."""
    known = [value for value in values if value is not None and not np.isnan(value)]
    if not known:
        return {"mean": None, "sd": None}
    return {"mean": float(np.mean(known)), "sd": float(np.std(known))}
