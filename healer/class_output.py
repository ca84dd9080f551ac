"""Where the classes are now, as a correction of the network's logit that scorers can serve."""

import numpy as np

from healer.class_shifts import ClassShifts
from healer.skip import fit_skip
from selfheal.model.adapter import Output
from selfheal.model.compiled import compile_model
from selfheal.model.model import Model
from selfheal.model.probability import sigmoid

_DRAWN = 4000
"""Rows drawn from the classes, on which the correction learns what they would be called."""


def output_of(found: ClassShifts, model: Model) -> Output:
    """The linear correction that decides as the classes' densities do.

    Distilled (Hinton, Vinyals and Dean 2015): rows drawn from the classes, labelled with the
    probability that they give. All features of the model must be numeric.
    """
    anchors, rng = found.anchors, np.random.default_rng(0)
    kind = (rng.random(_DRAWN) < anchors.prior).astype(np.int64)
    noise = rng.standard_normal((_DRAWN, anchors.mean.shape[1]))
    values = anchors.mean[kind] + anchors.sd[kind] * noise
    densities = anchors.log_densities(values)
    odds = densities[:, 1] - densities[:, 0] + np.log(anchors.prior) - np.log1p(-anchors.prior)
    logit = compile_model(model, None).score(values).logit.astype(np.float64)
    encoded = model.encoder.encode(values).astype(np.float64)
    return fit_skip(encoded, logit, sigmoid(odds))
