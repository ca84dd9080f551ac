import pytest

from consumer.rates import Rate
from consumer.sampling import share_within, uniform


def counted(per_s: float, seconds: int, start: Rate) -> Rate:
    for _ in range(seconds * 10):
        start = start.counted(round(per_s / 10), start.at_s + 0.1)
    return start


def test_a_steady_stream_is_counted_at_its_rate():
    assert counted(1_500.0, 10, Rate(0.0, 0.0)).per_s == pytest.approx(1_500.0, rel=0.01)


def test_a_burst_is_felt_within_a_second_or_two_and_so_is_its_end():
    calm = counted(100.0, 10, Rate(0.0, 0.0))

    burst = counted(10_000.0, 2, calm)
    after = counted(0.0, 3, burst)

    assert burst.per_s > 8_000.0
    assert after.per_s < 500.0


def test_a_clock_that_stands_still_or_goes_back_changes_nothing():
    rate = Rate(100.0, at_s=5.0)

    assert rate.counted(1_000, now_s=5.0) is rate
    assert rate.counted(1_000, now_s=4.0) is rate


@pytest.mark.parametrize("rate", [0.0, 1.0, 4_999.0, 5_001.0, 1e6, 1e12])
def test_the_share_keeps_the_rate_within_the_budget_and_is_no_smaller_than_need_be(rate):
    share = share_within(5_000.0, rate)

    assert rate * share <= 5_000.0
    assert share == 1.0 or 2.0 * rate * share > 5_000.0


def test_a_key_may_be_of_any_length():
    short, long = ["t1"], ["t" * 300]

    assert 0.0 <= uniform(short, b"k" * 500)[0] < 1.0
    assert 0.0 <= uniform(long, b"k" * 500)[0] < 1.0
    assert uniform(long, b"k" * 500)[0] != uniform(long, b"k" * 499)[0]
