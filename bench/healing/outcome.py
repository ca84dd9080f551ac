"""What came of one stream of other rows: figures after the onset, and what targets ask about."""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.healing.report import Case

GAP, WON = "gap", "won"
"""Measures: accuracy from frozen to ceiling, and what of it healing wins; after the onset."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One source under one drift.

    case:     figures of the rows after the onset, of all rows where nothing drifts
    gain:     accuracy over the frozen model's, whole stream
    measures: by name, of this stream
    """

    case: Case
    gain: float
    measures: Mapping[str, float]


def pooled_share(outcomes: list[Outcome]) -> float:
    """Share of the gaps that was won, over all sources: a tiny gap weighs as little as it is.

    nan where there is no gap at all.
    """
    gap = sum(outcome.measures[GAP] for outcome in outcomes)
    won = sum(outcome.measures[WON] for outcome in outcomes)
    return won / gap if gap > 0.0 else float("nan")
