"""What deciding by costs won and lost, beside the model's own threshold. Pure."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfheal.model.costs import Costs
from selfheal.model.metrics import Metrics, measure


def threshold_choice(
    labels: NDArray[np.float64] | NDArray[np.int8],
    scores: NDArray[np.float64],
    called: NDArray[np.bool_],
    threshold: float,
    costs: Costs,
) -> dict[str, Any]:
    """Figures of the decisions as served, and of the same scores at the model's own threshold.

    labels: (n,) 0 or 1; scores, called: (n,) as served; threshold: the model's own
    Each figure is a pair, at the model's threshold and as served; None where it is undefined.
    """
    by_model = scores >= threshold
    decided = [measure(labels, each.astype(np.float64)) for each in (by_model, called)]
    return {
        "model_threshold": threshold,
        "recall": [None if np.isnan(each.recall) else each.recall for each in decided],
        "false_alarms_per_1000": [_false_alarms(each) for each in decided],
        "cost_per_1000": [costs.per_1000(labels, scores, each) for each in (by_model, called)],
    }


def choice_line(choice: dict[str, Any]) -> str:
    """The trade-off in one line for people."""
    pairs = [
        f"{name} {_shown(before, digits)} → {_shown(after, digits)}"
        for name, key, digits in (
            ("recall", "recall", 3),
            ("false alarms", "false_alarms_per_1000", 0),
            ("cost", "cost_per_1000", 0),
        )
        for before, after in (choice[key],)
    ]
    return (
        f"deciding by costs and not from {choice['model_threshold']:g} on, of 1,000 rows: "
        f"{', '.join(pairs)}"
    )


def _false_alarms(decided: Metrics) -> float | None:
    return 1000.0 * decided.fp / decided.rows if decided.rows else None


def _shown(figure: float | None, digits: int) -> str:
    return "–" if figure is None else f"{figure:,.{digits}f}"
