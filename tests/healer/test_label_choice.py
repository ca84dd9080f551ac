"""Rows chosen for a label: evenly spread, and each as likely as any other."""

import numpy as np
import pytest

from healer.label_choice import spread_choice


def chosen(values, count, seed=900):
    return spread_choice(np.asarray(values, dtype=np.float64), count, np.random.default_rng(seed))


def two_clusters(rng, rows=400):
    """A tenth of the rows far away from the others."""
    values = rng.normal(size=(rows, 3))
    values[: rows // 10] += 20.0
    return values


def test_so_many_different_rows_are_chosen():
    rows = chosen(np.random.default_rng(1).normal(size=(500, 4)), 200)

    assert len(set(rows.tolist())) == 200
    assert rows.min() >= 0
    assert rows.max() < 500


@pytest.mark.parametrize(("rows", "count"), [(0, 5), (5, 0), (0, 0)])
def test_of_no_rows_none_is_chosen(rows, count):
    assert len(chosen(np.zeros((rows, 2)), count)) == 0


def test_all_are_chosen_where_there_are_no_more():
    assert sorted(chosen(np.random.default_rng(2).normal(size=(7, 2)), 20)) == list(range(7))


def test_the_same_generator_chooses_the_same_rows():
    values = np.random.default_rng(3).normal(size=(300, 2))

    assert chosen(values, 50).tolist() == chosen(values, 50).tolist()


def test_every_row_is_as_likely_as_any_other():
    values = two_clusters(np.random.default_rng(4), rows=200)
    times = np.zeros(200)

    for seed in range(2_000):
        times[chosen(values, 20, seed)] += 1

    assert times.mean() == 200.0
    assert np.abs(times - 200.0).max() < 5.0 * np.sqrt(200.0)


@pytest.mark.parametrize("labelled", [10, 20, 40])
def test_a_rare_kind_of_rows_has_its_share_in_every_beginning(labelled):
    values = two_clusters(np.random.default_rng(5))

    rare = [int((chosen(values, 40, seed)[:labelled] < 40).sum()) for seed in range(50)]

    assert min(rare) >= labelled / 10 - 2
    assert max(rare) <= labelled / 10 + 2
    assert np.mean(rare) == pytest.approx(labelled / 10, abs=0.5)


def test_missing_values_and_any_scale_are_fine():
    values = np.random.default_rng(6).normal(size=(300, 3)) * [1.0, 1e9, 1e-9]
    values[::3, 1] = np.nan

    assert len(set(chosen(values, 100).tolist())) == 100
