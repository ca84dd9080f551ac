"""What the decisions of a demo cost, stage by stage. Pure."""

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cli.demo.judge import Truth
from cli.demo.trace import Trace
from cli.threshold_choice import threshold_choice
from selfheal.model.costs import Costs

ARTICLE_COSTS = Costs(missed_fraud=5_000.0, false_alarm=200.0)
"""In dollars; of the examples in the article."""

_MODEL_THRESHOLD = 0.5


def judge_costs(
    trace: Trace, truth: Truth, report: dict[str, Any], asked: Costs | None
) -> dict[str, Any]:
    """Expected cost of 1,000 rows of each stage that `judge` reports, None for no rows.

    asked: None takes the article's costs, by which nothing was decided
    """
    costs = asked or ARTICLE_COSTS
    frozen, constant = trace.shadow_score, np.full(trace.rows, truth.prior)
    stages, after = report["stages"], report["after_onset"]
    judged = {
        "clean": (stages["clean"], frozen, frozen >= _MODEL_THRESHOLD),
        "drifted": (stages["drifted"], frozen, frozen >= _MODEL_THRESHOLD),
        "healed": (stages["healed"], trace.score, trace.decision),
        "always_majority": (stages["always_majority"], constant, constant >= _MODEL_THRESHOLD),
        "after_onset_shadow": (after["shadow"], frozen, frozen >= _MODEL_THRESHOLD),
        "after_onset_healed": (after["healed"], trace.score, trace.decision),
    }
    known = {name: _known(trace, truth, *stage) for name, stage in judged.items()}
    found: dict[str, Any] = asdict(costs) | {
        "per_1000": {name: costs.per_1000(*rows) for name, rows in known.items()}
    }
    if asked is not None:
        found["threshold"] = threshold_choice(*known["healed"], _MODEL_THRESHOLD, costs)
    return found


def _known(
    trace: Trace,
    truth: Truth,
    stage: dict[str, Any],
    scores: NDArray[np.float64],
    called: NDArray[np.bool_],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Labels, scores and decisions of the stage's rows that have a prediction."""
    first, last = stage["rows"]
    rows = slice(first, last)
    is_known = ~np.isnan(trace.score[rows])
    return truth.labels[rows][is_known], scores[rows][is_known], called[rows][is_known]
