"""Which rows go to `feedback`: a deterministic sample within a budget of rows a second.

A row is drawn by a keyed hash of its id, so that a restarted scorer, another scorer and a test draw
the same rows, and nobody who lacks the key can choose ids that are never looked at. The share is
1, 1/2, 1/4, ...: it changes rarely, and a row drawn at one share is drawn at every greater one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b, shake_256

import numpy as np
from numpy.typing import NDArray

_WORD_BYTES = 4
_LONGEST_BYTES = 64
_UNIT = 1.0 / 2**32


@dataclass(frozen=True, slots=True)
class Sampler:
    """Draws rows by id with a given probability.

    share: inclusion probability, in (0, 1]
    key:   of the hash

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
    """(n,) numbers in [0, 1), a keyed hash of each id; the batch around an id makes no difference.

    The id's 32-bit words, each times a factor that the key gives, summed in 64 bits, upper half:
    strongly universal, so over keys every number is equally likely and any two are independent,
    whatever ids are chosen. One pass for a batch: a cryptographic hash of each id costs a tenth of
    all that a scorer does. Whoever sees which rows were drawn can work the factors out, so this is
    for those who do not. Source: Lemire and Kaser 2014, "Strongly universal string hashing is
    fast", The Computer Journal 57(11), 1624-1638.

    >>> uniform([], b"")
    array([], dtype=float64)
    """
    if not ids:
        return np.empty(0)
    texts = [id_.encode() for id_ in ids]
    if max(map(len, texts)) > _LONGEST_BYTES:
        texts = [_shortened(text, key) for text in texts]
    # Fixed width, zeros at the end: words of zeros add nothing to the sum.
    width = -(-max(map(len, texts)) // _WORD_BYTES) or 1
    words = np.array(texts, dtype=f"S{width * _WORD_BYTES}").view("<u4").reshape(len(ids), width)
    first, factors = _factors(key)
    hashes = words.astype(np.uint64) @ factors[:width] + first
    return (hashes >> np.uint64(32)).astype(np.float64) * _UNIT


def _shortened(text: bytes, key: bytes) -> bytes:
    if len(text) <= _LONGEST_BYTES:
        return text
    return blake2b(text, digest_size=_LONGEST_BYTES, key=blake2b(key).digest()).digest()


@lru_cache(maxsize=8)
def _factors(key: bytes) -> tuple[np.uint64, NDArray[np.uint64]]:
    """The summand and the (16,) factors that a key stands for."""
    count = 1 + _LONGEST_BYTES // _WORD_BYTES
    numbers = np.frombuffer(shake_256(key).digest(8 * count), dtype="<u8").astype(np.uint64)
    return numbers[0], numbers[1:]


def share_within(budget_per_s: float, rate_per_s: float) -> float:
    """The greatest of 1, 1/2, 1/4, ... that keeps `rate_per_s` rows within the budget.

    >>> share_within(budget_per_s=5000.0, rate_per_s=1500.0)
    1.0
    >>> share_within(budget_per_s=5000.0, rate_per_s=22000.0)
    0.125
    """
    share = 1.0
    while rate_per_s * share > budget_per_s and share > 2.0**-32:
        share /= 2.0
    return share
