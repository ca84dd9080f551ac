"""A bounded number of rows, evenly spaced over all that came."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from consumer.spaced_rows import SpacedRows


@given(st.lists(st.integers(0, 50), max_size=30), st.integers(2, 16))
def test_they_are_evenly_spaced_whatever_the_batches(sizes, limit):
    spaced, total = SpacedRows(limit, 1), sum(sizes)
    everything = np.arange(float(total)).reshape(-1, 1)

    for batch in np.split(everything, np.cumsum(sizes)):
        spaced.add(batch)

    kept = spaced.rows.ravel()
    stride = 1
    while -(-total // stride) > limit:
        stride *= 2
    assert kept.tolist() == list(range(0, total, stride))


def test_they_are_copies():
    values, spaced = np.zeros((3, 2)), SpacedRows(8, 2)

    spaced.add(values)
    values[:] = 1.0

    assert not spaced.rows.any()
