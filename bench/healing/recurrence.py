"""T6: a regime that labels have described comes back."""

from bench.healing.long_stream import RECURS, long_run
from bench.healing.prequential import BATCH_ROWS
from bench.healing.report import HealingTable, Round, Target

_FIRST = slice(RECURS, RECURS + 20 * BATCH_ROWS)


def measure(seed: int, is_quick: bool) -> Round:
    """Its first 20 batches: no label of this visit is known yet."""
    del is_quick
    served, bayes = long_run(seed, recurs=True)
    case = served.case(_FIRST, bayes, "bayes")
    return Round(
        {"first 20 batches of the return": case},
        {"f1, first 20 batches": case["healed"]["f1"] or 0},
    )


T6 = HealingTable(
    "T6",
    "The second regime of the long stream recurs at batch 160",
    measure,
    (Target("f1, first 20 batches", "at least", 0.73),),
)
