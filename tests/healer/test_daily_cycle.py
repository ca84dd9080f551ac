"""On card traffic, whose features follow the hour, the hour is no drift and a real shift is one."""

import numpy as np
import pytest

from healer.regime_check import regime_check
from producer.cards import CARD_SCHEMA
from producer.scenarios import scenario
from producer.stream import Stream
from selfheal.drift.binned_ks import Bins
from selfheal.drift.mixture import Classes
from selfheal.model.reference import Reference

RATE, WINDOW = 1e-6, 4_000
NAMES = CARD_SCHEMA.numeric_names


@pytest.fixture(scope="module", params=[900, 901])
def stream(request) -> Stream:
    """60,000 rows are five days; the training rows are a third as dense."""
    return Stream(scenario("cards-null"), request.param, 60_000)


@pytest.fixture(scope="module")
def bins(stream):
    rows = stream.training()
    logits = np.zeros(len(rows))  # not looked at here
    reference = Reference.measure(CARD_SCHEMA, rows.values, rows.labels, logits)
    counts = tuple(map(float, reference.rows))
    return Bins.of(
        [
            Classes(reference.quantiles[:, place], counts, reference.wander[:, place]).mixture(
                reference.prior
            )
            for place in range(len(NAMES))
        ]
    )


@pytest.fixture(scope="module")
def columns(stream):
    """Numeric features of two and a half days."""
    return stream.rows(0, 30_000).values[:, CARD_SCHEMA.numeric]


def windows(columns):
    """The newest rows, every 400 rows: at many hours of the day."""
    return [columns[end - WINDOW : end] for end in range(WINDOW, len(columns) + 1, 400)]


def test_days_that_are_like_those_of_the_training_rows_do_not_alarm(columns, bins):
    found = [regime_check(bins.codes(window), bins, RATE) for window in windows(columns)]

    assert [check.features for check in found if check.is_alarm] == []


def test_without_regard_to_the_cycle_they_would(columns):
    hour = NAMES.index("hour")
    unaware = Classes(np.stack([np.quantile(columns[:, hour], np.linspace(0, 1, 257))] * 2))

    unaware_bins = Bins.of([unaware.mixture(0.5)])
    check = regime_check(unaware_bins.codes(columns[:WINDOW, [hour]]), unaware_bins, RATE)

    assert check.is_alarm


@pytest.mark.parametrize("name", ["amount", "account_age_days", "balance_change"])
def test_a_feature_that_shifts_alarms_beside_an_hour_that_does_not(columns, bins, name):
    place = NAMES.index(name)
    spread = np.nanstd(np.log1p(np.abs(columns[:, place])))

    for window in windows(columns)[::10]:
        moved = window.copy()
        moved[-1_600:, place] *= np.exp(spread)

        check = regime_check(bins.codes(moved), bins, RATE)

        assert check.features == (place,)
