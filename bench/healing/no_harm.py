"""T3: nothing to heal, and nothing that can be healed: leave it alone, and say so."""

from bench.healing.gaussian import Home, Window, asks_for_labels, model_at, random_affine
from bench.healing.prequential import Served, serve
from bench.healing.report import Case, HealingTable, Round, Target
from producer.labels import LabelPolicy
from producer.operators import concept, everyone, legit_only, prior
from producer.regimes import G1, G2, Regime
from producer.scenarios import SCHEMA
from producer.stream import Scenario, Segment, Stream
from selfheal.records.healing_events import DriftDetected

_BATCHES = ((100, 200), (1_000, 50), (5_000, 20))
"""Rows of a batch, and how many clean batches of a seed are looked at."""

_QUICK_BATCHES = ((100, 100), (1_000, 10))
_STATED = 2_000
_HOPELESS_ROWS = 2_000


def measure(seed: int, is_quick: bool) -> Round:
    """Clean streams in several batch sizes, one whose relation turned, and hopeless windows."""
    cases: dict[str, Case] = {}
    measures: dict[str, float] = {}
    for rows, batches in _QUICK_BATCHES if is_quick else _BATCHES:
        clean = _still(G2, seed, rows * batches, rows, label_share=0.1)
        cases[f"clean, batches of {rows:,}"] = _judged(clean)
        alarms = clean.told(DriftDetected) / batches * _STATED
        measures[_alarms(rows)] = alarms
        measures[_change(f"clean, batches of {rows:,}")] = _percentage_points(clean)
    turned = _still(concept(G2), seed, 10_000, 100, label_share=0.0)
    cases["p(x) unchanged, no label"] = _judged(turned)
    measures[_change("p(x) unchanged, no label")] = _percentage_points(turned)
    measures[_HOPELESS] = _share([Window(h, r, _HOPELESS_ROWS, seed) for h, r in _hopeless()])
    others = _curable(seed)[: 2 if is_quick else None]
    measures[_CURABLE] = _share([Window("G2", r, _HOPELESS_ROWS, seed) for r in others])
    return Round(cases, measures)


def _still(regime: Regime, seed: int, rows: int, batch_rows: int, label_share: float) -> Served:
    """A stream of one regime, before the model that is at home in G2."""
    segments = (Segment(0.0, regime, is_onset=False),)
    stream = Stream(Scenario("still", "", SCHEMA, segments, LabelPolicy()), seed, rows)
    drawn = stream.rows(0, rows)
    return serve(
        model_at("G2", seed),
        drawn.values,
        drawn.labels,
        seed,
        label_share=label_share,
        batch_rows=batch_rows,
    )


def _judged(served: Served) -> Case:
    return served.case(slice(0, len(served.trace)))


def _percentage_points(served: Served) -> float:
    """Absolute change of the accuracy by healing, in points of a hundred."""
    return 100.0 * abs(served.gain(slice(0, len(served.trace))))


def _hopeless() -> list[tuple[Home, Regime]]:
    """Only one class moves, onto the other: no map of the features undoes that."""
    return [("G1", legit_only(G1, 2.2)), ("G2", legit_only(G2, 2.2))]


def _curable(seed: int) -> list[Regime]:
    moved = [everyone(G2, 2.2), random_affine(G2, seed), everyone(G2, 3.5)]
    return [*moved, prior(G2, 0.05), prior(G2, 0.40), G2]


def _share(windows: list[Window]) -> float:
    return sum(map(asks_for_labels, windows)) / len(windows)


def _alarms(rows: int) -> str:
    return f"alarms in {_STATED:,} clean batches of {rows:,}"


def _change(case: str) -> str:
    return f"change of accuracy, points, {case}"


_HOPELESS = 'share of "labels needed" where nothing can heal'
_CURABLE = 'share of "labels needed" elsewhere'

T3 = HealingTable(
    "T3",
    "No harm: clean G2, labels for 10 %, 2,000 rows late; windows that nothing can heal",
    measure,
    (
        *(Target(_change(f"clean, batches of {rows:,}"), "at most", 0.1) for rows, _ in _BATCHES),
        Target(_change("p(x) unchanged, no label"), "at most", 0.1),
        *(Target(_alarms(rows), "at most", 1.0) for rows, _ in _BATCHES),
        Target(_HOPELESS, "at least", 0.95),
        Target(_CURABLE, "at most", 0.05),
    ),
)
