"""A rehearsal gives labels that were known before a contest began their say, each to the unseen."""

import numpy as np
import pytest

from healer.contest import Contest
from healer.lessons import School, lesson, rehearsal
from healer.policy import Serving
from producer.operators import concept
from producer.regimes import G2
from tests.healer.rows import rows_of

NEW = Contest(epoch=0, since_ms=0)


def labelled(rng, rows, regime=G2):
    drawn = regime.draw(rng, np.arange(rows), np.zeros(rows))
    return rows_of(drawn.values, label=drawn.labels.astype(np.float64))


@pytest.fixture
def school(model):
    return School(Serving(), model, seed=0)


def test_a_rehearsal_lets_a_correction_win_on_labels_that_were_there_before_it(school, rng):
    played = rehearsal(NEW, labelled(rng, 400, concept(G2)), school)

    assert played.winner is not None
    assert played.learned == 300
    assert played.unseen == 100


def test_where_nothing_changed_nobody_wins_a_rehearsal(school):
    winners = [
        rehearsal(NEW, labelled(np.random.default_rng(seed), 400), school).winner
        for seed in range(903, 909)
    ]

    assert winners == [None] * 6


def test_no_label_of_a_rehearsal_judges_what_learned_from_it(school, rng, monkeypatch):
    """Labels are random here: whoever was judged on its own lesson would seem to know them."""
    rows = labelled(rng, 600)
    rows.label[:] = rng.random(600) < 0.15

    played = rehearsal(NEW, rows, school)

    learners = [played.duels[name] for name in ("trees@300", "blend@300")]
    assert all(duel.loss.labels < 600 for duel in learners)
    assert all(played.duels[f"{name}@2000"].errors.gain <= 30 for name in ("trees", "skip"))


@pytest.mark.parametrize("labels", [0, 20, 39])
def test_few_labels_are_a_lesson_and_no_rehearsal(school, rng, labels):
    rows = labelled(rng, 40).part(slice(labels))

    played = rehearsal(NEW, rows, school)

    assert (played.learned, played.unseen, played.duels) == (labels, 0, {})


def test_what_was_judged_meanwhile_stays_judged(school, rng):
    rows = labelled(rng, 400, concept(G2))
    before = NEW.taught({}, 0)

    played = rehearsal(before, rows, school)
    after = before.learned_from(played)

    assert after.learned == played.learned
    assert set(after.duels) == set(played.corrections)
    again = after.learned_from(lesson(before, rows, school))
    assert again.duels == after.duels
    assert (again.learned, again.unseen) == (400, 0)
