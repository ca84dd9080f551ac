import pytest

from producer.errors import ScenarioError
from producer.pacing import Pace


def test_rows_fall_due_evenly():
    pace = Pace(1_500.0)

    assert [pace.rows_due(s, at_most=10_000) for s in (0.0, 0.1, 1.0, 2.0)] == [0, 150, 1500, 3000]


def test_no_more_are_due_than_are_asked_for():
    assert Pace(1_500.0).rows_due(60.0, at_most=40) == 40


def test_flat_out_everything_is_due_and_nothing_waits():
    pace = Pace(0.0)

    assert pace.rows_due(0.0, at_most=1_000) == 1_000
    assert pace.wait_s(1_000_000, 0.0) == 0.0


@pytest.mark.parametrize("rate", [0.5, 3.0, 1_500.0])
@pytest.mark.parametrize("rows", [1, 7, 1_000])
def test_after_the_wait_the_rows_are_due(rate, rows):
    pace = Pace(rate)

    wait_s = pace.wait_s(rows, elapsed_s=0.0)

    assert pace.rows_due(wait_s, at_most=10_000) == rows


def test_a_late_row_does_not_wait():
    assert Pace(10.0).wait_s(rows=5, elapsed_s=3.0) == 0.0


@pytest.mark.parametrize("rate", [-1.0, float("nan")])
def test_a_rate_that_is_none_is_refused(rate):
    with pytest.raises(ScenarioError, match="pace: rate is"):
        Pace(rate)
