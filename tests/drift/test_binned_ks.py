"""Counting rows in bins gives the distances that sorting them does, to a bin's mass."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from selfheal.drift.binned_ks import STEPS, Bins
from selfheal.drift.ks import ks_distance
from selfheal.drift.mixture import Classes, Mixture
from selfheal.model.reference_rows import BLOCKS

GRID = np.linspace(0.0, 1.0, 257)
CALM = np.zeros(len(BLOCKS))
UNIFORM = Classes(np.stack([GRID, GRID])).mixture(prior=0.15)


def reference_of(values, rows=np.inf, wander=CALM) -> Mixture:
    quantiles = np.stack([np.quantile(values, GRID)] * 2)
    return Classes(quantiles, (rows / 2, rows / 2), np.array(wander)).mixture(prior=0.5)


def distances(columns, mixtures, lengths):
    bins = Bins.of(mixtures)
    return bins.distances(bins.codes(columns), lengths)


@given(
    st.lists(st.one_of(st.just(np.nan), st.floats(-0.5, 1.5)), min_size=1, max_size=80),
    st.data(),
)
def test_each_suffix_lies_between_the_mid_rank_and_the_usual_distance_of_its_values(column, data):
    lengths = sorted(data.draw(st.sets(st.integers(1, len(column)), min_size=1, max_size=4)))

    rows, found = distances(np.array(column)[:, None], [UNIFORM], lengths)

    for place, length in enumerate(lengths):
        values = np.array(column[-length:])
        values = values[~np.isnan(values)]
        assert rows[place, 0] == len(values)
        if len(values):
            assert found[place, 0] >= ks_distance(values, UNIFORM) - 1.0 / STEPS - 0.5 / len(values)
            assert found[place, 0] <= stats.kstest(values, "uniform").statistic + 1e-9


KINDS = {
    "normal": lambda rng, rows: rng.normal(size=rows),
    "heavy tails": lambda rng, rows: rng.standard_t(2, size=rows),
    "zero-inflated": lambda rng, rows: np.where(
        rng.random(rows) < 0.7, 0.0, rng.lognormal(3.0, 1.0, rows)
    ),
    "whole numbers": lambda rng, rows: rng.poisson(2.0, rows).astype(float),
    "constant": lambda rng, rows: np.full(rows, 7.0),
}


@pytest.mark.parametrize("kind", KINDS)
def test_on_four_thousand_rows_it_is_the_exact_distance_to_a_hundredth(rng, kind):
    drawn = KINDS[kind]
    reference, values = reference_of(drawn(rng, 50_000)), drawn(rng, 4_000)

    for column in (values, 1.3 * values):
        _, found = distances(column[:, None], [reference], [4_000])
        assert found[0, 0] == pytest.approx(ks_distance(column, reference), abs=0.01)


def test_a_mass_is_hit_from_as_near_as_a_map_can_bring_a_value(rng):
    drawn = KINDS["zero-inflated"](rng, 20_000)
    reference = reference_of(drawn)
    mapped = (drawn * 3.0 + 0.1 - 0.1) / 3.0

    _, found = distances(mapped[:, None], [reference], [len(mapped)])

    assert found[0, 0] < 0.01


def test_a_sensor_that_is_stuck_at_its_usual_value_is_far_from_what_it_was(rng):
    reference = reference_of(rng.normal(size=5_000))

    _, found = distances(np.zeros((100, 1)), [reference], [100])

    assert found[0, 0] > 0.45


def test_features_with_more_and_fewer_points_stand_beside_each_other(rng):
    columns = np.column_stack([draw(rng, 3_000) for draw in KINDS.values()])
    mixtures = [reference_of(column) for column in columns.T]

    _, together = distances(columns, mixtures, [100, 3_000])

    for place, mixture in enumerate(mixtures):
        _, alone = distances(columns[:, [place]], [mixture], [100, 3_000])
        np.testing.assert_array_equal(together[:, [place]], alone)


def test_the_error_is_that_of_each_mixture(rng):
    wander = (0.09, 0.05, 0.03, 0.01)
    mixtures = [UNIFORM, reference_of(rng.normal(size=500), 500, wander)]
    rows = np.array([[0, 1], [100, 250], [400, 4_000], [9_000, 0]])

    found = Bins.of(mixtures).errors(rows)

    expected = [[m.error(n) for m, n in zip(mixtures, line, strict=True)] for line in rows]
    np.testing.assert_allclose(found, expected)


def test_no_features_and_no_values_have_no_distance():
    rows, found = distances(np.zeros((50, 0)), [], [10, 50])
    assert rows.shape == found.shape == (2, 0)

    rows, found = distances(np.full((50, 1), np.nan), [UNIFORM], [10, 50])
    assert rows.tolist() == found.tolist() == [[0], [0]]
