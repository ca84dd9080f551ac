"""The distribution that a feature should have when only the share of frauds moved.

F(x) = (1 - prior) F0(x) + prior F1(x), from the quantiles of each class in the training rows. Under
a pure change of the prior this is the stream's distribution, so what still differs has moved.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """A class mixture of one feature (or of the logit).

    quantiles: (2, q) float64 ascending, of legitimate and fraudulent rows, at q probabilities
               evenly spaced from 0 to 1
    prior:     share of frauds, in [0, 1]
    """

    quantiles: NDArray[np.float64]
    prior: float

    def cdf(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """P(X <= value), elementwise, in [0, 1]."""
        steps = np.linspace(0.0, 1.0, self.quantiles.shape[1])
        legit = np.interp(values, self.quantiles[0], steps)
        fraud = np.interp(values, self.quantiles[1], steps)
        return (1.0 - self.prior) * legit + self.prior * fraud

    def quantile(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """The values at these probabilities, elementwise: the inverse of `cdf`."""
        grid = np.sort(self.quantiles.ravel())
        return np.interp(probabilities, self.cdf(grid), grid)
