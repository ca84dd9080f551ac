"""Covariate, prior and concept drift, told apart by what is known, and not named where it is not.

The words as in Moreno-Torres et al. 2012, "A unifying view on dataset shift": covariate, p(x) moves
and p(y given x) stays; prior, p(y) moves and p(x given y) stays; concept, p(y given x) moves.

What can tell them apart: a change of the prior moves every feature along its class mixture, so that
one other prior explains them all. A covariate change does not, but a map of the inputs does. And
whether p(y given x) stayed is in the labels alone: without them a moved feature of one class looks
like a moved feature of both, so the answer is "unknown" until something proves the map.
"""

from dataclasses import dataclass
from math import isnan

from selfheal.records.event_fields import DriftKind


@dataclass(frozen=True, slots=True)
class KindEvidence:
    """What was found out about the rows since a change.

    moved:     features that no prior explains
    prior_z:   standard errors between the prior that explains most and the regime's
    concept_z: standard errors by which labels contradict the scores once these are corrected for
               inputs and prior (`label_contradiction`); None or nan where there are too few labels
    is_mapped: a map of the inputs brings every feature and the logit back; None where none was
               tried
    limit:     of |z|, from a stated rate (`alarms.normal_limit`)
    """

    moved: int = 0
    prior_z: float = 0.0
    concept_z: float | None = None
    is_mapped: bool | None = None
    limit: float = 4.0


def drift_kind(evidence: KindEvidence) -> DriftKind | None:
    """The kind of drift; None where there is none.

    Where inputs and prior moved together it is called covariate: that is what must be healed.

    >>> drift_kind(KindEvidence(moved=0, prior_z=-9.0))
    'prior'
    >>> drift_kind(KindEvidence(moved=3)), drift_kind(KindEvidence(moved=3, concept_z=0.4))
    ('unknown', 'covariate')
    """
    labels_tell = evidence.concept_z is not None and not isnan(evidence.concept_z)
    if evidence.concept_z is not None and abs(evidence.concept_z) > evidence.limit:
        return "concept"
    if evidence.moved:
        return "covariate" if evidence.is_mapped or labels_tell else "unknown"
    return "prior" if abs(evidence.prior_z) > evidence.limit else None
