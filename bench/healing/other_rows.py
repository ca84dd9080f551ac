"""T8: rows that are not Gaussian, under every kind of drift; the table that counts for users."""

from collections.abc import Callable, Mapping
from functools import partial

from bench.healing.map_drifts import MAPS
from bench.healing.moving_inputs import (
    clean_stream,
    flipped_streams,
    map_stream,
    prior_stream,
    recurring_stream,
)
from bench.healing.outcome import GAP, Outcome, pooled_share
from bench.healing.report import HealingTable, Round, Target
from bench.healing.sources import SOURCES
from bench.healing.turning_relation import concept_stream, rotation_stream

ROWS, QUICK_ROWS = 20_000, 9_000

DRIFTS: Mapping[str, Callable[[str, int, int], Outcome]] = {
    "clean": clean_stream,
    **{name: partial(map_stream, name) for name in MAPS},
    "prior 5, 20, 1 %": prior_stream,
    "recurring": recurring_stream,
    "concept": concept_stream,
    "rotation": rotation_stream,
    "flipped labels": flipped_streams,
}
"""(source, seed, rows) -> what came of it, by what drifts."""

_QUICK = (("Bananas",), ("clean", "affine, half", "prior 5, 20, 1 %"))

_WORST = "worst stream: points of accuracy over frozen"


def measure(seed: int, is_quick: bool) -> Round:
    """Every source under every drift; one source and three drifts where it is quick."""
    sources, drifts = _QUICK if is_quick else (SOURCES, tuple(DRIFTS))
    rows = QUICK_ROWS if is_quick else ROWS
    return round_of({(d, s): DRIFTS[d](s, seed, rows) for s in sources for d in drifts})


def round_of(outcomes: Mapping[tuple[str, str], Outcome]) -> Round:
    """A round of outcomes by drift and source, at least one."""
    measures: dict[str, float] = {}
    for (drift, source), outcome in outcomes.items():
        if GAP not in outcome.measures:
            for name, value in outcome.measures.items():
                measures[f"{drift}, {source}: {name}"] = value
    for name in MAPS:
        of_map = [outcome for (drift, _), outcome in outcomes.items() if drift == name]
        if of_map:
            measures[_won(name)] = pooled_share(of_map)
    measures[_WORST] = 100 * min(outcome.gain for outcome in outcomes.values())
    cases = {f"{drift}, {source}": outcome.case for (drift, source), outcome in outcomes.items()}
    return Round(cases, measures)


def _won(name: str) -> str:
    return f"{name}: share of the gap to the ceiling that is won, all sources"


def _on_each(drift: str, *targets: Target) -> tuple[Target, ...]:
    """The targets of a drift, for each source."""
    return tuple(
        Target(f"{drift}, {source}: {each.measure}", each.sense, each.bound, each.over)
        for each in targets
        for source in SOURCES
    )


T8 = HealingTable(
    "T8",
    "Rows that are not Gaussian; labels for 10 %, 2,000 rows late (none under maps and ramps)",
    measure,
    (
        *_on_each(
            "clean",
            Target("rows changed", "at most", 0.0, "every seed"),
            Target("published", "at most", 0.0, "every seed"),
        ),
        *(Target(_won(name), "at least", 0.9) for name in MAPS),
        *_on_each(
            "prior 5, 20, 1 %",
            Target("points above frozen", "at least", -0.1),
            Target("log-loss above frozen", "at most", 0.0),
        ),
        *_on_each("recurring", Target("points below ceiling", "at most", 0.3)),
        *_on_each(
            "concept",
            Target("points above the best river baseline", "at least", 0.0),
            Target("points below the oracle, last quarter", "at most", 2.0),
        ),
        *_on_each("rotation", Target("points above river's logistic regression", "at least", 0.0)),
        *_on_each("flipped labels", Target("points below true labels", "at most", 0.2)),
        Target(_WORST, "at least", -0.1, "every seed"),
    ),
)
