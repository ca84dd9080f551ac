import numpy as np
import pytest

from producer.delays import ConstantDelay, Delay, ExponentialDelay, LogNormalDelay
from producer.errors import LabelError
from producer.labels import DueLabel, Labeller, LabelPolicy, PendingLabels
from producer.rows import Rows
from producer.scenarios import scenario
from producer.stream import Stream

ROWS = 20_000
ROW = np.arange(ROWS)
EVENT_MS = 1_000_000 + 10 * ROW


@pytest.fixture(scope="module")
def rows() -> Rows:
    return Stream(scenario("null"), 4, ROWS).rows(0, ROWS)


def give(policy: LabelPolicy, rows: Rows, **more: np.ndarray):
    return Labeller(policy, seed=4).give(rows, ROW, EVENT_MS, **more)


def test_constant_delay_makes_every_label_due_exactly_then(rows):
    given = give(LabelPolicy(coverage=1.0, delay=ConstantDelay(2_000)), rows)

    np.testing.assert_array_equal(given.position, ROW)
    np.testing.assert_array_equal(given.due, ROW + 2_000)
    np.testing.assert_array_equal(given.labels, rows.labels)


def test_delays_in_time_count_from_the_event(rows):
    given = give(LabelPolicy(coverage=1.0, delay=ConstantDelay(60_000), clock="ms"), rows)

    np.testing.assert_array_equal(given.due, EVENT_MS + 60_000)


@pytest.mark.parametrize("coverage", [0.0, 0.1, 0.5, 1.0])
def test_coverage_is_the_share_of_rows_with_a_label(rows, coverage):
    given = give(LabelPolicy(coverage=coverage), rows)

    assert len(given.position) / ROWS == pytest.approx(coverage, abs=0.01)


def test_labels_are_the_same_however_the_stream_is_cut_up(rows):
    labeller = Labeller(
        LabelPolicy(coverage=0.3, delay=ExponentialDelay(300.0, 2_000), wrong_fraud=0.2), seed=4
    )

    whole = labeller.give(rows, ROW, EVENT_MS)
    cut = [
        labeller.give(rows.part(part), ROW[part], EVENT_MS[part])
        for part in (slice(0, 7), slice(7, 11_111), slice(11_111, ROWS))
    ]
    np.testing.assert_array_equal(np.concatenate([part.due for part in cut]), whole.due)
    np.testing.assert_array_equal(np.concatenate([part.labels for part in cut]), whole.labels)


def test_another_seed_labels_other_rows(rows):
    policy = LabelPolicy(coverage=0.5)

    first = Labeller(policy, 1).give(rows, ROW, EVENT_MS)
    second = Labeller(policy, 2).give(rows, ROW, EVENT_MS)
    shared = np.intersect1d(first.position, second.position)
    assert len(shared) / ROWS == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize(
    ("delay", "median"),
    [
        (ExponentialDelay(mean=1_000.0, longest=20_000), 693.0),
        (LogNormalDelay(median=1_000.0, sigma=0.8, longest=20_000), 1_000.0),
    ],
)
def test_random_delays_have_their_median(rows, delay: Delay, median):
    given = give(LabelPolicy(coverage=1.0, delay=delay), rows)

    assert np.median(given.due - ROW) == pytest.approx(median, rel=0.04)


@pytest.mark.parametrize(
    "delay",
    [ExponentialDelay(1_000.0, 1_500), LogNormalDelay(1_000.0, 1.5, 1_500), ConstantDelay(1_500)],
)
def test_no_delay_is_longer_than_the_longest(rows, delay: Delay):
    given = give(LabelPolicy(coverage=1.0, delay=delay), rows)

    assert (given.due - ROW).max() == delay.longest == 1_500


def test_approved_rows_alone_get_labels_by_the_decision(rows):
    is_stopped = ROW % 2 == 0

    given = give(LabelPolicy(coverage=1.0, selection="approved"), rows, is_stopped=is_stopped)

    np.testing.assert_array_equal(given.position, ROW[~is_stopped])


def test_investigated_rows_alone_get_labels_by_the_decision(rows):
    is_stopped = ROW % 2 == 0

    given = give(LabelPolicy(coverage=1.0, selection="investigated"), rows, is_stopped=is_stopped)

    np.testing.assert_array_equal(given.position, ROW[is_stopped])


def test_without_a_decision_the_true_probability_stands_in(rows):
    given = give(LabelPolicy(coverage=1.0, selection="approved", threshold=0.3), rows)

    np.testing.assert_array_equal(given.position, ROW[rows.probabilities < 0.3])


def test_a_selection_without_decision_or_probability_is_refused(rows):
    unknown = Rows(rows.values, rows.labels, np.full(ROWS, np.nan))

    with pytest.raises(LabelError, match='selection "approved" needs decisions'):
        give(LabelPolicy(selection="approved"), unknown)


def test_rows_of_unknown_truth_get_no_label(rows):
    labels = rows.labels.copy()
    labels[100:200] = -1

    given = give(LabelPolicy(coverage=1.0), Rows(rows.values, labels, rows.probabilities))

    np.testing.assert_array_equal(given.position, np.r_[0:100, 200:ROWS])


def test_wrong_labels_come_at_the_rate_of_their_class(rows):
    given = give(LabelPolicy(coverage=1.0, wrong_fraud=0.3, wrong_legit=0.05), rows)

    is_wrong = given.labels != rows.labels
    assert is_wrong[rows.labels == 1].mean() == pytest.approx(0.3, abs=0.03)
    assert is_wrong[rows.labels == 0].mean() == pytest.approx(0.05, abs=0.01)


@pytest.mark.parametrize("field", ["coverage", "threshold", "wrong_fraud", "wrong_legit"])
def test_a_share_that_is_none_is_refused(field):
    with pytest.raises(LabelError, match=f"{field} is 1.2, must be between 0 and 1"):
        LabelPolicy(**{field: 1.2})


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: ConstantDelay(-1), "length is -1"),
        (lambda: ExponentialDelay(0.0, 5), "mean is 0"),
        (lambda: LogNormalDelay(10.0, 0.0, 5), "sigma is 0"),
        (lambda: LogNormalDelay(10.0, 1.0, -5), "longest is -5"),
    ],
)
def test_a_delay_that_cannot_be_is_refused(make, what):
    with pytest.raises(LabelError, match=f"label delay: {what}"):
        make()


def test_due_labels_leave_in_the_order_in_which_they_are_due():
    pending = PendingLabels()
    pending.add([DueLabel(9, 2, "c", 0), DueLabel(4, 3, "d", 1), DueLabel(4, 0, "a", 0)])

    first, rest = pending.take(until=5), pending.take(until=10)

    assert [label.id for label in first] == ["a", "d"]
    assert [label.id for label in rest] == ["c"]
    assert len(pending) == 0
