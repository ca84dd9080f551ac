"""What a stream should look like under a prior, feature by feature, by the model's reference."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from selfheal.drift.ks import ks_distance
from selfheal.drift.mixture import Classes, Floats, Mixture
from selfheal.model.model import Model
from selfheal.model.reference_rows import BLOCKS


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """Class mixtures under one prior.

    features: of the k numeric features, in schema order
    logit:    of the backbone's own logit
    """

    features: tuple[Mixture, ...]
    logit: Mixture


@lru_cache(maxsize=64)
def expected(model: Model, prior: float) -> Expected:
    """The mixtures under a prior in [0, 1]. Kept: a test of the stream asks for the same again."""
    *features, logit = _classes(model)
    return Expected(tuple(feature.mixture(prior) for feature in features), logit.mixture(prior))


@lru_cache(maxsize=4)
def _classes(model: Model) -> tuple[Classes, ...]:
    """Of the k numeric features, and of the logit at the end."""
    reference, numeric = model.reference, model.schema.numeric
    present = reference.distinct[:, None] * (1.0 - reference.missing[:, numeric])  # (2, k)
    features = (
        _seen(reference.quantiles[:, i], present[:, i], reference.wander[:, i])
        for i in range(len(numeric))
    )
    logit_rows = reference.logit_rows.astype(np.float64)
    return (*features, _seen(reference.logit_quantiles, logit_rows, np.zeros(len(BLOCKS))))


def distance_in_errors(values: Floats, mixture: Mixture) -> float:
    """K-S distance in standard errors of both samples; 0 where one of them is empty.

    values: (n,) float64 without NaN
    """
    return ks_distance(values, mixture) / mixture.error(len(values))


def _seen(quantiles: Floats, rows: Floats, wander: Floats) -> Classes:
    """A class that never had a value says nothing of its own: the other one stands for both.

    With half of its rows for each, as the two are then sure together and wrong together.
    """
    legit, fraud = float(rows[0]), float(rows[1])
    if legit > 0.0 and fraud > 0.0:
        return Classes(quantiles, (legit, fraud), wander)
    if legit > 0.0 or fraud > 0.0:
        known = 0 if legit > 0.0 else 1
        half = (legit + fraud) / 2.0
        return Classes(np.stack([quantiles[known]] * 2), (half, half), wander)
    return Classes(np.zeros_like(quantiles), (0.0, 0.0))
