from hypothesis import given
from hypothesis import strategies as st

from consumer.poison import PoisonCount

BATCHES = st.lists(st.lists(st.booleans(), max_size=30), max_size=20)


def counted(*batches: list[bool]) -> PoisonCount:
    count = PoisonCount()
    for batch in batches:
        count = count.counted(batch)
    return count


def test_a_run_goes_on_from_batch_to_batch():
    assert counted([False, True], [True] * 3, [True, True]).run == 6


def test_a_good_record_ends_a_run():
    assert counted([True] * 5, [False]).run == 0
    assert counted([True] * 5, [True, False, True]).run == 1


def test_a_batch_without_records_ends_no_run():
    assert counted([True] * 5, [], [True]).run == 6


@given(BATCHES)
def test_the_run_is_that_of_all_records_however_they_are_cut_up(batches):
    records = [is_bad for batch in batches for is_bad in batch]

    run = next((i for i, is_bad in enumerate(reversed(records)) if not is_bad), len(records))

    assert counted(*batches).run == run


def test_a_long_run_is_a_fault_even_where_good_records_follow_in_its_batch():
    count = counted([False] * 10 + [True] * 20 + [False])

    assert (
        count.fault(largest_run=20, largest_share=1.0) == "20 bad records on end, the limit is 20"
    )
    assert count.fault(largest_run=21, largest_share=1.0) is None


def test_a_share_is_judged_from_a_thousand_records_on():
    few, many = [counted([True, False, True] * times) for times in (300, 400)]

    assert few.fault(largest_run=1_000, largest_share=0.5) is None
    assert many.fault(largest_run=1_000, largest_share=0.5) == (
        "67% of the last records are bad, the limit is 50%"
    )


def test_at_the_limit_the_share_is_not_too_large():
    assert counted([True, False] * 1_000).fault(largest_run=1_000, largest_share=0.5) is None


def test_a_bad_past_is_forgotten_after_some_ten_thousand_good_records():
    count = counted(*([[True, False, True] * 333] * 10))
    assert count.fault(10_000, 0.5) is not None

    for _ in range(12):
        count = count.counted([False] * 1_000)

    assert count.fault(10_000, 0.5) is None


def test_bad_records_after_a_long_good_past_are_soon_seen():
    count = counted(*([[False] * 1_000] * 1_000))

    for _ in range(15):
        count = count.counted([True] * 999 + [False])

    assert count.fault(10_000, 0.5) is not None
