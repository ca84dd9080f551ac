"""C: what decisions cost, with the threshold of the model and with the operator's costs named.

Nothing was set as a target here. "At best" is the best single threshold of the same scores, chosen
on the very rows and labels that judge it, which no healer can know.
"""

from dataclasses import replace

import numpy as np

from bench.healing.prequential import BATCH_ROWS, Labels, Served, serve
from bench.healing.report import Case, Figures, HealingTable, Round
from cli.demo.backbone import trained
from producer.operators import concept, everyone
from producer.regimes import G2, Regime
from producer.rows import Floats
from producer.scenarios import scenario
from producer.stream import Scenario, Segment, Stream
from selfheal.model.costs import Costs, Flags
from selfheal.model.metrics import measure as measure_scores

COSTS = (Costs(5_000.0, 15.0), Costs(5_000.0, 200.0), Costs(5_000.0, 1_000.0), Costs(1.0, 1.0))
"""A missed fraud and a false alarm; the first two are the article's, in dollars."""

_ONSET, _ROWS = 3_000, 12_000
_LONG_ONSET, _LONG_ROWS = 5 * BATCH_ROWS, 200 * BATCH_ROWS
_CANDIDATES = 1_000


def measure(seed: int, is_quick: bool) -> Round:
    """Each stream from its onset on, by each of the costs."""
    streams = {
        "everyone 2.2": (_drifting(everyone(G2, 2.2)), _ONSET, _ROWS),
        "concept": (_drifting(concept(G2)), _ONSET, _ROWS),
        "long": (_long(), _LONG_ONSET, _LONG_ROWS),
    }
    cases: dict[str, Case] = {}
    for name, (known, onset, rows) in list(streams.items())[: 1 if is_quick else None]:
        stream = Stream(known, seed, rows)
        drawn, model = stream.rows(0, rows), trained(stream)
        plain = serve(model, drawn.values, drawn.labels, seed)
        for costs in COSTS:
            priced = serve(model, drawn.values, drawn.labels, seed, costs=costs)
            case = f"{name}: {costs.missed_fraud:,g} / {costs.false_alarm:,g}"
            cases[case] = case_of(plain, priced, slice(onset, rows), costs)
    return Round(cases, {})


def case_of(plain: Served, priced: Served, rows: slice, costs: Costs) -> Case:
    """Figures of the same rows. plain: as served without costs; priced: with them"""
    trace, labels = plain.trace, plain.trace.labels[rows]
    frozen, healed = trace.frozen[rows], priced.trace.healed[rows]
    decided = {
        "frozen": (frozen, frozen >= trace.threshold),
        "frozen at best": (frozen, _in_hindsight(labels, frozen, costs)),
        "healed": (trace.healed[rows], trace.decision[rows]),
        "with costs": (healed, priced.trace.decision[rows]),
        "with costs at best": (healed, _in_hindsight(labels, healed, costs)),
    }
    return {who: _figures(labels, *found, costs) for who, found in decided.items()}


def _figures(labels: Labels, scores: Floats, called: Flags, costs: Costs) -> Figures:
    """Of decisions, and what a row of them costs."""
    found = measure_scores(labels, called.astype(np.float64))
    known = {name: float(getattr(found, name)) for name in ("accuracy", "recall")}
    cost = (costs.per_1000(labels, scores, called) or 0.0) / 1_000.0
    return {name: None if np.isnan(value) else value for name, value in known.items()} | {
        "cost": cost
    }


def _in_hindsight(labels: Labels, scores: Floats, costs: Costs) -> Flags:
    """(n,) the alarms of the one threshold that costs least on these very rows."""
    share = np.linspace(0.0, 1.0, _CANDIDATES)
    candidates = np.unique(np.append(np.quantile(scores, share), np.inf))
    paid = [costs.of_decisions(labels, scores >= each).mean() for each in candidates]
    return scores >= candidates[int(np.argmin(paid))]


def _drifting(after: Regime) -> Scenario:
    """Clean rows of G2, and from a quarter on another regime."""
    clean = scenario("null")
    drift = Segment(_ONSET / _ROWS, after)
    return replace(clean, segments=(*clean.segments, drift))


def _long() -> Scenario:
    """As T5 has it: without the return of the second regime."""
    known = scenario("long")
    return replace(known, segments=known.segments[:-1])


C = HealingTable(
    "C",
    "What decisions cost a row, with the model's threshold and with the operator's costs named",
    measure,
    (),
)
