"""Labels join samples by id, in either order, in a fixed number of rows."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.window import FeedbackWindow
from tests.healer.rows import conflict, label, sample, scored_rows

CAPACITY = 5


@pytest.fixture
def window() -> FeedbackWindow:
    return FeedbackWindow(CAPACITY, features=1)


def add(window: FeedbackWindow, *ids: str) -> None:
    for number, id_ in enumerate(ids):
        window.add_sample(sample(id_, event_ms=number), [float(number)])


@pytest.mark.parametrize("is_label_first", [True, False])
def test_a_label_joins_its_sample_whichever_comes_first(window, is_label_first):
    for is_label in (is_label_first, not is_label_first):
        if is_label:
            window.add_label(label("a", 1, labelled_ms=9))
        else:
            add(window, "a")

    rows = window.joined(0)
    assert (rows.label.tolist(), rows.labelled_ms.tolist()) == ([1.0], [9])
    assert window.labels_joined == 1


def test_a_row_keeps_what_was_served(window):
    served = sample("a", 7, score=0.9, shadow_score=0.1, epoch=3, inclusion_probability=0.25)

    window.add_sample(served, [2.5])

    rows = window.newest(1)
    assert rows.values.tolist() == [[2.5]]
    assert (rows.event_ms[0], rows.score[0], rows.shadow_score[0]) == (7, 0.9, 0.1)
    assert (rows.epoch[0], rows.weight[0]) == (3, 4.0)
    assert np.isnan(rows.label[0])


def test_an_unlabelled_row_is_among_the_newest_and_not_among_the_joined(window):
    add(window, "a", "b", "c")
    window.add_label(label("b", 0))

    np.testing.assert_array_equal(window.newest(10).label, [np.nan, 0.0, np.nan])
    assert window.ids(window.joined(0)) == ["b"]


def test_a_repeated_sample_changes_nothing(window):
    add(window, "a")
    window.add_sample(sample("a", event_ms=99), [99.0])

    assert window.samples_seen == 1
    assert window.newest(10).values.tolist() == [[0.0]]


def test_a_repeated_label_changes_nothing_but_its_count(window):
    add(window, "a")
    for _ in range(3):
        window.add_label(label("a", 1, labelled_ms=5))

    assert window.labels_joined == 1
    assert window.joined(0).label.tolist() == [1.0]
    assert window.labels_unused == {"duplicate": 2}


@pytest.mark.parametrize("is_sample_first", [True, False])
@pytest.mark.parametrize("times", [(5, 9), (9, 5), (5, 5)])
def test_of_contradicting_labels_the_one_known_last_holds_and_among_equals_the_last_to_come(
    window, times, is_sample_first
):
    first, second = label("a", 1, times[0]), label("a", 0, times[1])

    if is_sample_first:
        add(window, "a")
    window.add_label(first)
    window.add_label(second)
    if not is_sample_first:
        add(window, "a")

    holds = first if times[0] > times[1] else second
    assert window.joined(0).label.tolist() == [holds.label]
    assert window.labels_joined == 1


def test_a_label_of_an_unknown_id_waits_and_gives_way_to_newer_ones(window):
    for number in range(CAPACITY + 2):
        window.add_label(label(f"unknown-{number}"))
    add(window, "unknown-0", f"unknown-{CAPACITY}")

    assert window.ids(window.joined(0)) == [f"unknown-{CAPACITY}"]
    assert window.labels_unused == {"unknown_id": 2}


def test_a_label_that_comes_too_late_finds_nothing_to_join(window):
    add(window, *"abcdefg")
    window.add_label(label("a"))

    assert window.labels_joined == 0
    assert window.oldest_event_ms == 2


def test_the_oldest_row_makes_room_and_takes_its_label_along(window):
    add(window, *"abcde")
    for id_ in "abcde":
        window.add_label(label(id_))
    add(window, "f", "g")

    assert window.ids(window.newest(10)) == list("cdefg")
    assert window.ids(window.joined(0)) == list("cde")
    assert (window.rows, window.samples_seen, window.labels_joined) == (CAPACITY, 7, 5)


def test_joined_rows_come_in_the_order_of_their_joining_from_any_place_on(window):
    add(window, *"abcde")
    for id_ in "dbeac":
        window.add_label(label(id_))

    assert window.ids(window.joined(0)) == list("dbeac")
    assert window.ids(window.joined(2, 2)) == list("ea")
    assert window.ids(window.joined(9)) == []


def test_places_are_counted_from_the_start_whatever_has_made_room(window):
    for number in range(12):
        add(window, str(number))
        window.add_label(label(str(number)))

    assert window.ids(window.joined(9, 2)) == ["9", "10"]
    assert window.ids(window.joined(6, 2)) == ["7"]
    assert window.ids(window.joined(0, 3)) == []


def test_ids_of_rows_that_have_made_room_are_gone(window):
    add(window, *"abc")
    rows = window.newest(3)

    add(window, *"defg")

    assert window.ids(rows) == ["", "", "c"]


def test_a_conflict_marks_its_row_whichever_comes_first(window):
    window.add_conflict(conflict("a"))
    add(window, "a", "b", "c")
    window.add_conflict(conflict("c"))

    assert window.newest(3).conflict.tolist() == [True, False, True]


def test_a_conflict_of_a_row_that_was_not_sampled_marks_no_other(window):
    window.add_conflict(conflict("not sampled"))
    add(window, *"abcdefgh")

    assert not window.newest(10).conflict.any()


def test_an_id_that_comes_again_after_its_row_made_room_is_a_new_row(window):
    add(window, *"abcde")
    window.add_label(label("a", 1))
    add(window, "f")
    add(window, "a")

    assert window.ids(window.newest(1)) == ["a"]
    assert np.isnan(window.newest(1).label[0])


def test_in_event_order_the_oldest_transaction_is_first_and_ties_are_as_they_came(window):
    for id_, event_ms in (("late", 9), ("first", 2), ("tie", 9)):
        window.add_sample(sample(id_, event_ms), [0.0])

    assert window.ids(window.newest(3).in_event_order()) == ["first", "late", "tie"]
    assert window.ids(window.newest(3).since(9)) == ["late", "tie"]


def test_an_empty_window_gives_rows_of_nothing(window):
    assert len(window.newest(10)) == len(window.joined(0)) == window.rows == 0
    assert window.newest(10).values.shape == (0, 1)
    assert window.oldest_event_ms is None


EVENTS = st.lists(
    st.tuples(st.sampled_from(["sample", "label", "conflict"]), st.integers(0, 12)), max_size=80
)


@given(EVENTS)
def test_whatever_comes_memory_is_bounded_and_rows_are_the_newest_samples(events):
    window = FeedbackWindow(CAPACITY, features=1)
    kept: list[str] = []
    for kind, number in events:
        id_ = str(number)
        if kind == "sample":
            add(window, id_)
            kept = kept if id_ in kept else [*kept, id_][-CAPACITY:]
        elif kind == "label":
            window.add_label(label(id_, number % 2))
        else:
            window.add_conflict(conflict(id_))

    assert window.ids(window.newest(100)) == kept
    joined = window.joined(0)
    assert set(window.ids(joined)) <= set(kept)
    assert joined.label.tolist() == [int(id_) % 2 for id_ in window.ids(joined)]


@given(
    st.lists(
        st.tuples(st.booleans(), st.lists(st.integers(0, 12), max_size=9)),
        max_size=12,
    )
)
def test_rows_at_once_make_the_window_that_they_make_one_by_one(events):
    at_once, one_by_one = (FeedbackWindow(CAPACITY, features=1) for _ in range(2))
    for is_label, numbers in events:
        if is_label:
            for number in numbers:
                for window in (at_once, one_by_one):
                    window.add_label(label(str(number), number % 2, labelled_ms=number))
                    window.add_conflict(conflict(str(number + 1)))
            continue
        samples = [sample(str(number), number, score=number / 20) for number in numbers]
        at_once.add_rows(scored_rows(samples))
        for each in samples:
            one_by_one.add_sample(each, [float(each.event_ms)])

    for found, expected in (
        (at_once.newest(100), one_by_one.newest(100)),
        (at_once.joined(0), one_by_one.joined(0)),
    ):
        assert at_once.ids(found) == one_by_one.ids(expected)
        for name in expected.__slots__:
            np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), name)
    assert at_once.labels_unused == one_by_one.labels_unused


def test_memory_stays_the_same_however_much_has_come():
    window = FeedbackWindow(100, features=1)

    def feed(first: int) -> int:
        for number in range(first, first + 3_000):
            add(window, f"s{number}")
            window.add_label(label(f"l{number}"))
            window.add_conflict(conflict(f"c{number}"))
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    feed(0)
    before = feed(3_000)
    after = feed(6_000)
    tracemalloc.stop()

    assert after - before < 20_000
