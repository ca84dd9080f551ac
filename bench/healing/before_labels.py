"""T7: drifts that no map can heal, before labels arrive: ask for them, and do no harm."""

import numpy as np

from bench.healing.gaussian import CLEAN_ROWS, Home, Window
from bench.healing.long_stream import UNHEALABLE, long_run
from bench.healing.prequential import LABEL_DELAY_ROWS, Served
from bench.healing.report import Case, HealingTable, Round, Target
from producer.operators import legit_only
from producer.regimes import G1, G2, Regime
from producer.rows import Floats
from selfheal.model.costs import Costs
from selfheal.model.metrics import measure as measure_scores
from selfheal.records.healing_events import HealPublished, LabelsNeeded

_COSTS = (Costs(missed_fraud=5_000.0, false_alarm=200.0), Costs(5_000.0, 15.0))
"""A missed fraud and a false alarm, in dollars, as in the article."""

_CLEAN = 500
"""First rows of both streams, before any drift."""

_ARTICLE = "the article's stream"
_WEAK = "legitimate rows of G2 moved onto frauds"
_LONG = "the long stream, batches 60 to 80"
"""Where a heal without labels is possible, so that only harm is forbidden."""


def measure(seed: int, is_quick: bool) -> Round:
    """The 2,000 rows after each onset."""
    stretches = {_ARTICLE: _moved_onto_frauds("G1", G1, seed)}
    if not is_quick:
        stretches[_WEAK] = _moved_onto_frauds("G2", G2, seed)
        stretches[_LONG] = (*long_run(seed, recurs=False), UNHEALABLE)
    cases: dict[str, Case] = {}
    measures: dict[str, float] = {}
    for name, (served, probabilities, onset) in stretches.items():
        rows = slice(onset, onset + LABEL_DELAY_ROWS)
        cases[name] = served.case(rows, probabilities, "bayes")
        found = _judged(served, rows) | _at_the_alert_budget(served, rows)
        measures |= {f"{m}, {name}": value for m, value in found.items()}
    return Round(cases, measures)


def _moved_onto_frauds(home: Home, regime: Regime, seed: int) -> tuple[Served, Floats, int]:
    """The stream as served, its true P(fraud), and the first row of the drift."""
    window = Window(home, legit_only(regime, 2.2), LABEL_DELAY_ROWS, seed)
    bayes = window.stream.rows(0, window.stream.transactions).probabilities
    return window.served(), bayes, CLEAN_ROWS


def _judged(served: Served, rows: slice) -> dict[str, float]:
    case, first, last = served.case(rows), rows.start, rows.stop
    found = {
        _ASKED: float(served.told(LabelsNeeded, first, last) > 0),
        _PUBLISHED: float(served.told(HealPublished, first, last)),
    }
    for figure in ("f1", "auc_pr"):
        healed, frozen = (case[who][figure] or 0.0 for who in ("healed", "frozen"))
        found[f"{figure} above frozen"] = healed - frozen
    trace = served.trace
    for costs in _COSTS:
        ours = _cost(served, rows, trace.healed, costs)
        theirs = _cost(served, rows, trace.frozen, costs)
        found[f"cost over frozen's, $ a row at ${costs.false_alarm:.0f} an alarm"] = ours - theirs
    return found


def _at_the_alert_budget(served: Served, rows: slice) -> dict[str, float]:
    """What the frozen model wins and loses at the threshold that keeps the alerts of clean rows.

    It is chosen on the very rows that it is judged on: no healer could choose it better.
    """
    trace, costs = served.trace, _COSTS[0]
    share = float((trace.frozen[:_CLEAN] >= trace.threshold).mean())
    scores, labels = trace.frozen[rows], trace.labels[rows]
    called = [scores >= t for t in (trace.threshold, np.quantile(scores, 1.0 - share))]
    before, after = (measure_scores(labels, each.astype(np.float64)) for each in called)
    money = [costs.per_1000(labels, scores, each) or 0.0 for each in called]
    return {
        "at the alert budget: accuracy above frozen": after.accuracy - before.accuracy,
        "at the alert budget: f1 above frozen": after.f1 - before.f1,
        "at the alert budget: cost over frozen's, $ a row at $200": (money[1] - money[0]) / 1_000.0,
    }


def _cost(served: Served, rows: slice, scores: Floats, costs: Costs) -> float:
    """Expected dollars a row."""
    trace = served.trace
    is_healed = scores is trace.healed
    called = trace.decision if is_healed else trace.frozen >= trace.threshold
    return (costs.per_1000(trace.labels[rows], scores[rows], called[rows]) or 0.0) / 1_000.0


_ASKED = 'share of "labels needed"'
_PUBLISHED = "adapters published"


def _no_harm(stretch: str) -> tuple[Target, ...]:
    return (
        Target(f"f1 above frozen, {stretch}", "at least", 0.0),
        Target(f"auc_pr above frozen, {stretch}", "at least", 0.0),
        Target(f"cost over frozen's, $ a row at $200 an alarm, {stretch}", "at most", 0.0),
        Target(f"cost over frozen's, $ a row at $15 an alarm, {stretch}", "at most", 0.0),
    )


def _asked_only(stretch: str) -> tuple[Target, ...]:
    return (
        Target(f"{_ASKED}, {stretch}", "at least", 0.95),
        Target(f"{_PUBLISHED}, {stretch}", "at most", 0.0),
    )


T7 = HealingTable(
    "T7",
    "No label is known yet: 2,000 rows after the onset",
    measure,
    (
        *_asked_only(_ARTICLE),
        *_no_harm(_ARTICLE),
        *_asked_only(_WEAK),
        *_no_harm(_WEAK),
        *_no_harm(_LONG),
    ),
)
