"""Counted shares are those of the rows; the expected ones mix the classes at a prior."""

import numpy as np
import pytest

from selfheal.drift.binned_shares import Cells, expected_cells, own_shares
from selfheal.model.model import Model
from selfheal.model.schema import Categorical, Numeric, Schema
from selfheal.model.training import train

SCHEMA = Schema(
    (Categorical("channel", ("web", "shop")), Numeric("amount"), Categorical("land", ("DE",)))
)
NAMES = ("web", "shop", "channel ?", "DE", "land ?", "no channel", "no amount", "no land")


UNKNOWN = np.zeros(8)


def cells(shares=UNKNOWN, stray: float = 0.0) -> Cells:
    """Of shares that are known, and by how much clean blocks stray."""
    return Cells(SCHEMA, shares, np.full(8, np.inf), np.full((4, 8), stray))


def counted(values, lengths, of=None):
    of = of or cells()
    present = np.array([[np.count_nonzero(~np.isnan(values[-n:, 1]))] for n in lengths])
    return of.counted(of.codes(values), present, lengths)


def mixed(rng, rows=1_000):
    values = np.column_stack(
        [rng.integers(0, 3, rows), rng.normal(size=rows), rng.integers(0, 2, rows)]
    )
    values[rng.random(values.shape) < 0.2] = np.nan
    return values


def test_the_shares_of_each_suffix_are_those_of_its_rows(rng):
    values = mixed(rng)

    found = counted(values, [100, 700])

    for place, length in enumerate([100, 700]):
        channel, amount, land = values[-length:].T
        present = channel[~np.isnan(channel)], land[~np.isnan(land)]
        levels = [np.mean(present[0] == i) for i in range(3)]
        levels += [np.mean(present[1] == i) for i in range(2)]
        gaps = [np.isnan(column).mean() for column in (channel, amount, land)]
        np.testing.assert_allclose(found.shares[place], [*levels, *gaps])
        counts = [len(present[0])] * 3 + [len(present[1])] * 2 + [length] * 3
        assert found.rows[place].tolist() == counts


def test_each_cell_knows_its_feature():
    assert cells().features.tolist() == [0, 0, 0, 2, 2, 0, 1, 2]


def test_a_schema_without_categories_has_the_gaps_alone(rng):
    schema = Schema((Numeric("a"), Numeric("b")))
    own = Cells(schema, np.zeros(2), np.full(2, np.inf), np.zeros((4, 2)))

    found = own.counted(own.codes(np.zeros((10, 2))), np.array([[10, 4]]), [10])

    np.testing.assert_allclose(found.shares, [[0.0, 0.6]])


def test_own_shares_are_those_of_all_rows_and_0_where_there_is_no_value(rng):
    values = mixed(rng)
    values[:, 2] = np.nan

    found = dict(zip(NAMES, own_shares(SCHEMA, values), strict=True))

    assert found["no channel"] == pytest.approx(np.isnan(values[:, 0]).mean())
    assert (found["DE"], found["land ?"], found["no land"]) == (0.0, 0.0, 1.0)


def test_what_a_clean_day_may_do_is_no_error_and_what_is_beyond_counts(rng):
    found = counted(np.tile([[0.0, 1.0, 0.0]], (400, 1)), [400])  # everything is web, of DE
    expected = np.array([0.9, 0.1, 0, 1, 0, 0, 0, 0])

    strict, lenient = cells(expected), cells(expected, stray=0.1)

    assert strict.errors(found)[0, 0] > 2.0
    assert lenient.errors(found).max() == 0.0
    np.testing.assert_allclose(lenient.changes(found)[0, :3], [0.1, 0.1, 0.0])


def test_shares_measured_on_other_rows_are_as_uncertain_as_these_and_may_stray_twice():
    clean = cells(stray=0.03)

    own = clean.measured(np.array([0.5, 0.5, 0, 1, 0, 0.25, 0, 0]), 800)

    assert own.rows.tolist() == [600.0] * 3 + [800.0] * 5
    np.testing.assert_allclose(own.stray([100, 4_000]), 0.06)


@pytest.fixture(scope="module")
def model() -> Model:
    rng = np.random.default_rng(5)
    labels = (rng.random(4_000) < 0.2).astype(int)
    channel = np.where(rng.random(4_000) < 0.1 + 0.8 * labels, 0.0, 1.0)
    amount = np.where(rng.random(4_000) < 0.3 * labels, np.nan, rng.normal(labels))
    return train(
        SCHEMA, np.column_stack([channel, amount, labels * np.nan]), labels, seed=5, epochs=1
    )


@pytest.mark.parametrize("prior", [0.2, 0.6])
def test_expected_shares_mix_the_classes_at_the_prior(model, prior):
    found = dict(zip(NAMES, expected_cells(model, prior).shares, strict=True))

    assert found["web"] == pytest.approx(0.1 + 0.8 * prior, abs=0.03)
    assert found["shop"] == pytest.approx(0.9 - 0.8 * prior, abs=0.03)
    assert found["no amount"] == pytest.approx(0.3 * prior, abs=0.03)


def test_levels_of_a_feature_that_never_had_a_value_are_not_known(model):
    known = expected_cells(model, 0.2)

    found = counted(np.tile([[1.0, 0.0, 0.0]], (400, 1)), [400], known)

    assert known.rows[[3, 4]].tolist() == [0.0, 0.0]
    assert known.errors(found)[0, [3, 4]].tolist() == [0.0, 0.0]
    assert known.errors(found)[0, 7] > 10.0  # that it is there at all is new
