"""The policy `selfheal` where categories and gaps drift: it tells, does no harm, and learns."""

import numpy as np
import pytest

from producer.delays import ConstantDelay
from producer.labels import LabelPolicy
from selfheal.records.healing_events import (
    DriftCleared,
    DriftDetected,
    HealPublished,
    VersionActivated,
)
from tests.healer.policy_run import BATCH, PolicyRun, stretch
from tests.healer.tills import RENAMED, Tills

ONSET = 1_500
CLEAN = Tills()
RENAMED_WEB, NO_AGE = CLEAN.but(channels=RENAMED), CLEAN.but(missing=(1.0, 0.02))


def late(coverage, delay=300):
    return LabelPolicy(coverage, ConstantDelay(delay))


def run_of(model, *parts, coverage=0.0, seed=900):
    return PolicyRun(model, stretch(*parts, seed=seed), late(coverage))


@pytest.fixture(scope="module")
def unlabelled(tills_model) -> PolicyRun:
    return run_of(tills_model, (CLEAN, ONSET), (RENAMED_WEB, 1_500))


LEARNED, SECOND = 6_500, 8_000
"""Rows at which the first drift ends, and comes back."""


@pytest.fixture(scope="module")
def labelled(tills_model) -> PolicyRun:
    """Renamed, clean again, and renamed again."""
    parts = (CLEAN, ONSET), (RENAMED_WEB, LEARNED - ONSET), (CLEAN, SECOND - LEARNED)
    return run_of(tills_model, *parts, (RENAMED_WEB, 1_000), coverage=0.5)


@pytest.mark.parametrize("seed", [900, 901])
def test_a_clean_stream_with_categories_and_gaps_changes_no_bit(tills_model, seed):
    clean = run_of(tills_model, (CLEAN, 15_000), coverage=0.1, seed=seed)

    assert not clean.of_kind(DriftDetected)
    assert set(clean.versions) == {"base"}
    np.testing.assert_array_equal(clean.score, clean.shadow_score)


@pytest.mark.parametrize(("drift", "feature"), [(RENAMED_WEB, "channel"), (NO_AGE, "age")])
def test_a_drift_is_told_within_two_hundred_rows_by_name(tills_model, drift, feature):
    run = run_of(tills_model, (CLEAN, ONSET), (drift, 200))

    (alarm,) = run.of_kind(DriftDetected)
    assert (alarm.drift, alarm.detector, alarm.features) == ("covariate", "shares", (feature,))
    assert alarm.onset_ms == pytest.approx(ONSET, abs=100)


def test_without_labels_no_heal_is_tried_and_the_frozen_model_goes_on(unlabelled):
    assert unlabelled.system.healer.heals.attempted == 0
    np.testing.assert_array_equal(unlabelled.score, unlabelled.shadow_score)


def test_a_stream_that_returns_ends_the_alarm(tills_model):
    run = run_of(tills_model, (CLEAN, 4_000), (NO_AGE, 300), (CLEAN, 5_000))

    (cleared,) = run.of_kind(DriftCleared)
    assert cleared.detector == "shares"
    assert len(run.of_kind(DriftDetected)) == 1


def test_labels_heal_a_renamed_level_and_the_alarm_ends_for_good(labelled):
    cleared = labelled.of_kind(DriftCleared)

    assert len(labelled.of_kind(HealPublished)) == 1
    assert cleared[0].detector == "shares"
    drifted = [alarm for alarm in labelled.of_kind(DriftDetected) if alarm.onset_ms < LEARNED - 100]
    assert len(drifted) == 1
    healed, frozen = labelled.figures(5_500, LEARNED), labelled.frozen(5_500, LEARNED)
    assert healed.f1 > frozen.f1 + 0.1


def test_regimes_that_return_are_known_by_their_categories(labelled):
    known = [e.version for e in labelled.of_kind(VersionActivated) if e.cause == "regime"]

    assert known == ["base", labelled.versions[LEARNED // BATCH - 1]]
    assert set(labelled.versions[(LEARNED + 300) // BATCH : SECOND // BATCH]) == {"base"}


def test_numbers_that_move_under_a_lasting_alarm_are_told_and_healed_as_ever(tills_model):
    moved = NO_AGE.but(amount=4.0)

    run = run_of(tills_model, (CLEAN, ONSET), (NO_AGE, 1_500), (moved, 1_500))

    first, second = run.of_kind(DriftDetected)
    assert (first.detector, second.detector) == ("shares", "ks")
    assert second.features == ("amount", "age")
    assert second.onset_ms == pytest.approx(ONSET + 1_500, abs=200)
    assert run.system.healer.heals.attempted > 0


def test_a_restart_keeps_the_regime_with_its_shares(tills_model, labelled):
    rows = labelled.rows.part(slice(0, LEARNED))

    again = PolicyRun(tills_model, rows, late(0.5), restarts=[LEARNED - 1_000])

    assert len(again.of_kind(DriftDetected)) == 1
    assert again.versions[-1] == labelled.versions[LEARNED // BATCH - 1]
