"""A change of the relation is found soon by what labels teach, and where nothing changes never."""

import numpy as np
import pytest

from healer.contest import ENOUGH_OF_DECLINE
from healer.experts import Lesson
from healer.relation_change import (
    COMPARED_LABELS,
    LESSON_EVERY,
    LESSON_LABELS,
    RelationChange,
    telling,
)
from selfheal.model.probability import sigmoid
from tests.healer.rows import rows_of

FEATURES = 4


def lesson(rng, labels, turn=0.0):
    """What serves knows the first feature alone; `turn` is what the second one says by now."""
    encoded = rng.normal(size=(labels, FEATURES))
    logit = 2.0 * encoded[:, 0] - 1.0
    label = (rng.random(labels) < sigmoid(logit + turn * encoded[:, 1])).astype(np.float64)
    return Lesson(encoded, logit, label)


def joined(*lessons):
    return Lesson(
        np.concatenate([each.encoded for each in lessons]),
        np.concatenate([each.logit for each in lessons]),
        np.concatenate([each.label for each in lessons]),
    )


def followed(rows, portion=10):
    """The bet after all of these labels, some at a time, and at which it was first won."""
    change, found = RelationChange(), None
    for first in range(0, len(rows.label), portion):
        change = change.after(rows.oldest(first + portion).newest(portion))
        if change.is_lesson_due:
            change = change.learned(rows.oldest(first + portion))
        if found is None and change.wager.log_evidence > ENOUGH_OF_DECLINE:
            found = first + portion
    return change, found


@pytest.mark.parametrize("labels", [150, 700, 1_500])
def test_the_labels_that_tell_are_all_that_a_lesson_looks_at(labels):
    rng = np.random.default_rng(900)
    drawn = lesson(rng, labels)
    rows = telling(rows_of(drawn.encoded, label=drawn.label))
    kept = np.isin(drawn.encoded[:, 0], rows.values[:, 0])
    part = Lesson(drawn.encoded[kept], drawn.logit[kept], drawn.label[kept])

    every, some = RelationChange().learned(drawn), RelationChange().learned(part)

    assert len(rows) == min(labels, LESSON_LABELS + COMPARED_LABELS)
    assert every.usual == some.usual
    assert (every.correction is None) == (some.correction is None) == (labels <= LESSON_LABELS)


@pytest.mark.parametrize("seed", range(900, 905))
def test_a_change_is_found_within_400_labels(seed):
    rng = np.random.default_rng(seed)
    rows = joined(lesson(rng, 800), lesson(rng, 400, turn=3.0))

    _, found = followed(rows)

    assert found is not None
    assert found > 800


def test_no_change_is_found_in_no_more_runs_than_stated():
    runs, rate = 60, np.exp(-ENOUGH_OF_DECLINE)

    found = sum(
        followed(lesson(np.random.default_rng([run, 5]), 1_500))[1] is not None
        for run in range(runs)
    )

    assert found / runs <= rate + 3.0 * np.sqrt(rate / runs)


def test_a_relation_that_was_another_one_from_the_first_label_has_not_changed():
    rng = np.random.default_rng(900)

    change, found = followed(lesson(rng, 1_500, turn=3.0))

    assert found is None
    assert change.usual > 0.1  # it would gain, and always would have


def test_nothing_is_learned_before_there_are_labels_to_compare_with():
    rng = np.random.default_rng(900)
    early, _ = followed(lesson(rng, LESSON_LABELS + LESSON_EVERY - 10))
    later, _ = followed(lesson(rng, LESSON_LABELS + LESSON_EVERY))

    assert early.correction is None
    assert later.correction is not None
    assert later.taught == LESSON_LABELS + LESSON_EVERY


def test_labels_of_one_class_teach_nothing_and_are_asked_again_later():
    rows = lesson(np.random.default_rng(900), 400)
    legitimate = Lesson(rows.encoded, rows.logit, np.zeros(400))

    change, found = followed(legitimate)

    assert (change.correction, found) == (None, None)
    assert not change.is_lesson_due


def test_no_labels_change_nothing():
    rows = lesson(np.random.default_rng(900), 0)

    change = RelationChange().after(rows)

    assert (change.labels, change.wager.labels) == (0, 0)
