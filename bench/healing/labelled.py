"""T4: what the first hundred labels give, and the first five hundred, with nothing aligned."""

import time

import numpy as np

from bench.healing.gaussian import FRESH_ROWS, Window, model_at, scored
from bench.healing.report import Case, Figures, HealingTable, Round, Target
from cli.backtest.figures import figures
from healer.contest import lesson_of
from healer.evidence import Rows as Evidence
from healer.experts import Correction, Lesson, blend_of, skip_expert, tree_expert
from producer.operators import everyone
from producer.regimes import G2
from producer.rows import Rows
from selfheal.model.adapter import Adapter
from selfheal.model.compiled import compile_model
from selfheal.model.metrics import always_majority
from selfheal.model.model import Model

_LABELS = (100, 500)
_TIMED_FITS = 9


def measure(seed: int, is_quick: bool) -> Round:
    """The linear correction of the logit is the one judged: few labels are enough for it."""
    del is_quick
    window = Window("G2", everyone(G2, 2.2), max(_LABELS), seed)
    model, stream = model_at("G2", seed), window.stream
    fresh = stream.fresh(1, FRESH_ROWS)
    cases: dict[str, Case] = {}
    measures: dict[str, float] = {}
    for labels in _LABELS:
        first = stream.transactions - max(_LABELS)
        lesson = lesson_of(known(stream.rows(first, labels)), None, model)
        cases[f"{labels} labels"] = _judged(model, fresh, _corrections(lesson, seed))
        healed = cases[f"{labels} labels"]["healed"]
        for figure in ("accuracy", "f1"):
            measures[f"{figure}, {labels} labels"] = healed[figure] or 0.0
        measures[f"fit, ms, {labels} labels"] = _median_ms(lesson)
    return Round(cases, measures)


def _corrections(lesson: Lesson, seed: int) -> dict[str, Correction]:
    linear, grown = skip_expert(lesson), tree_expert(lesson, seed)
    return {"healed": linear, "trees": grown, "blend": blend_of(linear, grown)}


def _judged(model: Model, fresh: Rows, corrections: dict[str, Correction]) -> Case:
    frozen = compile_model(model).score(fresh.values).score
    found: dict[str, Figures] = {
        "always_majority": figures(always_majority(fresh.labels, model.reference.prior)),
        "frozen": scored(fresh, frozen, model.threshold),
    }
    for name, correction in corrections.items():
        adapter = Adapter(output=correction.output, trees=correction.trees)
        scores = compile_model(model, adapter).score(fresh.values).score
        found[name] = scored(fresh, scores, model.threshold)
    return {**found, "bayes": scored(fresh, fresh.probabilities, 0.5)}


def _median_ms(lesson: Lesson) -> float:
    """Of some fits, in milliseconds of this thread's own time: others may use the machine too."""
    taken: list[float] = []
    for _ in range(_TIMED_FITS):
        began_s = time.thread_time()
        skip_expert(lesson)
        taken.append(1_000.0 * (time.thread_time() - began_s))
    return float(np.median(taken))


def known(rows: Rows) -> Evidence:
    """Labelled rows as the healer has them."""
    count, zeros = len(rows), np.zeros(len(rows))
    return Evidence(
        order=np.arange(count),
        event_ms=np.arange(count),
        values=rows.values,
        score=zeros,
        shadow_score=zeros,
        epoch=np.zeros(count, dtype=np.int64),
        weight=np.ones(count),
        conflict=np.zeros(count, dtype=np.bool_),
        label=rows.labels.astype(np.float64),
        labelled_ms=np.arange(count),
    )


T4 = HealingTable(
    "T4",
    "From labels alone: G2 after everyone 2.2, nothing aligned, judged on 20,000 fresh rows",
    measure,
    (
        Target("accuracy, 100 labels", "at least", 0.938),
        Target("f1, 100 labels", "at least", 0.79),
        Target("accuracy, 500 labels", "at least", 0.944),
        Target("f1, 500 labels", "at least", 0.80),
        Target("fit, ms, 100 labels", "at most", 20.0),
        Target("fit, ms, 500 labels", "at most", 20.0),
    ),
)
