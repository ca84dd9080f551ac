"""The steady rate leaves start-up and the end out."""

import numpy as np
import pytest

from bench.errors import BenchError
from bench.rates import steady_rate


def test_a_slow_start_and_a_slow_end_do_not_count():
    start, steady, end = np.arange(0, 1000) * 10, np.arange(9000) // 10, np.arange(100) * 50
    times = np.concatenate([start, 10_000 + steady, 10_900 + end])

    assert steady_rate(times) == pytest.approx(10_000, rel=0.01)


def test_the_order_of_the_records_makes_no_difference(rng: np.random.Generator):
    times = np.arange(50_000) // 7

    assert steady_rate(rng.permutation(times)) == steady_rate(times)


@pytest.mark.parametrize("times", [[], [5], [5] * 1000])
def test_records_that_took_no_time_have_no_rate(times: list[int]):
    with pytest.raises(BenchError, match="expected more"):
        steady_rate(np.array(times, dtype=np.int64))
