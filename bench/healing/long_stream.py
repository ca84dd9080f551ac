"""T5: 200 batches through three drifts, labels late and for few; accuracy, and what it cost.

The regret is the area between the best possible accuracy and ours: the sum over the batches of
(Bayes accuracy - accuracy), in batches, so that a batch of nothing but mistakes costs one.
"""

from dataclasses import replace
from functools import lru_cache

from bench.healing.prequential import BATCH_ROWS, Served, serve
from bench.healing.report import HealingTable, Round, Target
from cli.backtest.figures import no_heal
from cli.demo.backbone import trained
from producer.rows import Floats
from producer.scenarios import scenario
from producer.stream import Stream
from selfheal.model.metrics import measure as measure_scores

BATCHES = 200
ROWS = BATCHES * BATCH_ROWS
UNHEALABLE = 60 * BATCH_ROWS
"""First row of the second regime, of which no label is known for 2,000 rows."""

RECURS = 160 * BATCH_ROWS


@lru_cache(maxsize=16)
def long_run(seed: int, *, recurs: bool) -> tuple[Served, Floats]:
    """The stream as served, and its true P(fraud). recurs: the second regime returns at 160."""
    known = scenario("long")
    segments = known.segments if recurs else known.segments[:-1]
    stream = Stream(replace(known, segments=segments), seed, ROWS)
    rows = stream.rows(0, ROWS)
    return serve(trained(stream), rows.values, rows.labels, seed), rows.probabilities


def measure(seed: int, is_quick: bool) -> Round:
    """The whole stream."""
    del is_quick
    served, bayes = long_run(seed, recurs=False)
    everything = slice(0, ROWS)
    best = measure_scores(served.trace.labels, bayes).accuracy
    return Round(
        {"long": served.case(everything, bayes, "bayes")},
        {
            "accuracy": served.accuracy(everything),
            "regret, batches": regret(best, served.accuracy(everything)),
            "regret of no heal, batches": regret(best, no_heal(served.trace, everything).accuracy),
        },
    )


def regret(best: float, found: float, batches: int = BATCHES) -> float:
    """The area between two accuracies in [0, 1], in batches of equal size.

    >>> round(regret(0.95, 0.90, batches=200), 6)
    10.0
    """
    return batches * (best - found)


T5 = HealingTable(
    "T5",
    "The long stream: everyone 2.2 at batch 5, legit-only 1.1 and four signs at 60, clean at 120",
    measure,
    (
        Target("accuracy", "at least", 0.928),
        Target("regret, batches", "at most", 4.5),
    ),
)
