"""What calibrated scores let expect without labels, beside the truth: where it holds or not.

Each model is judged on fresh rows, by its own calibration and without a label. A healer tells the
estimate only where its policy finds nothing against it: after a shift that nothing has answered,
the frozen model's own scores are sure and wrong, and this table says by how much.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from bench.healing.gaussian import model_at
from healer.calibration import Belief, Calibration, adapted_calibration, own_calibration
from healer.performance_estimate import Estimate, estimate
from producer.labels import LabelPolicy
from producer.operators import everyone, legit_only, prior
from producer.regimes import G1, G2, V14, Regime
from producer.rows import Rows
from producer.scenarios import SCHEMA
from producer.stream import Scenario, Segment, Stream
from selfheal.model.adapter import Adapter, InputAlignment
from selfheal.model.compiled import compile_model
from selfheal.model.metrics import measure
from selfheal.model.model import Model

FRESH_ROWS = 20_000
SHIFT = 2.2

FIGURES = ("accuracy", "f1")


def measure_estimates(seeds: range, say: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """By case: estimated and true accuracy and F1, means over the seeds.

    say: told after each seed
    """
    found: dict[str, list[dict[str, float]]] = {}
    for seed in seeds:
        for name, figures in _one_seed(seed).items():
            found.setdefault(name, []).append(figures)
        say(f"estimates: seed {seed}")
    return {
        "seeds": [seeds.start, seeds.stop],
        "cases": [
            {"case": name, **{k: float(np.mean([each[k] for each in runs])) for k in runs[0]}}
            for name, runs in found.items()
        ],
    }


def _one_seed(seed: int) -> dict[str, dict[str, float]]:
    home, model = _fresh(G2, G2, seed)
    rare, _ = _fresh(G2, prior(G2, 0.05), seed)
    moved, _ = _fresh(G2, everyone(G2, SHIFT), seed)
    article, article_model = _fresh(G1, legit_only(G1, SHIFT), seed)
    own, adapted = own_calibration(model), adapted_calibration(model)
    shift = np.zeros(len(SCHEMA.names))
    shift[V14] = SHIFT
    aligned = Adapter(alignment=InputAlignment(np.ones_like(shift), shift))
    return {
        "nothing drifts": _judged(home, model, None, own),
        "fraud falls from 15 to 5 %": _judged(rare, model, None, own),
        "all rows moved, aligned": _judged(moved, model, aligned, adapted),
        "all rows moved, the shadow by the aligned scores": _shadow(moved, model, aligned, adapted),
        "all rows moved, frozen by its own scores": _judged(moved, model, None, own),
        "the article's drift, frozen by its own scores": _judged(
            article, article_model, None, own_calibration(article_model)
        ),
    }


def _fresh(home: Regime, drifted: Regime, seed: int) -> tuple[Rows, Model]:
    segments = (Segment(0.0, home, is_onset=False), Segment(0.5, drifted))
    stream = Stream(Scenario("window", "", SCHEMA, segments, LabelPolicy()), seed, 2_000)
    return stream.fresh(1, FRESH_ROWS), model_at("G1" if home is G1 else "G2", seed)


def _judged(
    rows: Rows, model: Model, adapter: Adapter | None, calibration: Calibration
) -> dict[str, float]:
    logit = compile_model(model, adapter).score(rows.values).logit.astype(np.float64)
    return _beside(calibration.belief(logit), logit >= 0.0, rows)


def _shadow(
    rows: Rows, model: Model, adapter: Adapter, calibration: Calibration
) -> dict[str, float]:
    """The frozen model's decisions, judged by what the aligned model believes."""
    scores = compile_model(model, adapter).score(rows.values)
    belief = calibration.belief(scores.logit.astype(np.float64))
    return _beside(belief, scores.shadow_score >= model.threshold, rows)


def _beside(belief: Belief, called: np.ndarray, rows: Rows) -> dict[str, float]:
    expected: Estimate = estimate(belief, called, np.ones(len(called)))
    truth = measure(rows.labels, called.astype(np.float64))
    found: dict[str, float] = {}
    for name in FIGURES:
        found[f"estimated_{name}"] = getattr(expected, name).value
        found[f"{name}_standard_error"] = getattr(expected, name).standard_error
        found[name] = getattr(truth, name)
    return found
