"""The densities of the classes as a correction of the network's logit that scorers can serve."""

from functools import lru_cache

import numpy as np

from healer.anchors import Anchors
from healer.calibration import own_calibration
from healer.skip import fit_skip
from selfheal.model.adapter import Output
from selfheal.model.compiled import compile_model
from selfheal.model.model import Model
from selfheal.model.probability import sigmoid

_DRAWN = 4000
"""Rows drawn from the classes, on which the correction learns what they would be called."""


_DOUBT = 2.0
"""Standard errors by which the network must do better to be believed instead."""


@lru_cache(maxsize=4)
def densities_tell_more(anchors: Anchors, model: Model) -> bool:
    """Whether the network did no better on held-out rows than the anchors' densities should.

    Where classes are normal, their densities are the best that there is, and a network that learned
    from thousands of rows falls short of them. One that does better has found what they miss.
    False where other features than the anchors' tell the classes apart.
    """
    if len(model.schema.categorical):
        return False
    odds = anchors.log_odds(anchors.drawn(_DRAWN, anchors.prior))
    densities = float((np.logaddexp(0.0, odds) - sigmoid(odds) * odds).mean())
    network, error = _held_out_loss(model)
    return network + _DOUBT * error > densities


def _held_out_loss(model: Model) -> tuple[float, float]:
    """Log-loss of the calibrated network on the rows it was not trained on, and its error."""
    reference, own = model.reference, own_calibration(model)
    middle = 0.5 * (reference.logit_quantiles[:, 1:] + reference.logit_quantiles[:, :-1])
    logit = own.scale * middle + own.shift
    losses = np.logaddexp(0.0, logit) - np.array([[0.0], [1.0]]) * logit  # (2, 256)
    share = np.array([1.0 - reference.prior, reference.prior])
    of_class = losses.var(axis=1) / np.maximum(reference.logit_rows, 1)
    return float(share @ losses.mean(axis=1)), float(np.sqrt(share**2 @ of_class))


def output_of(anchors: Anchors, model: Model) -> Output:
    """The linear correction that decides as the densities do, its prior theirs.

    Distilled (Hinton, Vinyals and Dean 2015): rows drawn from the classes, labelled with the
    probability that they give. All features of the model must be numeric.
    """
    values = anchors.drawn(_DRAWN, anchors.prior)
    logit = compile_model(model, None).score(values).logit.astype(np.float64)
    encoded = model.encoder.encode(values).astype(np.float64)
    return fit_skip(encoded, logit, sigmoid(anchors.log_odds(values)))
