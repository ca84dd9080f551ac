"""Concept drift of any rows: what two features say is turned, and the inputs stay as they were.

A teacher (boosted trees on all rows and their labels) knows the relation. The new label of a row is
what it says of that row after two features were turned into each other in the space of their normal
scores, above a limit that keeps the share of frauds: at π/2 one says what the other did.
"""

# pyright: reportMissingTypeStubs=false
# scikit-learn annotates nothing.

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata

from bench.healing.sources import Drawn
from producer.rows import Floats

_PROBED_ROWS = 3_000


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    """A teacher, and the two features (columns) whose parts it exchanges."""

    teacher: Any
    first: int
    second: int

    def labels(self, values: Floats, angle: Floats, fraud_share: float) -> NDArray[np.int8]:
        """(n,) labels of these rows, each turned by its angle (n,), in [0, π/2]."""
        said = self.teacher.predict_proba(self._turned(values, angle))[:, 1]
        return (said > np.quantile(said, 1.0 - fraud_share)).astype(np.int8)

    def _turned(self, values: Floats, angle: Floats) -> Floats:
        """Rows in which either feature is missing stay as they are."""
        turned = values.copy()
        columns = (self.first, self.second)
        is_there = ~np.isnan(values[:, columns]).any(axis=1)
        pair = [values[is_there, column] for column in columns]
        one, other = (_normal_scores(column) for column in pair)
        cos, sin = np.cos(angle[is_there]), np.sin(angle[is_there])
        turned[is_there, self.first] = _at_scores(pair[0], cos * one + sin * other)
        turned[is_there, self.second] = _at_scores(pair[1], cos * other - sin * one)
        return turned


def relation_of(drawn: Drawn, rng: np.random.Generator) -> Relation:
    """The teacher of these rows; the numeric features that tell it most and least."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415  (slow)

    teacher = HistGradientBoostingClassifier(random_state=0)
    teacher.fit(
        np.vstack([drawn.train_values, drawn.values]),
        np.concatenate([drawn.train_labels, drawn.labels]),
    )
    order = np.argsort(_importance(teacher, drawn, rng))
    numeric = drawn.schema.numeric
    return Relation(teacher, int(numeric[order[-1]]), int(numeric[order[0]]))


def _importance(teacher: Any, drawn: Drawn, rng: np.random.Generator) -> Floats:
    """(k,) mean change of P(fraud) when a numeric feature is shuffled."""
    rows = drawn.values[:_PROBED_ROWS]
    before = teacher.predict_proba(rows)[:, 1]
    found: list[float] = []
    for column in drawn.schema.numeric:
        shuffled = rows.copy()
        shuffled[:, column] = rng.permutation(shuffled[:, column])
        found.append(float(np.abs(teacher.predict_proba(shuffled)[:, 1] - before).mean()))
    return np.array(found)


def _normal_scores(column: Floats) -> Floats:
    """(n,) normal quantiles of the ranks; ties share one."""
    return ndtri(rankdata(column) / (len(column) + 1.0))


def _at_scores(column: Floats, scores: Floats) -> Floats:
    """(n,) the column's own values at these normal scores."""
    return np.quantile(column, ndtr(scores), method="inverted_cdf")
