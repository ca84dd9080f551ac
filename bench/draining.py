"""One scorer that works off a backlog with everything on, and how fast."""

import time
from dataclasses import dataclass
from typing import Literal

from bench.arrivals import arrival_times_ms
from bench.errors import BenchError
from bench.rates import STEADY_FROM, steady_rate
from bench.rig import Rig
from bench.scrape import NOTHING, Scrape, scrape
from cli.demo.children import Child

Delivery = Literal["exactly_once", "at_least_once"]

_LOOK_S = 0.25
_LIMIT_S = 600.0


@dataclass(frozen=True, slots=True)
class Drain:
    """What one run showed.

    per_s:        transactions a second over the steady part
    stages_us:    microseconds a transaction by stage; `other` is what is left of the time: reading,
                  summaries, metrics, waiting for the broker and for the processor
    cpu_us:       microseconds of processor time a transaction, of all the scorer's threads; a busy
                  machine changes it less than the rate
    sample_share: of the transactions that were sent as samples
    """

    per_s: float
    stages_us: dict[str, float]
    cpu_us: float
    sample_share: float


def drain(rig: Rig, name: str, delivery: Delivery, sample_budget_per_s: float) -> Drain:
    """Start a scorer in a group of its own, let it score all transactions, and stop it.

    Raises BenchError when it ends early or falls silent.
    """
    began_ms = time.time_ns() // 1_000_000
    scorer = rig.start_scorer(
        name,
        {
            "group": name,
            "delivery": delivery,
            "sample_budget_per_s": f"{sample_budget_per_s:.0f}",
        },
    )
    try:
        warm, last = _followed(scorer, rig.stream.transactions)
    finally:
        scorer.stop()
    times_ms = arrival_times_ms(rig.bus, rig.topics.predictions, began_ms, rig.stream.transactions)
    per_s = steady_rate(times_ms)
    stages = last.stages_us(warm)
    stages["other"] = max(0.0, 1e6 / per_s - sum(stages.values()))
    return Drain(per_s, stages, last.cpu_us(warm), last.sample_share(warm))


def _followed(scorer: Child, transactions: int) -> tuple[Scrape, Scrape]:
    """The metrics at the beginning of the steady part, and when everything is committed."""
    deadline_s = time.monotonic() + _LIMIT_S
    warm = NOTHING
    while time.monotonic() < deadline_s:
        if not scorer.is_running:
            raise BenchError(f"{scorer.name} ended early:\n{scorer.last_lines()}")
        now = scrape(scorer)
        if now is not None and now.committed >= transactions:
            return warm, now
        if now is not None and warm is NOTHING and now.rows >= transactions * STEADY_FROM:
            warm = now
        time.sleep(_LOOK_S)
    raise BenchError(f"{scorer.name} did not finish within {_LIMIT_S:g} s")
