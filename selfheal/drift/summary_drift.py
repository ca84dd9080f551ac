"""Drift of every feature, of the score and of what is missing, from merged summaries alone.

Each figure equals that of the pooled rows of all scorers, since it is made of counts and moments
that add up exactly. Bins are of aligned values: they say how far the traffic is from what the
serving version expects. Moments are of raw ones: how far it is from home, where the model was
trained. The limits share one stated run length over all features (`alarms.py`), count the
reference's own error, and ask for a smallest effect.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from selfheal.drift.alarms import AlarmBudget, normal_limit
from selfheal.drift.baseline import MomentShift, baseline, moment_shift
from selfheal.drift.categories import CategoryDrift, category_drift
from selfheal.drift.expected_shares import expected_shares
from selfheal.drift.ks import critical_distance, standard_error
from selfheal.drift.ks_two_sample import binned_distance
from selfheal.drift.prior_fit import PriorFit, prior_of_bins
from selfheal.drift.psi import psi
from selfheal.drift.shares import Shares
from selfheal.drift.totals import Totals
from selfheal.model.model import Model
from selfheal.model.reference_rows import STRAYED

SMALLEST_DISTANCE = 0.04
"""K-S distance, or change of the missing share, that is too small to matter in any sample."""


@dataclass(frozen=True, slots=True)
class BinnedDrift:
    """A numeric column in 20 bins. excess: of the K-S distance over its limit."""

    rows: int
    distance: float
    psi: float
    excess: float


@dataclass(frozen=True, slots=True)
class FeatureDrift:
    """One feature over all traffic.

    distance:      K-S distance at the edges, or the largest change of a level's share
    psi:           population stability index; nan without rows
    missing_shift: change of the share of missing values, signed
    excess:        the largest of its figures over their limits: an alarm above 1
    """

    feature: str
    rows: int
    distance: float
    psi: float
    missing_shift: float
    excess: float


@dataclass(frozen=True, slots=True, eq=False)
class SummaryDrift:
    """One look at all traffic.

    features:   in the order of the schema
    score:      of the active logit, against the backbone's own on clean rows: comparable where the
                adapter maps inputs only
    prior:      the share of frauds that explains the score's bins best, under the same condition
    categories: in detail, in the order of the schema's categorical features
    moments:    of the k raw numeric features, from home
    """

    rows: int
    features: tuple[FeatureDrift, ...]
    score: BinnedDrift
    prior: PriorFit
    categories: tuple[CategoryDrift, ...]
    moments: MomentShift

    @property
    def excess(self) -> float:
        """Of the feature that drifted most; 0 without features."""
        return max((feature.excess for feature in self.features), default=0.0)

    @property
    def moved(self) -> tuple[str, ...]:
        """Features above their limit, the worst first."""
        worst = sorted(self.features, key=lambda feature: -feature.excess)
        return tuple(feature.feature for feature in worst if feature.excess > 1.0)


def tests_of(model: Model) -> int:
    """Tests of one look: each feature's values, what is missing of it, and the score."""
    return 2 * len(model.schema.features) + 1


def summary_drift(
    totals: Totals, model: Model, prior: float, run_length: float = 10_000.0
) -> SummaryDrift:
    """Everything that the totals say, against the model's reference under a prior in [0, 1].

    run_length: looks at an unchanged stream between false alarms, over all features together
    Raises ValueError for a run length below 1.
    """
    rate = AlarmBudget(run_length, tests_of(model)).rate
    expected, schema, reference = expected_shares(model, prior), model.schema, model.reference
    categories = tuple(map(category_drift, totals.categories, expected.categories))
    columns = {
        column: binned_drift(totals.bins[i], expected.features[i], rate, expected.wander[i])
        for i, column in enumerate(schema.numeric.tolist())
    }
    for i, (column, _) in enumerate(schema.categories):
        index = psi(totals.categories[i], expected.categories[i])
        drift = categories[i]
        columns[column] = BinnedDrift(drift.rows, drift.shift, index, drift.excess(rate))
    return SummaryDrift(
        rows=totals.rows,
        features=tuple(
            _with_missing(
                feature.name, columns[i], int(totals.missing[i]), expected.missing[i], rate
            )
            for i, feature in enumerate(schema.features)
        ),
        score=binned_drift(totals.score_bins, expected.score, rate),
        prior=prior_of_bins(
            totals.score_bins,
            reference.logit_bin_shares,
            reference.logit_rows.astype(np.float64),
            prior,
        ),
        categories=categories,
        moments=moment_shift(
            baseline(reference, reference.missing[:, schema.numeric]), totals.moments
        ),
    )


def binned_drift(
    counts: NDArray[np.int64], expected: Shares, rate: float, stray: float = 0.0
) -> BinnedDrift:
    """Counts (20,) of a numeric column against their shares.

    rate:  chance of an alarm at one look at an unchanged stream
    stray: distance by which a part of a day differs from all days; twice an error, as in `Mixture`
    """
    rows = int(counts.sum())
    distance = binned_distance(counts, expected)
    error = max(standard_error(rows, expected.rows), stray / STRAYED)
    excess = distance / max(critical_distance(rate) * error, SMALLEST_DISTANCE)
    return BinnedDrift(rows, distance, psi(counts, expected), excess)


def _with_missing(
    name: str, values: BinnedDrift, missing: int, expected: Shares, rate: float
) -> FeatureDrift:
    """The drift of a feature's values, and of how often it has none."""
    rows = values.rows + missing
    share = missing / rows if rows else 0.0
    usual = float(expected.shares[1])
    shift = share - usual if rows else 0.0
    both = 1.0 / (1.0 + rows / expected.rows)  # the reference's part of all rows
    pooled = both * usual + (1.0 - both) * share
    error = sqrt(pooled * (1.0 - pooled)) * standard_error(rows, expected.rows) if rows else 0.0
    limit = max(normal_limit(rate) * error, SMALLEST_DISTANCE)
    return FeatureDrift(
        feature=name,
        rows=values.rows,
        distance=values.distance,
        psi=values.psi,
        missing_shift=shift,
        excess=max(values.excess, abs(shift) / limit),
    )
