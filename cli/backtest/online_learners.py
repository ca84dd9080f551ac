"""River's classifiers on the rows that the network reads: the usual alternative to healing."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cli.plan_settings import PlanError
from producer.rows import Floats
from selfheal.model.features import Encoder

INSTALL = "pip install 'selfheal[baselines]'"


class OnlineLearner:
    """One of river's classifiers.

    Rows are encoded as for the network: numbers standardised by the training rows, missing ones at
    their mean with a flag, categories one-hot.
    """

    def __init__(self, classifier: Any, encoder: Encoder) -> None:
        self._classifier, self._encoder = classifier, encoder

    def score(self, values: Floats) -> NDArray[np.float64]:
        """P(fraud) of raw values (n, f): (n,); 0.5 before anything was learned."""
        found = map(self._classifier.predict_proba_one, self._rows(values))
        return np.array([chances.get(True, 0.0) if chances else 0.5 for chances in found])

    def learn(self, values: Floats, labels: NDArray[np.int8], scored: int) -> None:
        """One row after the other. `scored` is of no use here."""
        del scored
        for row, label in zip(self._rows(values), labels.tolist(), strict=True):
            self._classifier.learn_one(row, bool(label))

    def _rows(self, values: Floats) -> list[dict[int, float]]:
        return [dict(enumerate(row)) for row in self._encoder.encode(values).tolist()]


def require_river() -> None:
    """Raises PlanError where river is not installed: before anything else is begun."""
    try:
        import river  # noqa: PLC0415, F401  (an extra)
    except ImportError:
        raise PlanError(f"--baselines: river is not installed; install it: {INSTALL}") from None


def online_learners(encoder: Encoder, seed: int) -> dict[str, OnlineLearner]:
    """By name; river must be there."""
    from river import compose, forest, linear_model, preprocessing, tree  # noqa: PLC0415

    classifiers = {
        "logistic_regression": compose.Pipeline(
            preprocessing.StandardScaler(), linear_model.LogisticRegression()
        ),
        "hoeffding_adaptive_tree": tree.HoeffdingAdaptiveTreeClassifier(seed=seed),
        "adaptive_random_forest": forest.ARFClassifier(seed=seed),
    }
    return {name: OnlineLearner(made, encoder) for name, made in classifiers.items()}
