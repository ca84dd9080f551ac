"""How often levels and gaps come belongs to a regime, travels with it, and tells it from others."""

import numpy as np
import pytest

from healer.alignment import MOVED
from healer.label_free import label_free_heal
from healer.policy import Serving
from healer.policy_settings import HealingSettings
from healer.regime import Regime, cells_of, worst_distance
from healer.share_check import share_check
from registry.snapshot import HealingWindow, Snapshot, SnapshotInfo, dump_snapshot, parse_snapshot
from selfheal.drift.binned_shares import own_shares
from selfheal.drift.change_window import NEWEST_ROWS
from selfheal.model.adapter import Adapter, Output
from tests.healer.rows import rows_of
from tests.healer.tills import RENAMED, SCHEMA, Tills, drawn

CLEAN = Tills()
DRIFTED = CLEAN.but(channels=RENAMED, missing=(0.6, 0.02))


@pytest.fixture(scope="module")
def apart() -> Regime:
    """Known by its own rows."""
    return Regime(0.15, 2_000, 7_000, shares=own_shares(SCHEMA, drawn(DRIFTED, 2_000, 900)))


def test_its_shares_come_back_from_a_snapshot(tills_model, apart):
    window = HealingWindow(1_000, 2_000, 500, 50)
    told = ("v1", "base", tills_model.hash, "selfheal", "labels", window, 0.5, 9_000, {}, ())
    stored = {name: np.asarray(value, np.float64) for name, value in apart.stored().items()}
    snapshot = Snapshot(SnapshotInfo(*told), Adapter(output=Output(0.9, 0.1)), stored)

    again = Regime.read(parse_snapshot(dump_snapshot(snapshot)).regime)

    np.testing.assert_array_equal(again.shares, apart.shares)
    assert again.quantiles is None
    assert again.is_own


def test_a_regime_without_shares_of_its_own_mixes_the_classes_at_its_prior(tills_model):
    half = cells_of(Regime(0.5, 1_000, 0), tills_model)

    assert half.shares[0] == pytest.approx(0.525, abs=0.03)  # of the web: 0.1 and 0.95


@pytest.mark.parametrize("seed", range(900, 906))
def test_its_own_rows_do_not_alarm_though_they_would_in_the_first_regime(tills_model, apart, seed):
    values = drawn(DRIFTED, 4_000, seed)
    lengths = (100, 400, 1_600, 4_000)
    present = np.array([np.count_nonzero(~np.isnan(values[-n:, :2]), axis=0) for n in lengths])

    own, first = (
        share_check(cells.codes(values), cells, present, 1e-6)
        for cells in (cells_of(apart, tills_model), cells_of(None, tills_model))
    )

    assert not own.is_alarm
    assert first.is_alarm


def test_the_newest_rows_are_near_their_own_regime_and_far_from_others(tills_model, apart):
    def distances(population, regime):
        return [
            worst_distance(drawn(population, NEWEST_ROWS, seed), regime, None, tills_model)
            for seed in range(900, 940)
        ]

    assert np.mean(np.array(distances(DRIFTED, apart)) <= MOVED) >= 0.95
    assert np.mean(np.array(distances(CLEAN, None)) <= MOVED) >= 0.95
    assert min(distances(CLEAN, apart)) > MOVED
    assert min(distances(DRIFTED, None)) > MOVED


def test_an_alignment_keeps_the_shares_of_a_regime_whose_correction_it_keeps(tills_model):
    shares = own_shares(SCHEMA, drawn(CLEAN, 2_000, 901))
    before = Regime(tills_model.reference.prior, 2_000, 0, is_taught=True, shares=shares)
    stored = {name: np.asarray(value, np.float64) for name, value in before.stored().items()}
    rows = rows_of(drawn(CLEAN.but(amount=4.0), 2_000, 902))

    served = Serving("v1", 1, Adapter(), regime=stored)
    proposal = label_free_heal(tills_model, served, before, rows, HealingSettings())

    assert proposal.adapter.alignment.shift[0] == pytest.approx(-4.0, abs=0.3)
    np.testing.assert_array_equal(Regime.read(proposal.regime).shares, shares)
