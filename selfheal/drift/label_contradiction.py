"""Do the labels contradict the scores? The sign of concept drift, where inputs look as before.

Source: Spiegelhalter 1986, "Probabilistic prediction in patient management and clinical trials",
Statistics in Medicine 5: the Brier score less what it should be if the scores were probabilities,
sum (y - p)(1 - 2p), over its standard error. A network is never quite calibrated, so that this is
far from 0 in many rows even on clean ones; hence the contrast, which asks for a change.
"""

from math import nan, sqrt

import numpy as np

from selfheal.drift.mixture import Floats


def spiegelhalter_z(labels: Floats, scores: Floats) -> float:
    """Standard errors by which labels (n,) of 0 and 1 contradict scores (n,) in [0, 1].

    Above 0: the scores are surer than they are right. Standard normal where they are
    probabilities; nan where no score says anything, or for no rows.
    """
    weight = 1.0 - 2.0 * scores
    variance = float((weight**2 * scores * (1.0 - scores)).sum())
    return float(((labels - scores) * weight).sum()) / sqrt(variance) if variance > 0.0 else nan


def contradiction_z(
    labels: Floats, scores: Floats, clean_labels: Floats, clean_scores: Floats
) -> float:
    """Standard errors between the excess Brier score of rows (n,) and that of clean rows (m,).

    For `KindEvidence.concept_z`: scores corrected for inputs and prior, that is, of the serving
    adapter. nan where either side has fewer than two rows, or nothing varies.

    >>> rng = np.random.default_rng(0)
    >>> scores = rng.uniform(size=4_000)
    >>> labels = (rng.random(4_000) < scores).astype(float)
    >>> now, before = slice(0, 2_000), slice(2_000, None)
    >>> abs(contradiction_z(labels[now], scores[now], labels[before], scores[before])) < 3.0
    True
    >>> contradiction_z(1.0 - labels[now], scores[now], labels[before], scores[before]) > 10.0
    True
    """
    if min(len(labels), len(clean_labels)) < 2:
        return nan
    excess = (labels - scores) * (1.0 - 2.0 * scores)
    clean = (clean_labels - clean_scores) * (1.0 - 2.0 * clean_scores)
    variance = float(excess.var(ddof=1)) / len(excess) + float(clean.var(ddof=1)) / len(clean)
    distance = float(np.mean(excess) - np.mean(clean))
    return distance / sqrt(variance) if variance > 0.0 else nan
