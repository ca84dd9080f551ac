"""Lots: a number in [0, 1) for each row that depends on a key and the row alone.

So which labels come, and when, can be said again for any row without drawing those before it.
"""

import hashlib

import numpy as np

from producer.rows import Floats, Integers

_INCREMENT = np.uint64(0x9E3779B97F4A7C15)
_FACTORS = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def draw_lots(seed: int, purpose: str, row: Integers) -> Floats:
    """A uniform number in [0, 1) for each row: (n,) -> (n,); purposes are independent.

    Source: SplitMix64, Steele, Lea and Flood 2014, with a state for each row.

    >>> draw_lots(7, "coverage", np.array([3, 4])) == draw_lots(7, "coverage", np.arange(3, 5))
    array([ True,  True])
    """
    digest = hashlib.blake2b(f"{seed}/{purpose}".encode(), digest_size=8).digest()
    key = np.uint64(int.from_bytes(digest, "little"))
    mixed = key + (row.astype(np.uint64) + np.uint64(1)) * _INCREMENT
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _FACTORS[0]
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _FACTORS[1]
    mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53
