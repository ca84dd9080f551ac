"""Over a long run of candidates that are no better, the gate lets through its stated share."""

import numpy as np
import pytest

from healer.contest import CALIBRATED, FALSE_ALARM_RATE, Contest, judged
from healer.experts import Correction
from healer.policy import Serving
from selfheal.model.adapter import Output
from selfheal.model.compiled import compile_model
from tests.healer.rows import rows_of

RUNS, LESSONS, LABELS, LOOK = 80, 3, 400, 100
"""Streams; in each so many times new candidates, judged on so many labels, looked at so often."""

NAMES = ("skip@300", "trees@300", "half@300", "skip@2000", "trees@2000", "half@2000", CALIBRATED)


@pytest.fixture(scope="module")
def pool(article_stream):
    return article_stream.fresh(0, 20_000).values


def corrections(rng: np.random.Generator, width: int, size: float) -> dict[str, Correction]:
    """What serves, a little off in a random way."""
    return {
        name: Correction(
            Output(
                1.0 + size * rng.normal(),
                size * rng.normal(),
                (0.3 * size * rng.normal(size=width)).astype(np.float32),
            )
        )
        for name in NAMES
    }


def winners_of_a_run(rng, model, pool, size: float, *, helps: float = 0.0) -> list[str]:
    """Who had won at each look where anybody had.

    Labels are drawn from what serves itself thinks, so that no candidate can be better; `helps`
    draws them from a logit so much higher, which one of the candidates knows.
    """
    frozen = compile_model(model)
    contest, won = Contest(epoch=0, since_ms=0), []
    for _ in range(LESSONS):
        taught = corrections(rng, model.encoder.width, size)
        if helps:
            taught["skip@300"] = Correction(Output(1.0, helps))
        contest = contest.taught(taught, 300)
        for _ in range(LABELS // LOOK):
            values = pool[rng.integers(0, len(pool), LOOK)]
            logit = frozen.score(values).logit.astype(np.float64) + helps
            label = (rng.random(LOOK) < 1.0 / (1.0 + np.exp(-logit))).astype(np.float64)
            contest = judged(contest, rows_of(values, label=label), Serving(), model)
            won += [] if contest.winner is None else [contest.winner]
    return won


@pytest.mark.parametrize("size", [0.05, 0.5])
def test_no_more_than_the_stated_share_of_long_runs_ever_lets_one_through(rng, model, pool, size):
    through = sum(bool(winners_of_a_run(rng, model, pool, size)) for _ in range(RUNS))

    spread = np.sqrt(FALSE_ALARM_RATE * (1.0 - FALSE_ALARM_RATE) / RUNS)
    assert through / RUNS <= FALSE_ALARM_RATE + 3.0 * spread


def test_the_same_run_lets_a_candidate_through_that_is_better(rng, model, pool):
    won = [winners_of_a_run(rng, model, pool, 0.5, helps=2.0) for _ in range(5)]

    assert all("skip@300" in run for run in won)
