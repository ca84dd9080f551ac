"""What serves, with its logit scaled and shifted to fit labels: Platt's calibration, 1999."""

import numpy as np
from numpy.typing import NDArray

from healer.experts import Correction
from healer.skip import fit_skip
from selfheal.model.adapter import Adapter, Output, Trees


def recalibrated(
    served: Adapter | None, logit: NDArray[np.float64], label: NDArray[np.float64]
) -> Correction:
    """The correction of what serves, scaled and shifted as a whole.

    logit: (n,) float64, as served; label: (n,) of 0 and 1. No rows change nothing.
    """
    fit = fit_skip(np.zeros((len(label), 0)), logit, label)
    had = (served.output if served else None) or Output()
    skip = None if had.skip is None else (fit.scale * had.skip).astype(np.float32)
    output = Output(fit.scale * had.scale, fit.scale * had.shift + fit.shift, skip)
    return Correction(output, _scaled(served.trees if served else None, fit.scale))


def _scaled(trees: Trees | None, scale: float) -> Trees | None:
    if trees is None:
        return None
    leaf = (scale * trees.leaf).astype(np.float32)
    return Trees(trees.feature, trees.threshold, leaf)
