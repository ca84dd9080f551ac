"""Has what serves become worse? Found soon after a change, and never where nothing changed."""

import numpy as np
import pytest

from healer.contest import ENOUGH_OF_DECLINE, Contest, judged
from healer.decline import BASELINE_LABELS
from healer.policy import Serving
from producer.operators import concept
from producer.regimes import G2
from tests.healer.rows import rows_of

NEW = Contest(epoch=1, since_ms=0)


@pytest.fixture(scope="module")
def fresh(article_stream):
    """3,000 labelled clean rows that the model has not seen."""
    drawn = article_stream.fresh(0, 3_000)
    return rows_of(drawn.values, label=drawn.labels.astype(np.float64))


def concept_rows(rng, rows):
    drawn = concept(G2).draw(rng, np.arange(rows), np.zeros(rows))
    return rows_of(drawn.values, label=drawn.labels.astype(np.float64))


def test_a_decline_is_declared_after_a_change_and_not_before(model, fresh, rng):
    steady = judged(NEW, fresh.part(slice(600)), Serving(), model)
    changed = judged(steady, concept_rows(rng, 400), Serving(), model)

    assert not steady.has_declined
    assert changed.has_declined


@pytest.mark.parametrize("onset", [200, 1_000, 2_500])
def test_a_decline_is_declared_within_300_labels_early_and_late(model, rng, onset):
    steady = G2.draw(rng, np.arange(onset), np.zeros(onset))
    rows = rows_of(steady.values, label=steady.labels.astype(np.float64))
    contest = judged(NEW, rows, Serving(), model)
    before = contest.has_declined

    contest = judged(contest, concept_rows(rng, 300), Serving(), model)

    assert not before
    assert contest.has_declined


def test_a_model_that_was_bad_from_the_first_label_has_not_declined(model, rng):
    contest = judged(NEW, concept_rows(rng, 1_500), Serving(), model)

    assert contest.decline.wager.labels == 1_500 - BASELINE_LABELS
    assert not contest.has_declined


def test_within_the_baseline_nothing_declines(model, fresh, rng):
    rows = fresh.part(slice(40))
    contest = judged(judged(NEW, rows, Serving(), model), concept_rows(rng, 60), Serving(), model)

    assert not contest.has_declined
    assert contest.decline.wager.labels == 0


def test_a_stream_that_stays_as_it_is_declines_in_no_more_runs_than_stated(model, fresh, rng):
    runs, labels, portion = 100, 3_000, 150

    declined = 0
    for _ in range(runs):
        stream = fresh.part(rng.integers(0, len(fresh), labels))
        contest = NEW
        for first in range(0, labels, portion):
            contest = judged(contest, stream.part(slice(first, first + portion)), Serving(), model)
            if contest.has_declined:
                declined += 1
                break

    rate = np.exp(-ENOUGH_OF_DECLINE)
    allowed = rate + 3.0 * np.sqrt(rate / runs)
    assert declined / runs <= allowed
