"""Does the share of frauds still hold, by the odds of the newest rows?"""

import numpy as np
import pytest

from healer.anchors import Anchors
from healer.prior_check import lift_of, prior_check
from producer.operators import prior
from producer.regimes import G2

ANCHORS = Anchors(np.stack([G2.mu0, G2.mu1]), np.stack([G2.sd0, G2.sd1]), G2.pi)
RATE = 1e-6
KNOWN = 5_000.0


def lifts(share, rows, seed=900):
    regime = prior(G2, share)
    values = regime.draw(np.random.default_rng(seed), np.arange(rows), np.zeros(rows)).values
    return lift_of(values, ANCHORS)


@pytest.mark.parametrize(("share", "rows"), [(0.05, 1_000), (0.4, 250)])
def test_another_share_of_frauds_alarms_and_names_no_feature(share, rows):
    found = prior_check(lifts(share, rows), G2.pi, KNOWN, RATE)

    assert found.is_alarm
    assert found.features == ()
    assert found.rows <= rows


def test_of_a_stream_that_just_changed_the_newest_rows_alarm():
    both = np.concatenate([lifts(G2.pi, 3_000), lifts(0.4, 500)])

    found = prior_check(both, G2.pi, KNOWN, RATE)

    assert found.is_alarm
    assert found.rows == 500


def test_a_clean_stream_is_quiet_at_every_row():
    stream = lifts(G2.pi, 40_000)

    found = [prior_check(stream[:end], G2.pi, KNOWN, RATE) for end in range(4_000, 40_001, 250)]

    assert not any(check.is_alarm for check in found)


def test_a_share_that_few_rows_told_is_not_held_against_many():
    stream = lifts(0.2, 4_000)

    assert prior_check(stream, G2.pi, KNOWN, RATE).is_alarm
    assert not prior_check(stream, G2.pi, 250.0, RATE).is_alarm


def test_a_change_that_does_not_matter_is_none():
    shares = [prior_check(lifts(0.17, 4_000, s), G2.pi, 1e9, RATE).is_alarm for s in range(5)]

    assert not any(shares)


def test_few_rows_and_no_rows_are_quiet():
    for lift in (np.zeros(0), np.full(249, 30.0)):
        assert not prior_check(lift, G2.pi, KNOWN, RATE).is_alarm


def test_no_fraud_at_all_is_an_alarm_and_the_furthest_rows_no_overflow():
    frauds = lift_of(np.full((250, 10), -1e6), ANCHORS)

    assert prior_check(-1.0 - np.zeros(250), G2.pi, KNOWN, RATE).is_alarm
    assert not np.isinf(frauds).any()
