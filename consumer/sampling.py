"""Which rows go to `feedback`: a deterministic sample within a budget of rows a second.

A row is drawn by a keyed hash of its id, so that a restarted scorer, another scorer and a test draw
the same rows, and nobody who lacks the key can choose ids that are never looked at. The share is
1, 1/2, 1/4, ...: it changes rarely, and a row drawn at one share is drawn at every greater one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

_UNIT = 1.0 / 2**64


@dataclass(frozen=True, slots=True)
class Sampler:
    """Draws rows by id with a given probability.

    share: inclusion probability, in (0, 1]
    key:   of the hash, at most 64 bytes

    >>> Sampler(share=1.0).draw(["a", "b"])
    array([ True,  True])
    """

    share: float
    key: bytes = b""

    def draw(self, ids: Sequence[str]) -> NDArray[np.bool_]:
        """(n,) bool, true for the rows that are drawn."""
        if self.share >= 1.0:
            return np.ones(len(ids), dtype=np.bool_)
        return uniform(ids, self.key) < self.share


def uniform(ids: Sequence[str], key: bytes) -> NDArray[np.float64]:
    """(n,) numbers in [0, 1), a keyed hash of each id."""
    hashes = b"".join(blake2b(i.encode(), digest_size=8, key=key).digest() for i in ids)
    return np.frombuffer(hashes, dtype="<u8").astype(np.float64) * _UNIT


def share_within(budget_per_s: float, rate_per_s: float) -> float:
    """The greatest of 1, 1/2, 1/4, ... that keeps `rate_per_s` rows within the budget.

    >>> share_within(budget_per_s=5000.0, rate_per_s=1500.0)
    1.0
    >>> share_within(budget_per_s=5000.0, rate_per_s=22000.0)
    0.125
    """
    share = 1.0
    while rate_per_s * share > budget_per_s and share > 2.0**-40:
        share /= 2.0
    return share
