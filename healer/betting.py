"""Is one predictor better than another? Evidence that may be looked at after every label.

A bet against "it is not better" multiplies a capital by 1 + b g for each label, g the gain. Were
the claim true, no bet would grow the capital on average; so the chance that it ever reaches c is at
most 1/c, however often one looks. A part of the capital is held back and staked later, a little
every fifty labels, so that a predictor that becomes better late is found as well.

Sources: Ville 1939; Waudby-Smith and Ramdas 2024, "Estimating means of bounded random variables by
betting"; for the later stakes Shin, Ramdas, Rinaldo 2022, "E-detectors".
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

BETS = np.array([0.02, 0.05, 0.15, 0.4, 0.8, 0.95])
"""Shares of the capital at stake; the best one depends on the gain, the mean needs no choice."""

STAKE_EVERY = 50
"""Labels between the stakes that were held back."""


@dataclass(frozen=True, slots=True, eq=False)
class Wager:
    """The capital of all bets on one predictor.

    log_capital: (len(BETS),) float64, its logarithm for each share
    labels:      that were bet on
    gain:        summed over them
    """

    log_capital: NDArray[np.float64] = field(default_factory=lambda: np.full(len(BETS), -np.inf))
    labels: int = 0
    gain: float = 0.0

    @property
    def log_evidence(self) -> float:
        """Logarithm of the mean capital; minus infinity before the first label."""
        top = float(self.log_capital.max())
        if np.isinf(top):
            return top
        return top + float(np.log(np.exp(self.log_capital - top).mean()))

    @property
    def mean_gain(self) -> float:
        """Gain a label; 0 before the first."""
        return self.gain / self.labels if self.labels else 0.0

    def after(self, gains: NDArray[np.float64]) -> "Wager":
        """The capital after more labels.

        gains: (n,) float64, each in [-1, 1], in the order in which the labels became known; known
        of a predictor that had not seen them. No gains change nothing.
        """
        log_capital = self.log_capital
        for label, gain in enumerate(gains, start=self.labels):
            if label % STAKE_EVERY == 0:
                log_capital = np.logaddexp(log_capital, _log_stake(label // STAKE_EVERY + 1))
            log_capital = log_capital + np.log1p(BETS * gain)
        return Wager(log_capital, self.labels + len(gains), self.gain + float(gains.sum()))


def _log_stake(number: int) -> float:
    """Of the number-th stake, from 1: 1 / (number (number + 1)), together the capital of 1."""
    return -float(np.log(number) + np.log(number + 1))
