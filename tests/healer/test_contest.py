"""Who is judged on what: contenders against what serves, on labels that none has learned from."""

from dataclasses import replace

import numpy as np
import pytest

from healer.betting import Wager
from healer.contest import (
    CALIBRATED,
    FALSE_ALARM_RATE,
    FROZEN,
    UNCORRECTED,
    Contest,
    bounded_logits,
    candidates,
    judged,
    lesson_of,
)
from healer.duel import FEWEST_LABELS, SMALLEST_GAIN, Duel, outcomes_of
from healer.experts import Correction, skip_expert
from healer.policy import Serving
from healer.recalibration import recalibrated
from selfheal.model.adapter import Adapter, InputAlignment, Output
from selfheal.model.compiled import compile_model
from tests.healer.rows import rows_of

V14 = 7
ALIGNMENT = InputAlignment(np.ones(10), np.r_[np.zeros(V14), 2.2, np.zeros(2)])
ALIGNED = Adapter(alignment=ALIGNMENT)
SERVED = Serving(adapter=ALIGNED)
CORRECTION = Correction(Output(1.0, 0.3))
NEW = Contest(epoch=1, since_ms=0)


@pytest.fixture(scope="module")
def fresh(article_stream):
    """3,000 labelled clean rows that the model has not seen."""
    drawn = article_stream.fresh(0, 3_000)
    return rows_of(drawn.values, label=drawn.labels.astype(np.float64))


def drifted(rows):
    """The same rows after V14 of everyone has fallen."""
    return replace(rows, values=rows.values - 2.2 * (np.arange(10) == V14))


def won(gain, labels=60):
    return Wager().after(np.full(labels, gain))


def among(*rivals):
    """A contest between these duels."""
    return replace(NEW, duels={f"rival {place}": duel for place, duel in enumerate(rivals)})


def test_a_contender_is_compiled_once_however_often_it_is_looked_at(model):
    served = replace(ALIGNED, output=Output(1.0, 0.1))
    contest = NEW.taught({"skip@300": CORRECTION}, 50)

    first, again = (candidates(contest, served) for _ in range(2))

    assert list(first) == [FROZEN, UNCORRECTED, "skip@300"]
    for name, adapter in first.items():
        assert compile_model(model, adapter) is compile_model(model, again[name])


def test_without_an_adapter_only_what_was_learned_competes():
    contest = NEW.taught({"skip@300": CORRECTION}, 50)

    assert candidates(NEW, None) == {}
    assert list(candidates(contest, None)) == ["skip@300"]


@pytest.mark.parametrize(
    ("served", "names"),
    [
        (ALIGNED, {FROZEN}),
        (Adapter(output=Output(shift=1.0)), {FROZEN}),
        (Adapter(alignment=ALIGNMENT, output=Output(shift=1.0)), {FROZEN, UNCORRECTED}),
    ],
    ids=["alignment alone", "correction alone", "both"],
)
def test_frozen_and_uncorrected_compete_exactly_where_they_would_differ(served, names):
    assert set(candidates(NEW, served)) == names


def test_every_contender_keeps_the_alignment_that_serves_and_frozen_keeps_nothing():
    served = Adapter(alignment=ALIGNMENT, output=Output(shift=1.0))

    found = candidates(NEW.taught({"skip@300": CORRECTION}, 50), served)

    assert found[FROZEN].is_identity
    assert found[UNCORRECTED].alignment is ALIGNMENT
    assert found[UNCORRECTED].output is None
    assert found["skip@300"].alignment is ALIGNMENT
    assert found["skip@300"].output is CORRECTION.output


def test_what_learned_the_drift_wins_on_newer_labels(model, fresh):
    rows = drifted(fresh)
    learned = skip_expert(lesson_of(rows.part(slice(100)), None, model))
    contest = NEW.taught({"skip@300": learned}, 100)

    contest = judged(contest, rows.part(slice(100, 300)), Serving(), model)

    assert contest.winner == "skip@300"


def test_what_serves_well_is_left_by_no_contender(model, fresh):
    contest = NEW.taught({"astray": Correction(Output(1.0, 2.0))}, 0)

    contest = judged(contest, drifted(fresh), SERVED, model)

    assert contest.winner is None
    assert all(duel.loss.mean_gain < 0 for duel in contest.duels.values())


def test_what_does_worse_than_no_adapter_at_all_loses_to_frozen(model, fresh):
    contest = judged(NEW, fresh.part(slice(400)), SERVED, model)

    assert contest.winner == FROZEN


def test_a_gain_too_small_to_matter_does_not_win_however_many_labels_there_are(model, fresh):
    contest = NEW.taught({"the same": Correction()}, 0)

    contest = judged(contest, fresh, Serving(), model)

    assert contest.duels["the same"].loss.mean_gain == pytest.approx(-SMALLEST_GAIN / 3.9, rel=0.1)
    assert contest.winner is None


def test_rows_from_before_the_regime_are_neither_judged_nor_a_baseline_but_they_were_seen(
    model, fresh
):
    rows = fresh.part(slice(300))  # one a millisecond

    contest = judged(replace(NEW, since_ms=200), rows, SERVED, model)

    assert contest.seen == 300
    assert contest.duels[FROZEN].loss.labels == 100
    alone = judged(NEW, rows.part(slice(200, 300)), SERVED, model)
    assert contest.duels[FROZEN].loss.gain == alone.duels[FROZEN].loss.gain
    np.testing.assert_array_equal(contest.decline.sums, alone.decline.sums)


def test_rows_that_are_all_from_before_the_regime_change_nothing_but_the_count(model, fresh):
    before = judged(NEW, fresh.part(slice(100)), SERVED, model)

    after = judged(replace(before, since_ms=10_000), fresh.part(slice(100, 150)), SERVED, model)

    assert after.seen == 150
    assert after.duels is before.duels


def test_the_labels_portions_do_not_matter(model, fresh):
    at_once = judged(NEW, fresh.part(slice(240)), SERVED, model)
    in_portions = NEW
    for first in range(0, 240, 40):
        part = fresh.part(slice(first, first + 40))
        in_portions = judged(in_portions, part, SERVED, model)

    assert in_portions.seen == at_once.seen
    np.testing.assert_allclose(in_portions.decline.sums, at_once.decline.sums)
    np.testing.assert_allclose(
        in_portions.duels[FROZEN].loss.log_capital, at_once.duels[FROZEN].loss.log_capital
    )
    np.testing.assert_allclose(
        in_portions.decline.wager.log_capital, at_once.decline.wager.log_capital
    )


def test_the_winner_needs_better_losses_and_better_decisions():
    blurred = Duel(loss=won(0.3), errors=won(0.0))
    lucky = Duel(loss=won(0.0), errors=won(0.5))
    better = Duel(loss=won(0.3), errors=won(0.3))

    assert among(blurred).winner is None
    assert among(lucky).winner is None
    assert among(blurred, lucky, better).winner == "rival 2"


def test_better_ranks_win_where_decisions_are_no_worse():
    ranked = Duel(loss=won(0.3), errors=won(0.001), ranks=won(0.3))
    worse = Duel(loss=won(0.3), errors=won(-0.001), ranks=won(0.3))

    assert among(ranked).winner == "rival 0"
    assert among(worse).winner is None


def test_what_wins_by_its_blur_alone_does_not_win_beside_what_serves_calibrated(model, fresh, rng):
    guessed = np.where(rng.random(len(fresh)) < 0.3, 1.0 - fresh.label, fresh.label)
    wrong = replace(fresh, label=guessed)
    earlier, later = wrong.part(slice(1_500)), wrong.part(slice(1_500, 3_000))
    calibrated = recalibrated(None, bounded_logits(model, None, earlier), earlier.label)
    blurred = Correction(replace(calibrated.output, scale=1.2 * calibrated.output.scale))
    contest = NEW.taught({"blurred": blurred, CALIBRATED: calibrated}, 1_500)

    contest = judged(contest, later, Serving(), model)

    assert contest.duels["blurred"].loss.log_evidence > 20.0
    assert contest.duels["blurred"].ranks.log_evidence < 0.0
    assert contest.winner is None


def test_of_several_winners_the_one_with_the_most_evidence_is_chosen():
    good, better = Duel(won(0.3), won(0.3)), Duel(won(0.5), won(0.3))

    assert among(good, better, good).winner == "rival 1"


def test_few_labels_choose_no_winner_however_good_they_are():
    few = FEWEST_LABELS - 1

    assert among(Duel(won(0.9, few), won(0.9, few))).winner is None
    assert among(Duel(won(0.9, few + 1), won(0.9, few + 1))).winner == "rival 0"


def test_the_stated_rate_is_shared_among_all_contenders_that_there_may_be():
    enough = -np.log(FALSE_ALARM_RATE / 9)
    labels = next(n for n in range(40, 200) if won(0.3, n).log_evidence > enough)

    assert among(Duel(won(0.3, labels - 1), won(0.3, 60))).winner is None
    assert among(Duel(won(0.3, labels), won(0.3, 60))).winner == "rival 0"


def test_another_serving_version_begins_all_bets_anew_and_keeps_what_was_learned(model, fresh):
    taught = NEW.taught({"skip@300": CORRECTION, CALIBRATED: CORRECTION}, 200)
    contest = judged(taught, fresh.part(slice(300)), SERVED, model)

    anew = contest.against(2)

    assert (anew.epoch, anew.duels) == (2, {})
    assert (len(anew.decline.sums), anew.decline.wager.labels) == (0, 0)
    assert (anew.seen, anew.learned) == (300, 200)
    assert anew.corrections == {"skip@300": CORRECTION}  # calibrated was the other version


def test_a_lesson_is_of_the_aligned_rows_and_of_the_logit_before_any_correction(model, fresh):
    served = Adapter(alignment=ALIGNMENT, output=Output(0.5, -1.0))
    rows = drifted(fresh).part(slice(100))

    lesson = lesson_of(rows, served, model)

    clean = fresh.part(slice(100)).values
    np.testing.assert_allclose(lesson.encoded, model.encoder.encode(clean), atol=1e-5)
    logit = compile_model(model).score(clean).logit
    np.testing.assert_allclose(lesson.logit, logit.clip(-8, 8), atol=1e-3)
    np.testing.assert_array_equal(lesson.label, rows.label)


def test_losses_are_bounded_whatever_a_label_says(model, fresh):
    wrong = replace(fresh, label=1.0 - fresh.label)

    losses = outcomes_of(model, Adapter(output=Output(100.0, 0.0)), 0.5, wrong).losses

    assert losses.max() == pytest.approx(-np.log(0.02))
    assert losses.min() >= -np.log(0.98) - 1e-9
