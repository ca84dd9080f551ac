"""Labels in a backtest come as late and for as many rows as was asked, whatever the file."""

import numpy as np
import pytest

from cli.backtest.late_labels import LateLabels
from producer.errors import LabelError
from producer.stretches import Stretch


def stretch(first: int, rows: int) -> Stretch:
    place = np.arange(first, first + rows)
    return Stretch(first, [f"row-{row}" for row in place], place, place[:, None].astype(float))


def known_after(late: LateLabels, scored: int) -> list[int]:
    return [int(row) for some in late.known(scored) for row in some.row]


@pytest.mark.parametrize("delay", [0, 1, 7, 250])
def test_a_label_is_known_once_the_row_that_is_the_delay_further_on_has_been_scored(delay):
    late = LateLabels(delay, coverage=1.0, seed=0)
    known: list[int] = []

    for row in range(300):
        late.expect(stretch(row, 1), np.zeros(1, dtype=np.int8))
        known += known_after(late, row + 1)
        assert known == list(range(max(0, row + 1 - delay)))


def test_labels_bring_what_was_said_and_the_values_of_their_rows():
    late = LateLabels(0, coverage=1.0, seed=0)
    late.expect(stretch(40, 3), np.array([1, 0, 1], dtype=np.int8))

    (known,) = late.known(42)

    assert known.row.tolist() == [40, 41]
    assert known.label.tolist() == [1, 0]
    assert known.values.tolist() == [[40.0], [41.0]]
    assert known_after(late, 43) == [42]


@pytest.mark.parametrize(
    ("coverage", "low", "high"), [(0.0, 0, 0), (0.1, 900, 1100), (1.0, 10_000, 10_000)]
)
def test_the_share_of_rows_that_get_a_label_is_the_one_asked_for(coverage, low, high):
    late = LateLabels(0, coverage, seed=3)
    late.expect(stretch(0, 10_000), np.zeros(10_000, dtype=np.int8))

    assert low <= len(known_after(late, 10_000)) <= high


def test_which_rows_get_one_depends_on_the_seed_and_the_row_alone():
    def chosen(seed: int, cuts: list[int], first: int = 0) -> list[int]:
        late = LateLabels(0, 0.3, seed)
        for start, end in zip([first, *cuts], cuts, strict=False):
            late.expect(stretch(start, end - start), np.zeros(end - start, dtype=np.int8))
        return known_after(late, 500)

    whole = chosen(1, [500])
    assert chosen(1, [13, 14, 250, 500]) == whole
    assert chosen(1, [500], first=200) == [row for row in whole if row >= 200]
    assert chosen(2, [500]) != whole


def test_a_row_of_which_nothing_is_said_gets_no_label():
    late = LateLabels(0, coverage=1.0, seed=0)
    late.expect(stretch(0, 3), np.array([1, -1, 0], dtype=np.int8))

    assert known_after(late, 3) == [0, 2]


@pytest.mark.parametrize(("delay", "coverage"), [(-1, 0.5), (0, 1.5), (0, -0.1)])
def test_a_delay_or_a_share_that_cannot_be_is_refused(delay, coverage):
    with pytest.raises(LabelError):
        LateLabels(delay, coverage, seed=0)
