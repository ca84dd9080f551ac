import numpy as np
import pytest

from producer.errors import ScenarioError
from producer.regimes import G2, V14
from producer.rows import Rows
from producer.scenarios import SCHEMA, scenario, scenario_names
from producer.stream import (
    BLOCK_ROWS,
    Scenario,
    Segment,
    Stream,
    row_of_id,
    transaction_id,
)


def stream(name: str, seed: int = 3, transactions: int = 4_500) -> Stream:
    return Stream(scenario(name), seed, transactions)


def assert_same(left: Rows, right: Rows) -> None:
    np.testing.assert_array_equal(left.values, right.values)
    np.testing.assert_array_equal(left.labels, right.labels)
    np.testing.assert_array_equal(left.probabilities, right.probabilities)


@pytest.mark.parametrize("name", scenario_names())
def test_any_stretch_equals_the_same_rows_of_the_whole_stream(name):
    run = stream(name)

    whole = run.rows(0, 4_500)
    for first, count in [(0, 1), (999, 2), (1_490, 20), (2_990, 1_510), (4_499, 1)]:
        assert_same(run.rows(first, count), whole.part(slice(first, first + count)))


@pytest.mark.parametrize("name", ["abrupt", "cards-rotation"])
def test_the_same_seed_gives_the_same_bytes(name):
    assert stream(name).rows(0, 2_000).values.tobytes() == (
        stream(name).rows(0, 2_000).values.tobytes()
    )


def test_another_seed_gives_other_rows():
    assert not np.array_equal(
        stream("null", seed=1).rows(0, 10).values, stream("null", seed=2).rows(0, 10).values
    )


def test_blocks_differ_from_each_other():
    rows = stream("null").rows(0, 2 * BLOCK_ROWS).values

    assert not np.array_equal(rows[:BLOCK_ROWS], rows[BLOCK_ROWS:])


def test_batches_are_the_stream_cut_up():
    parts = list(stream("abrupt").batches(first=700, rows=400))

    assert [len(part) for part in parts] == [400] * 9 + [200]
    assert_same(parts[3], stream("abrupt").rows(1_900, 400))


def test_drift_begins_exactly_at_the_onset():
    drifted = stream("abrupt")
    clean = Stream(scenario("null"), 3, 4_500)

    (onset,) = drifted.onsets
    moved = drifted.rows(0, 4_500).values - clean.rows(0, 4_500).values
    assert onset == 1_500
    np.testing.assert_array_equal(moved[:onset], 0.0)
    np.testing.assert_allclose(moved[onset:, V14], -2.2, atol=2e-6)


def test_training_and_fresh_rows_are_not_in_the_stream():
    run = stream("null")

    in_stream = {row.tobytes() for row in run.rows(0, 4_500).values}
    outside = [*run.training().values, *run.fresh(0, 2_000).values]
    assert len(outside) == 7_000
    assert len({row.tobytes() for row in outside}) == 7_000
    assert not in_stream.intersection(row.tobytes() for row in outside)


def test_fresh_rows_of_a_ramp_are_those_of_its_end():
    fresh = stream("gradual").fresh(1, 5_000)

    assert fresh.values[fresh.labels == 0, V14].mean() == pytest.approx(-2.2, abs=0.06)


def test_values_have_six_decimals():
    values = stream("cards-null").rows(0, 100).values

    np.testing.assert_array_equal(values, np.round(values, 6))


@pytest.mark.parametrize(("first", "count"), [(-1, 2), (0, 0), (4_499, 2)])
def test_rows_that_do_not_exist_are_refused(first, count):
    with pytest.raises(IndexError, match="of a stream of 4500"):
        stream("null").rows(first, count)


def test_an_empty_stream_is_refused():
    with pytest.raises(ScenarioError, match="0 transactions"):
        Stream(scenario("null"), 0, 0)


@pytest.mark.parametrize("starts", [(), (0.1,), (0.0, 0.5, 0.5), (0.0, 1.0)])
def test_segments_out_of_order_are_refused(starts):
    segments = tuple(Segment(start, G2) for start in starts)

    with pytest.raises(ScenarioError, match="segments start at"):
        Scenario("odd", "", SCHEMA, segments, scenario("null").labels)


def test_an_id_leads_back_to_its_row():
    assert row_of_id(transaction_id(5, 77)) == 77


@pytest.mark.parametrize("foreign", ["", "77", "s5", "s5-", "s5-x", "t5-7"])
def test_a_foreign_id_has_no_row(foreign):
    with pytest.raises(ValueError, match="not the id"):
        row_of_id(foreign)
