"""How much each feature matters to the score, and drift weighted by it.

Source: the production monitoring article weights drift by integrated gradients or SHAP. Here it is
SHAP's estimator by sampled permutations (Štrumbelj and Kononenko 2014, Knowledge and Information
Systems 41(3)): it asks nothing of the model but scores, so that categories, missing values and a
user's own network are treated like everything else, and no gradient, hence no torch, is needed.
Permutation importance was not taken: it needs labels, or shares out between correlated features
whatever the permutation happens to leave.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from selfheal.drift.mixture import Floats

Logits: TypeAlias = Callable[[Floats], Floats]
"""Raw values (n, f) to logits (n,)."""


def shapley_values(
    logits: Logits, rows: Floats, background: Floats, rng: np.random.Generator, rounds: int = 16
) -> Floats:
    """(n, f): what each feature adds to each row's logit, beside rows drawn from the background.

    rows, background: raw values (n, f) and (m, f); NaN is missing
    rounds:           permutations of the features; the cost is n * f * rounds scores
    For each row the values add up to its logit less the mean logit of its background rows.
    """
    found: Floats = np.zeros(rows.shape)
    for _ in range(rounds if len(rows) else 0):
        walk = background[rng.integers(len(background), size=len(rows))]
        before = logits(walk)
        order: list[int] = rng.permutation(rows.shape[1]).tolist()
        for feature in order:
            walk[:, feature] = rows[:, feature]
            after = logits(walk)
            found[:, feature] += after - before
            before = after
    return found / rounds


def importance(logits: Logits, rows: Floats, rng: np.random.Generator, rounds: int = 16) -> Floats:
    """(f,) each feature's share of all that features do to the logit, sum 1.

    Mean absolute Shapley value, the rows themselves being the background. Equal shares where no
    feature does anything, or where there are no rows.
    """
    alike = np.full(rows.shape[1:], 1.0 / rows.shape[1])
    if not len(rows):
        return alike
    sizes: Floats = np.abs(shapley_values(logits, rows, rows, rng, rounds)).mean(axis=0)
    total = float(sizes.sum())
    return sizes / total if total > 0.0 else alike


def weighted_drift(drift: Floats, weights: Floats) -> float:
    """Drift (f,) as one number: the mean weighted by importance (f,); NaN drift counts as none.

    >>> weighted_drift(np.array([0.0, 0.5, np.nan]), np.array([0.6, 0.4, 0.0]))
    0.2
    """
    return float(np.nan_to_num(drift, nan=0.0) @ weights)
