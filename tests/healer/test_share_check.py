"""The test of categories and gaps: quiet at the stated rate, in time where something changes."""

import numpy as np
import pytest

from healer.regime import Regime, cells_of
from healer.regime_check import SMALLEST_EFFECT, SUFFIXES, RegimeCheck
from healer.share_check import joined, share_check
from selfheal.drift.binned_shares import Cells, own_shares
from selfheal.model.schema import Categorical, Schema
from selfheal.model.share_wander import share_wander
from tests.healer.tills import RENAMED, SCHEMA, Tills, drawn

CLEAN, RATE, WINDOW = Tills(), 1e-6, 4_000
NAMES = SCHEMA.names


def checked(values, cells: Cells, rate=RATE) -> RegimeCheck:
    lengths = [length for length in SUFFIXES if length <= len(values)]
    numeric = ~np.isnan(values[:, cells.schema.numeric])
    present = np.array([numeric[len(values) - length :].sum(axis=0) for length in lengths])
    return share_check(cells.codes(values), cells, present, rate)


def named(check: RegimeCheck):
    return [NAMES[i] for i in check.shares]


@pytest.mark.parametrize("seed", range(900, 906))
def test_a_clean_stream_of_thirty_thousand_rows_does_not_alarm(tills_model, seed):
    cells, values = cells_of(None, tills_model), drawn(CLEAN, 30_000, seed)

    found = [checked(values[max(0, e - WINDOW) : e], cells) for e in range(100, 30_001, 100)]

    assert not any(check.is_alarm for check in found)


LEVELS = {
    "even": (0.25,) * 4,
    "rare": (0.97, 0.02, 0.01, 0.0),
    "many": (*(0.02,) * 50, 0.0),
}


def of_days(seed, rows, rows_per_day):
    """The web has two tenths of the rows, by day up to four and by night as good as none."""
    swing = 0.18 * np.sin(2 * np.pi * np.arange(rows) / rows_per_day)
    is_shop = np.random.default_rng(seed).random(rows) >= 0.2 + swing
    return np.column_stack([np.zeros(rows), np.zeros(rows), is_shop])


@pytest.mark.parametrize("seed", range(900, 906))
def test_a_category_that_follows_the_hour_is_no_drift_and_would_be_if_the_hour_were_not_known(seed):
    training, values = of_days(1, 6_000, 4_000), of_days(seed, 24_000, 12_000)
    shares = own_shares(SCHEMA, training)
    rows, wander = np.full(len(shares), 6_000.0), share_wander(SCHEMA, training)

    aware, unaware = (
        [checked(values[end - WINDOW : end], cells) for end in range(WINDOW, 24_001, 100)]
        for cells in (
            Cells(SCHEMA, shares, rows, wander),
            Cells(SCHEMA, shares, rows, np.zeros_like(wander)),
        )
    )

    assert not any(check.is_alarm for check in aware)
    assert any(check.is_alarm for check in unaware)


@pytest.mark.parametrize("levels", LEVELS)
@pytest.mark.parametrize("known", [1_000, np.inf])
def test_the_stated_rate_bounds_what_one_feature_alarms_by_chance(rng, levels, known):
    shares = np.array(LEVELS[levels])
    schema = Schema((Categorical("level", tuple(map(str, range(len(shares) - 1)))),))
    repetitions, alarms = 1_000, 0
    for _ in range(repetitions):
        reference = shares if known == np.inf else rng.multinomial(known, shares) / known
        expected = np.append(reference, 0.0)
        cells = Cells(schema, expected, np.full(len(expected), known), np.zeros((4, len(expected))))
        values = rng.choice(len(shares), size=(100, 1), p=shares).astype(float)
        alarms += checked(values, cells, rate=0.05).is_alarm

    assert alarms / repetitions <= 0.05


@pytest.mark.parametrize(
    ("drift", "feature", "within"),
    [
        (CLEAN.but(channels=RENAMED), "channel", 100),
        (CLEAN.but(missing=(1.0, 0.02)), "age", 100),
        (CLEAN.but(missing=(0.05, 0.4)), "channel", 100),
        (CLEAN.but(missing=(0.2, 0.02)), "age", 700),
        (CLEAN.but(channels=((0.2, 0.7, 0.1), (0.9, 0.0, 0.1))), "channel", 400),
    ],
    ids=["renamed", "age gone", "channel often gone", "age at times", "new level of a tenth"],
)
def test_a_drift_alarms_within_so_many_rows_and_names_its_feature(
    tills_model, drift, feature, within
):
    values = np.concatenate([drawn(CLEAN, WINDOW, 900), drawn(drift, within, 901)])[-WINDOW:]

    check = checked(values, cells_of(None, tills_model))

    assert check.is_alarm
    assert named(check) == [feature]
    assert check.excess == pytest.approx(check.distance / check.threshold)


def test_a_change_of_the_share_of_frauds_is_none_where_the_regime_has_that_share(tills_model):
    values = drawn(CLEAN.but(prior=0.4), WINDOW, 900)

    assert not checked(values, cells_of(Regime(0.4, 2_000, 0), tills_model)).is_alarm
    assert named(checked(values, cells_of(None, tills_model))) == ["channel"]


def test_an_effect_that_is_too_small_to_matter_does_not_alarm_however_sure_it_is(tills_model):
    few = 0.9 * SMALLEST_EFFECT
    values = drawn(CLEAN.but(missing=(0.05 + few, 0.02)), WINDOW, 900)

    assert not checked(values, cells_of(None, tills_model), rate=0.5).is_alarm


def test_few_rows_that_pass_the_smallest_effect_by_chance_do_not_alarm(tills_model):
    rare = CLEAN.but(channels=((0.1, 0.88, 0.02), (0.95, 0.03, 0.02)))
    cells, values = cells_of(None, tills_model), drawn(rare, 30_000, 900)
    parts = np.split(values, 300)

    assert max(np.mean(part[:, 2] == 2.0) for part in parts) > SMALLEST_EFFECT
    assert not any(checked(part, cells).is_alarm for part in parts)


@pytest.mark.parametrize("rows", [0, 99])
def test_too_few_rows_are_quiet(tills_model, rows):
    check = checked(drawn(CLEAN.but(missing=(1.0, 1.0)), rows, 900), cells_of(None, tills_model))

    assert (check.is_alarm, check.rows, check.shares) == (False, 0, ())


def test_values_that_moved_speak_for_both_and_shares_for_themselves():
    moved = RegimeCheck(1.5, 0.3, 0.2, (0,), 400, excess_of_values=1.5)
    calm = RegimeCheck(0.5, 0.1, 0.2, (), 100, excess_of_values=0.5)
    shares = RegimeCheck(3.0, 0.9, 0.3, (), 100, (2,))

    assert joined(moved, shares) == RegimeCheck(3.0, 0.3, 0.2, (0,), 400, (2,), 1.5)
    assert joined(calm, shares) == RegimeCheck(3.0, 0.9, 0.3, (), 100, (2,), 0.5)
    assert joined(calm, shares).is_of_shares
    assert not joined(moved, shares).is_of_shares
