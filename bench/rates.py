"""The rate of a stream once it flows, from the times of its records."""

import numpy as np
from numpy.typing import NDArray

from bench.errors import BenchError

STEADY_FROM = 0.25
STEADY_TO = 0.95
"""The part of the records that counts, as shares of them: without start-up and without the end."""


def steady_rate(times_ms: NDArray[np.int64]) -> float:
    """Records a second over the steady part of a run.

    times_ms: (n,) Unix milliseconds of each record, in any order
    Raises BenchError where the steady part takes no time, as with too few records.

    >>> steady_rate(np.arange(10_000) // 100)
    100000.0
    """
    ordered = np.sort(times_ms)
    first, last = int(len(ordered) * STEADY_FROM), int(len(ordered) * STEADY_TO)
    elapsed_ms = int(ordered[last] - ordered[first]) if last < len(ordered) else 0
    if elapsed_ms <= 0:
        raise BenchError(
            f"a rate of {len(ordered)} records: they came within a millisecond, expected more"
        )
    return (last - first) * 1000.0 / elapsed_ms
