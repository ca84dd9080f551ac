"""Baseline statistics of each numeric feature, and how far a stream's mean and spread moved.

Source: the production monitoring article: mean, standard deviation, minimum, maximum, quantiles,
and thresholds on the shift of mean and standard deviation. Its thresholds are in units of the
baseline alone; added here is what chance could do, from both samples and the feature's own tails.
"""

from dataclasses import dataclass

import numpy as np

from selfheal.drift.alarms import normal_limit
from selfheal.drift.mixture import Floats
from selfheal.drift.moments import ColumnMoments
from selfheal.model.reference import Reference

MEAN_SHIFT = 0.25
"""Shift of the mean that matters, baseline standard deviations."""

SD_RATIO = 1.25
"""Ratio of standard deviations that matters, either way."""


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """Of k numeric features, raw values, missing ones left out; NaN where there was no value.

    rows, mean, sd, lowest, highest: (k,) float64
    kurtosis:  (k,) 3 for a normal feature; from the reference's quantiles, and so rather too high
    quantiles: (k, 19), at 5, 10, ..., 95 %
    """

    rows: Floats
    mean: Floats
    sd: Floats
    lowest: Floats
    highest: Floats
    quantiles: Floats
    kurtosis: Floats


def baseline(reference: Reference, missing: Floats) -> Baseline:
    """The baseline that a model's reference holds.

    missing: (2, k) the reference's share of missing values of these features, by class
    """
    present = reference.rows[:, None] * (1.0 - missing)  # (2, k)
    share = present / np.maximum(present.sum(axis=0), 1.0)
    grid = reference.quantiles  # (2, k, 257)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = (grid - reference.mean[:, None]) / reference.sd[:, None]
    middle = 0.5 * (z[..., 1:] + z[..., :-1])
    parts = (z[..., 1:] ** 4 + 4.0 * middle**4 + z[..., :-1] ** 4) / 6.0  # Simpson's rule
    fourth = np.nan_to_num(parts.mean(axis=2), nan=0.0)
    return Baseline(
        rows=present.sum(axis=0),
        mean=reference.mean,
        sd=reference.sd,
        lowest=np.fmin(grid[0, :, 0], grid[1, :, 0]),
        highest=np.fmax(grid[0, :, -1], grid[1, :, -1]),
        quantiles=reference.edges,
        kurtosis=np.maximum((share * fourth).sum(axis=0), 1.0),
    )


@dataclass(frozen=True, slots=True, eq=False)
class MomentShift:
    """How k features moved from their baseline; NaN where there is nothing to compare.

    mean_shift: (k,) baseline standard deviations, signed; mean_z: in its standard errors
    sd_ratio:   (k,) stream over baseline; sd_z: of its logarithm, in standard errors
    is_outside: (k,) bool, a value lies outside the baseline's range
    """

    mean_shift: Floats
    mean_z: Floats
    sd_ratio: Floats
    sd_z: Floats
    is_outside: np.ndarray[tuple[int], np.dtype[np.bool_]]

    def excess(self, rate: float) -> Floats:
        """(k,) an alarm above 1: mean or spread moved by more than matters and chance explains.

        rate: chance that one of the two alarms at one look at an unchanged stream; NaN reads as 0
        """
        limit = normal_limit(rate)
        mean = np.fmin(abs(self.mean_shift) / MEAN_SHIFT, abs(self.mean_z) / limit)
        with np.errstate(divide="ignore"):
            spread = abs(np.log(self.sd_ratio)) / np.log(SD_RATIO)
        return np.nan_to_num(np.fmax(mean, np.fmin(spread, abs(self.sd_z) / limit)), nan=0.0)


def moment_shift(base: Baseline, stream: ColumnMoments) -> MomentShift:
    """The shift of the stream's raw moments from the baseline.

    The variance of a logarithm of a standard deviation is (kurtosis - 1) / (4 n): for heavy tails
    it is many times that of a normal feature.
    """
    rows = stream.count.astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        shift = np.where(rows > 0.0, (stream.mean - base.mean) / base.sd, np.nan)
        ratio = stream.sd / base.sd
        own = np.nan_to_num(ratio**2, nan=1.0) / rows
        both = 0.25 * (base.kurtosis - 1.0) * (1.0 / rows + 1.0 / base.rows)
        return MomentShift(
            mean_shift=shift,
            mean_z=shift / np.sqrt(own + 1.0 / base.rows),
            sd_ratio=ratio,
            sd_z=np.log(ratio) / np.sqrt(both),
            is_outside=(stream.lowest < base.lowest) | (stream.highest > base.highest),
        )
