"""Drifts of Gaussian regimes: a model at home in one, a short stretch of another, fresh rows."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from bench.healing.prequential import Served, serve
from bench.healing.report import Case, Figures
from cli.backtest.figures import figures
from cli.demo.backbone import trained
from producer.labels import LabelPolicy
from producer.operators import affine
from producer.regimes import G1, G2, Regime
from producer.rows import Rows
from producer.scenarios import SCHEMA
from producer.stream import Scenario, Segment, Stream
from selfheal.model.compiled import compile_model
from selfheal.model.metrics import always_majority, measure
from selfheal.model.model import Model
from selfheal.records.healing_events import LabelsNeeded

HOME: dict[str, Regime] = {"G1": G1, "G2": G2}
Home = Literal["G1", "G2"]

CLEAN_ROWS = 1_000
"""That are served before the drift begins."""

FRESH_ROWS = 20_000
"""That judge; nothing learns from them."""


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Clean rows of a home regime and then `rows` rows of another one, of which nobody says more.

    home: what the model was trained on
    """

    home: Home
    drifted: Regime
    rows: int
    seed: int

    @property
    def stream(self) -> Stream:
        """The rows, and fresh ones of both regimes."""
        return _stream(self.home, self.drifted, self.rows, self.seed)

    def served(self) -> Served:
        """After the last row."""
        rows = self.stream.rows(0, CLEAN_ROWS + self.rows)
        model = model_at(self.home, self.seed)
        return serve(model, rows.values, rows.labels, self.seed, label_share=0.0)


def model_at(home: Home, seed: int) -> Model:
    """Trained on 5,000 rows of the home regime."""
    return _trained(home, seed)


@lru_cache(maxsize=32)
def _trained(home: Home, seed: int) -> Model:
    return trained(_stream(home, HOME[home], 1, seed))


def judged(served: Served, window: Window) -> Case:
    """What serves after a window, judged on fresh rows of the drifted regime."""
    stream, model, live = window.stream, served.trace, served.system.live
    fresh, clean = stream.fresh(1, FRESH_ROWS), stream.fresh(0, FRESH_ROWS)
    frozen = compile_model(model_at(window.home, window.seed))
    healed = live.compiled.score(fresh.values).score
    return {
        "always_majority": figures(always_majority(fresh.labels, model.prior)),
        "frozen": scored(fresh, frozen.score(fresh.values).score, model.threshold),
        "healed": scored(fresh, healed, live.threshold),
        "before_the_drift": scored(clean, frozen.score(clean.values).score, model.threshold),
        "bayes": scored(fresh, fresh.probabilities, 0.5),
    }


def scored(rows: Rows, scores: np.ndarray, threshold: float) -> Figures:
    """Figures of scores (n,) of these rows."""
    return figures(measure(rows.labels, scores, threshold))


def asks_for_labels(window: Window) -> float:
    """1 where the verdict of a window is that only labels can help, else 0."""
    return float(window.served().told(LabelsNeeded) > 0)


def random_affine(regime: Regime, seed: int) -> Regime:
    """Every feature becomes a·x + b, a = exp U(-0.4, 0.4), b = U(-2, 2)."""
    rng = np.random.default_rng(seed)
    features = regime.mu0.shape[-1]
    return affine(
        regime, np.exp(rng.uniform(-0.4, 0.4, features)), rng.uniform(-2.0, 2.0, features)
    )


def _stream(home: Home, drifted: Regime, rows: int, seed: int) -> Stream:
    total = CLEAN_ROWS + rows
    segments = (
        Segment(0.0, HOME[home], is_onset=False),
        Segment(CLEAN_ROWS / total, drifted),
    )
    return Stream(Scenario("window", "", SCHEMA, segments, LabelPolicy()), seed, total)
