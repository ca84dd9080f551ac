"""Which scorers live, and which serve an older pointer, from their summaries alone."""

from healer.scorers import Scorers
from selfheal.records.feedback import Summary


def after(*summaries: tuple[str, int, float]) -> Scorers:
    """What is known after summaries: (instance, epoch, moment)."""
    scorers = Scorers()
    for instance, epoch, now_s in summaries:
        summary = Summary(instance, "v1", epoch, 0, 0, 1, {}, [], {}, {}, {}, 0)
        scorers = scorers.with_summary(summary, now_s)
    return scorers


def test_nobody_is_known_at_first():
    assert Scorers().living(0.0) == Scorers().behind(1, 0.0) == 0


def test_a_scorer_counts_once_however_often_it_reports():
    assert after(("a", 1, 0.0), ("a", 1, 5.0), ("b", 1, 5.0)).living(6.0) == 2


def test_a_scorer_that_is_silent_for_half_a_minute_is_gone():
    scorers = after(("a", 1, 0.0))

    assert scorers.living(30.0) == 1
    assert scorers.living(30.1) == scorers.behind(2, 30.1) == 0


def test_a_scorer_with_an_older_epoch_is_behind_until_it_has_caught_up():
    behind = after(("a", 3, 0.0), ("b", 4, 0.0))
    caught_up = after(("a", 3, 0.0), ("b", 4, 0.0), ("a", 4, 1.0))

    assert (behind.behind(4, 1.0), caught_up.behind(4, 1.0)) == (1, 0)


def test_those_that_are_gone_are_forgotten():
    scorers = after(*((f"scorer-{number}", 1, 40.0 * number) for number in range(100)))

    assert len(scorers.seen) == 1
