import math

import pytest

from registry.article_rollback import ArticleRollback, ArticleThresholds

HEALED = ArticleRollback().with_baseline(accuracy=0.9, f1=0.7)


def after(health, batches):
    for accuracy, f1 in batches:
        health = health.with_batch(accuracy, f1)
    return health


def test_nothing_rolls_back_before_the_first_heal():
    assert after(ArticleRollback(), [(0.0, 0.0)] * 10).fault() is None


def test_baseline_stays_that_of_the_first_heal():
    assert HEALED.with_baseline(accuracy=0.5, f1=0.1).baseline == (0.9, 0.7)


@pytest.mark.parametrize(("f1", "rolls_back"), [(0.63, False), (0.61, True)])
def test_f1_more_than_eight_hundredths_below_the_baseline_rolls_back(f1, rolls_back):
    fault = after(HEALED, [(0.9, f1)] * 5).fault()

    assert (fault is not None) is rolls_back


@pytest.mark.parametrize(("accuracy", "rolls_back"), [(0.81, False), (0.79, True)])
def test_accuracy_more_than_a_tenth_below_the_baseline_rolls_back(accuracy, rolls_back):
    fault = after(HEALED, [(accuracy, 0.7)] * 5).fault()

    assert (fault is not None) is rolls_back


def test_only_the_last_five_batches_count():
    assert after(HEALED, [(0.9, 0.0)] * 5 + [(0.9, 0.7)] * 5).fault() is None
    assert after(HEALED, [(0.9, 0.7)] * 4 + [(0.9, 0.2)]).fault() is not None


def test_two_batches_are_too_few_to_judge():
    assert after(HEALED, [(0.1, 0.1)] * 2).fault() is None
    assert after(HEALED, [(0.1, 0.1)] * 3).fault() is not None


def test_undefined_f1_counts_zero():
    fault = after(HEALED, [(0.9, math.nan)] * 3).fault()

    assert fault is not None
    assert "f1 0.000" in fault.reason


def test_article_exercise_with_a_stricter_drop():
    strict = ArticleThresholds(rollback_f1_drop=0.03)
    health = ArticleRollback(strict).with_baseline(accuracy=0.9, f1=0.7)

    assert after(health, [(0.9, 0.66)] * 3).fault() is not None
