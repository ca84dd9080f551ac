"""The article's experiment over several seeds, by the same cores without a broker.

As the re-implementation in docs/healing.md: G1, the legitimate class moves by 2.2; 25 batches of
100 drifted rows from the first on, every label at once; judged on 20,000 fresh rows.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from cli.demo.backbone import trained
from cli.in_process import InProcess
from healer.policies import POLICIES
from healer.policy_settings import HealingSettings
from producer.scenarios import DRIFT_STRENGTH, scenario
from producer.stream import Stream
from selfheal.model.compiled import compile_model
from selfheal.model.metrics import Metrics, always_majority, measure
from selfheal.model.model import Model
from selfheal.records.feedback import Label

BATCHES = 25
BATCH_ROWS = 100
JUDGED_ROWS = 20_000

FIGURES = ("accuracy", "precision", "recall", "f1", "auc_pr")

PUBLISHED = {
    "frozen": {"accuracy": 0.446, "precision": 0.194, "recall": 0.853, "f1": 0.316},
    "healed": {"accuracy": 0.724, "precision": 0.224, "recall": 0.340, "f1": 0.270},
}
"""What the article reports, of one run on its own stream of 1,000 rows."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and standard deviation over seeds, by figure; what is undefined is left out."""

    mean: dict[str, float]
    sd: dict[str, float]


def article_study(
    seeds: range,
    settings: HealingSettings,
    drift_strength: float = DRIFT_STRENGTH,
    done: Callable[[], None] = lambda: None,
) -> dict[str, Spread]:
    """Figures of "clean", "frozen", "recipe" (rollback off), "full" (rollback on), "always_legit".

    done: called after each seed
    """
    collected: dict[str, list[Metrics]] = {}
    with threadpool_limits(1, user_api="blas"):  # as the scorer: small matrices
        for seed in seeds:
            for name, metrics in _one_seed(seed, settings, drift_strength).items():
                collected.setdefault(name, []).append(metrics)
            done()
    return {name: _spread(metrics) for name, metrics in collected.items()}


def _one_seed(seed: int, settings: HealingSettings, drift_strength: float) -> dict[str, Metrics]:
    chosen = scenario("article", drift_strength)
    stream = Stream(chosen, seed, 1_000 + BATCHES * BATCH_ROWS)
    model = trained(stream)
    first = stream.onsets[0]
    drifted, clean = stream.fresh(1, JUDGED_ROWS), stream.fresh(0, JUDGED_ROWS)
    rows = stream.rows(first, BATCHES * BATCH_ROWS)
    base = compile_model(model)
    figures = {
        "clean": measure(clean.labels, base.score(clean.values).score),
        "frozen": measure(drifted.labels, base.score(drifted.values).score),
        "always_legit": always_majority(drifted.labels, model.reference.prior),
    }
    for name, is_on in (("recipe", False), ("full", True)):
        healed = _healed(model, settings, rows.values, rows.labels, rollback_is_on=is_on)
        figures[name] = measure(drifted.labels, healed.live.compiled.score(drifted.values).score)
    return figures


def _healed(
    model: Model,
    settings: HealingSettings,
    values: NDArray[np.float64],
    labels: NDArray[np.int8],
    *,
    rollback_is_on: bool,
) -> InProcess:
    """The system after the drifted batches, each healed before the next is scored."""
    system = InProcess(model, POLICIES["article"], replace(settings, rollback_is_on=rollback_is_on))
    for first in range(0, len(labels), BATCH_ROWS):
        rows = range(first, first + BATCH_ROWS)
        known = [Label(f"row-{row}", int(labels[row]), rows[-1]) for row in rows]
        ids = [label.id for label in known]
        system.feed(ids, np.asarray(rows, dtype=np.int64), values[rows.start : rows.stop], known)
    return system


def _spread(metrics: list[Metrics]) -> Spread:
    """Over seeds; a figure that is undefined for one of them is left out of its mean."""
    columns = {name: [getattr(m, name) for m in metrics] for name in FIGURES}
    known = {n: [v for v in column if not np.isnan(v)] for n, column in columns.items()}
    return Spread(
        {name: float(np.mean(column)) for name, column in known.items() if column},
        {name: float(np.std(column, ddof=1)) for name, column in known.items() if len(column) > 1},
    )
