"""Limits keep the stated rate, whatever the number of tests."""

import numpy as np
import pytest
from scipy import stats

from selfheal.drift.alarms import AlarmBudget, chi_square_limit, normal_limit


@pytest.mark.parametrize("rate", [0.3, 0.05, 1e-6, 1e-12])
def test_the_limits_are_scipy_s_quantiles(rate):
    assert normal_limit(rate) == pytest.approx(stats.norm.isf(rate / 2))
    assert chi_square_limit(rate, 19) == pytest.approx(stats.chi2.isf(rate, 19))


def test_no_degrees_of_freedom_have_no_limit():
    assert chi_square_limit(0.05, 0) == 0.0


@pytest.mark.parametrize("tests", [1, 10, 200])
def test_all_tests_together_keep_the_run_length(rng, tests):
    budget = AlarmBudget(run_length=50, tests=tests)

    z = rng.standard_normal((20_000, tests))
    alarmed = (np.abs(z) > normal_limit(budget.rate)).any(axis=1).mean()

    assert alarmed == pytest.approx(1 / 50, rel=0.2)


def test_dependent_tests_alarm_no_more_often(rng):
    budget = AlarmBudget(run_length=50, tests=10)

    z = np.repeat(rng.standard_normal((20_000, 1)), 10, axis=1)
    alarmed = (np.abs(z) > normal_limit(budget.rate)).any(axis=1).mean()

    assert alarmed < 1 / 50


@pytest.mark.parametrize(("run_length", "tests"), [(0.5, 1), (float("nan"), 1), (10, 0)])
def test_a_budget_of_nothing_is_refused(run_length, tests):
    with pytest.raises(ValueError, match="expected 1 or more"):
        AlarmBudget(run_length, tests)
