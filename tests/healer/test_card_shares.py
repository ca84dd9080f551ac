"""On card traffic merchants and channels follow the hour: no drift. A new kind of merchant is."""

import numpy as np
import pytest

from healer.regime_check import SUFFIXES, RegimeCheck
from healer.share_check import share_check
from producer.cards import CARD_SCHEMA
from producer.scenarios import scenario
from producer.stream import Stream
from selfheal.drift.binned_shares import Cells, own_shares
from selfheal.model.share_wander import share_wander

RATE, WINDOW = 1e-6, 4_000


class Watched:
    """What the policy's test says of a scenario's rows, every 100 rows."""

    def __init__(self, name: str, seed: int, transactions: int = 60_000):
        self.stream = Stream(scenario(name), seed, transactions)
        training = self.stream.training().values
        shares = own_shares(CARD_SCHEMA, training)
        rows, wander = np.full(len(shares), len(training)), share_wander(CARD_SCHEMA, training)
        self.cells = Cells(CARD_SCHEMA, shares, rows.astype(np.float64), wander)

    def checks(self, first: int, rows: int) -> list[RegimeCheck]:
        values = self.stream.rows(first, rows).values
        codes, is_there = self.cells.codes(values), ~np.isnan(values[:, CARD_SCHEMA.numeric])
        found: list[RegimeCheck] = []
        for end in range(WINDOW, len(values) + 1, 100):
            present = np.array([is_there[end - length : end].sum(axis=0) for length in SUFFIXES])
            found.append(share_check(codes[end - WINDOW : end], self.cells, present, RATE))
        return found


@pytest.mark.parametrize("seed", range(900, 906))
def test_two_and_a_half_days_without_drift_do_not_alarm(seed):
    assert not any(check.is_alarm for check in Watched("cards-null", seed).checks(0, 30_000))


@pytest.mark.parametrize("seed", [900, 901])
def test_a_new_kind_of_merchant_alarms_within_two_hundred_rows_and_is_the_only_alarm(seed):
    onset = 20_000

    checks = Watched("cards-new-merchants", seed).checks(onset - 10_000, 13_000)

    ends = np.arange(WINDOW, 13_001, 100) - 10_000
    alarmed = np.array([check.is_alarm for check in checks])
    assert not alarmed[ends <= 0].any()
    assert alarmed[ends >= 200].all()
    named = {CARD_SCHEMA.names[i] for check in checks for i in check.shares}
    assert named == {"merchant"}
