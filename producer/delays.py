"""How late a label comes: fixed, or drawn from a distribution that is cut off at a longest delay.

All in one unit, which the label policy names: rows of the stream, or milliseconds of event time.
The cut-off is what makes a restart exact: no label can come from further back than `longest`.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import ndtri

from producer.errors import LabelError
from producer.rows import Floats, Integers


class Delay(Protocol):
    """Turns a uniform number into a delay."""

    @property
    def longest(self) -> int:
        """No delay is longer."""
        ...

    def of(self, lot: Floats) -> Integers:
        """(n,) uniform numbers in [0, 1) -> (n,) delays >= 0, growing with the number."""
        ...


@dataclass(frozen=True, slots=True)
class ConstantDelay:
    """Every label comes `length` after its transaction."""

    length: int

    def __post_init__(self) -> None:
        _require(self.length >= 0, f"length is {self.length}, must be 0 or more")

    @property
    def longest(self) -> int:
        """The one length."""
        return self.length

    def of(self, lot: Floats) -> Integers:
        """The one length, for each number."""
        return np.full(len(lot), self.length, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class ExponentialDelay:
    """Labels come at a constant rate after their transaction, `mean` later on average.

    `longest` holds back the tail: labels that would be later come then.
    """

    mean: float
    longest: int

    def __post_init__(self) -> None:
        _require(self.mean > 0, f"mean is {self.mean:g}, must be above 0")
        _require(self.longest >= 0, f"longest is {self.longest}, must be 0 or more")

    def of(self, lot: Floats) -> Integers:
        """Quantiles of the exponential distribution, rounded down."""
        return np.minimum(-self.mean * np.log1p(-lot), self.longest).astype(np.int64)


@dataclass(frozen=True, slots=True)
class LogNormalDelay:
    """Most labels come near the median and a few very late, as chargebacks do.

    sigma: deviation of the logarithm of the delay; 0.5 to 1.5 is usual
    `longest` holds back the tail: labels that would be later come then.
    """

    median: float
    sigma: float
    longest: int

    def __post_init__(self) -> None:
        _require(self.median > 0, f"median is {self.median:g}, must be above 0")
        _require(self.sigma > 0, f"sigma is {self.sigma:g}, must be above 0")
        _require(self.longest >= 0, f"longest is {self.longest}, must be 0 or more")

    def of(self, lot: Floats) -> Integers:
        """Quantiles of the log-normal distribution, rounded down."""
        delay = self.median * np.exp(self.sigma * ndtri(lot))
        return np.minimum(delay, self.longest).astype(np.int64)


def _require(is_right: bool, what: str) -> None:
    if not is_right:
        raise LabelError(f"label delay: {what}")
