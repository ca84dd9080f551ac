"""The table of costs: who paid how much for the same rows, on a short stream."""

import numpy as np
import pytest

from bench.healing.costs import case_of
from bench.healing.gaussian import Window
from producer.operators import everyone
from producer.regimes import G2
from selfheal.model.costs import Costs

COSTS = Costs(missed_fraud=5_000, false_alarm=200)
DRIFTED = slice(500, 1_000)


@pytest.fixture(scope="module")
def served():
    return Window("G2", everyone(G2, 2.2), 500, 900).served()


def test_what_a_row_costs_is_counted_from_the_decisions(served):
    found = case_of(served, served, DRIFTED, COSTS)

    trace = served.trace
    labels, alarms = trace.labels[DRIFTED] > 0, trace.decision[DRIFTED]
    paid = 5_000 * (labels & ~alarms).sum() + 200 * (~labels & alarms).sum()
    assert found["healed"]["cost"] == pytest.approx(paid / 500)
    assert found["healed"]["recall"] == pytest.approx((labels & alarms).sum() / labels.sum())


def test_the_best_threshold_in_hindsight_costs_no_more_than_any_other(served):
    found = case_of(served, served, DRIFTED, COSTS)

    scores, labels = served.trace.frozen[DRIFTED], served.trace.labels[DRIFTED]
    costs = [COSTS.per_1000(labels, scores, scores >= t) / 1_000 for t in np.linspace(0, 1, 200)]
    assert found["frozen at best"]["cost"] <= min(costs) + 1e-9
    assert found["with costs at best"]["cost"] <= found["with costs"]["cost"]
