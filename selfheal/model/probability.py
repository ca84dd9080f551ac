"""Logits and probabilities."""

import numpy as np
import numpy.typing as npt

from selfheal.model.arrays import Float64

LOGIT_LIMIT = 1e6
"""Logits are kept within this: far beyond it the probability is 0 or 1 all the same."""


def sigmoid(logit: npt.ArrayLike) -> Float64:
    """P(fraud) in [0, 1] as float64, of the logit's shape; no overflow at any logit.

    >>> sigmoid([-1000.0, 0.0, 1000.0]).tolist()
    [0.0, 0.5, 1.0]
    """
    x = np.asarray(logit, dtype=np.float64)
    decay = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, decay) / (1.0 + decay)
