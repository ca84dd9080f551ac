"""The search without slopes takes scipy's steps, and stops where it is told to."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import minimize

from healer.nelder_mead import least

CORNERS = [(0.5, -1.0), (0.6, -1.0), (0.5, 0.4)]


def steps(seed: int) -> Callable[[float, float], float]:
    """Mean distance of two fitted numbers from ranks: kinks, and level stretches where rounded."""
    rng = np.random.default_rng(seed)
    points, ranks = rng.normal(size=20), rng.random(20)
    digits = int(rng.integers(1, 12))

    def value(x: float, y: float) -> float:
        return float(np.abs(x * points + y - ranks).round(digits).mean())

    return value


@pytest.mark.parametrize("most_calls", [3, 4, 17, 120])
def test_each_step_is_that_of_scipy_to_the_last_bit(most_calls: int):
    for seed in range(100):
        function = steps(seed)
        known = minimize(
            lambda p, f=function: f(p[0], p[1]),
            CORNERS[0],
            method="Nelder-Mead",
            options={
                "maxfev": most_calls,
                "xatol": 1e-3,
                "fatol": 1e-5,
                "initial_simplex": np.array(CORNERS),
            },
        )

        found = least(function, CORNERS, most_calls=most_calls, near=1e-3, flat=1e-5)

        assert (found.x, found.y, found.value) == (known.x[0], known.x[1], known.fun)


def test_the_least_of_a_bowl_is_found():
    found = least(
        lambda x, y: (x - 1.0) ** 2 + (y + 2.0) ** 2, CORNERS, most_calls=500, near=1e-6, flat=1e-9
    )

    assert (found.x, found.y) == pytest.approx((1.0, -2.0), abs=1e-4)


def test_no_call_is_made_beyond_the_most():
    calls: list[tuple[float, float]] = []

    def value(x: float, y: float) -> float:
        calls.append((x, y))
        return x * x + y * y

    least(value, CORNERS, most_calls=10, near=0.0, flat=0.0)

    assert len(calls) == 10
