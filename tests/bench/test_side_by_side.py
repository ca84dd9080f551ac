"""Two runs of one stream: what is told of each, and when they are too far apart."""

import numpy as np
import pytest

from bench.side_by_side import Ran, harm, misses, side_by_side, unkept
from cli.backtest.trace import Trace

BOUNDARIES = (0, 400, 1_000)
SETTLING_ROWS = 100


def ran(labels, decision, *, scores=None, versions=None) -> Ran:
    """A run that decided so; by the frozen model's scores where there are no others."""
    trace = Trace(0, np.asarray(labels, np.int8), threshold=0.5, prior=0.2)
    frozen = np.where(labels, 0.9, 0.1)
    trace.add(frozen, frozen if scores is None else scores, decision, "")
    versions = np.full(len(labels), "base") if versions is None else versions
    return Ran(trace, versions, published=0, alarms=(), verdict="stable")


def wrong_in(labels, rows: slice):
    """Right decisions but in these rows."""
    decision = labels == 1
    decision[rows] = ~decision[rows]
    return decision


@pytest.fixture
def labels(rng):
    return rng.integers(0, 2, 1_000).astype(np.int8)


def test_the_same_decisions_are_no_points_apart(labels):
    one = ran(labels, wrong_in(labels, slice(0, 50)))

    found = side_by_side(one, one, BOUNDARIES, SETTLING_ROWS)

    assert [each["points"] for each in found["stretches"]] == [0.0, 0.0]
    assert found["whole"]["decided_otherwise"] == 0
    assert misses(found) == []


def test_rows_right_after_a_change_are_told_apart(labels):
    pipeline, in_process = ran(labels, wrong_in(labels, slice(400, 490))), ran(labels, labels == 1)

    found = side_by_side(pipeline, in_process, BOUNDARIES, SETTLING_ROWS)

    changed = found["stretches"][1]
    assert changed["points"] == pytest.approx(-15.0)  # 90 rows of 600
    assert changed["settled_points"] == 0.0
    assert changed["settled_rows"] == 500
    assert misses(found) == []


def test_one_point_in_a_settled_stretch_is_enough_and_more_is_too_much(labels):
    in_process = ran(labels, labels == 1)
    bounds = {5: [], 6: ["rows 400 to 1,000"]}  # of 500 settled rows; 0.5 points of all 900 are 4.5

    for wrong, expected in bounds.items():
        pipeline = ran(labels, wrong_in(labels, slice(600, 600 + wrong)))
        told = misses(side_by_side(pipeline, in_process, BOUNDARIES, SETTLING_ROWS))
        stretches = [line.split(":")[0] for line in told if not line.startswith("rows 0 to 1,000")]
        assert stretches == expected


def test_the_first_stretch_has_nothing_to_settle(labels):
    pipeline, in_process = ran(labels, wrong_in(labels, slice(0, 5))), ran(labels, labels == 1)

    told = misses(side_by_side(pipeline, in_process, BOUNDARIES, SETTLING_ROWS))

    assert [line.split(":")[0] for line in told] == ["rows 0 to 400", "rows 0 to 1,000"]


def test_a_pipeline_that_is_better_is_not_the_same_either(labels):
    pipeline, in_process = ran(labels, labels == 1), ran(labels, wrong_in(labels, slice(0, 50)))

    found = side_by_side(pipeline, in_process, BOUNDARIES, SETTLING_ROWS)

    assert found["whole"]["points"] == pytest.approx(5.0)
    assert len(misses(found)) == 2


def test_a_row_without_a_prediction_is_in_no_figure(labels):
    lost = np.arange(1_000) % 10 == 0
    scores = np.where(lost, np.nan, 0.7)
    pipeline = ran(np.where(lost, -1, labels), wrong_in(labels, slice(0, 0)), scores=scores)
    in_process = ran(labels, wrong_in(labels, np.flatnonzero(lost)))

    found = side_by_side(pipeline, in_process, BOUNDARIES, SETTLING_ROWS)

    assert found["whole"]["points"] == 0.0
    assert found["whole"]["pipeline"]["accuracy"] == 1.0


def test_a_run_tells_the_first_row_that_a_healed_version_served(labels):
    versions = np.array(["base"] * 450 + ["v1"] * 250 + ["base"] * 300)
    scores = np.where(versions == "v1", 0.7, np.where(labels, 0.9, 0.1))
    healed = ran(labels, labels == 1, scores=scores, versions=versions)

    found = side_by_side(healed, ran(labels, labels == 1), BOUNDARIES, SETTLING_ROWS)

    told = healed.told()
    assert (told["first_healed_row"], told["versions"], told["changed_rows"]) == (450, 2, 250)
    assert found["stretches"][1]["rows_to_swap"] == {"pipeline": 50, "in_process": None}


def test_where_nothing_drifts_one_changed_row_is_harm(labels):
    scores = np.where(labels, 0.9, 0.1)
    scores[7] = np.nextafter(scores[7], 1.0)

    assert harm(ran(labels, labels == 1)) == []
    assert harm(ran(labels, labels == 1, scores=scores)) == [
        "nothing drifts: 0 heals published, 1 rows changed"
    ]


def test_every_transaction_has_one_prediction_or_it_is_told():
    assert unkept(0, 0) == []
    assert unkept(3, 1_000) == ["3 lost, 1,000 doubled"]
