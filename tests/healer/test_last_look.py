"""Rows that come while a heal is under way, and then no more: they are looked at all the same."""

import numpy as np

from consumer import live
from consumer.decoding import Transactions
from consumer.scoring import score
from healer.actions import Action, Train
from healer.core import Healer
from healer.policies import SELFHEAL
from healer.policy_settings import HealingSettings
from healer.window import ScoredRows
from producer.operators import everyone
from producer.regimes import G2
from tests.healer.policy_run import stretch


def rows_from(model, values, first):
    """As the scorers sample them, a row a millisecond."""
    event_ms = np.arange(first, first + len(values), dtype=np.int64)
    ids = [f"row-{at}" for at in event_ms]
    batch = Transactions(np.arange(len(ids)), ids, event_ms, values)
    scored = score(batch, live.base(model), HealingSettings().conflict_min)
    return ScoredRows(
        ids=ids,
        event_ms=event_ms,
        values=values,
        score=scored.score,
        shadow_score=scored.shadow_score,
        epoch=np.full(len(ids), -1, dtype=np.int64),
        weight=np.ones(len(ids)),
        conflict=scored.conflict,
    )


def only_job(actions: list[Action]) -> Train | None:
    jobs = [action for action in actions if isinstance(action, Train)]
    return jobs[0] if jobs else None


def test_a_heal_that_found_too_few_rows_is_tried_again_with_those_that_came_meanwhile(g2_model):
    values = stretch((G2, 1_000), (everyone(G2, 2.2), 2_000), seed=900).values
    healer = Healer(SELFHEAL, g2_model, HealingSettings())
    healer.begin()
    healer.observe_rows(rows_from(g2_model, values[:1_100], 0))
    first = only_job(healer.step(1_100))
    assert first is not None
    healer.observe_rows(rows_from(g2_model, values[1_100:], 1_100))
    assert only_job(healer.step(3_000)) is None  # one at a time

    healer.finish(first.job().superseded(), 3_000)

    again = only_job(healer.step(3_000))
    assert again is not None
    assert again.job().adapter is not None
    healer.finish(again.job().superseded(), 3_000)
    assert healer.step(3_000) == []  # nothing new: no endless trying
