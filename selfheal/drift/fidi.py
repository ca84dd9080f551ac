"""FIDI: the feature-shift index of the self-healing fraud article, for one feature.

Source: the article's trigger 1, z = |batch mean - mu| / sigma. Its sigma is that of one row, not of
a mean, so the index neither depends on the batch size nor has a stated false-alarm rate: at its
threshold of 1.0 it cannot see a shift of the mean below one standard deviation.
"""

from collections.abc import Sequence

import numpy as np


def fidi(batch_means: Sequence[float], mean: float, sd: float) -> float:
    """Distance of the mean of the given batch means from calibration, in sds of one row.

    nan for no batches, or where the calibration saw no spread.

    >>> round(fidi([-2.25], mean=-0.363, sd=1.323), 3)
    1.426
    """
    if not len(batch_means) or sd <= 0.0:
        return float("nan")
    return abs(float(np.mean(batch_means)) - mean) / sd
