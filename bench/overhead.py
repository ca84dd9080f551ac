"""What the healer costs as traffic grows: samples keep to their budget, and summaries only count.

The healer's own functions, without a broker: what the scorers' records cost to take in and to act
on, in processor seconds. Nothing drifts; decoding a record is not in it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from rich.table import Table

from bench.machine import machine
from consumer.decoding import Transactions
from consumer.live import Live, base
from consumer.sampling import Sampler
from consumer.scoring import Scored, feedback, score
from consumer.summaries import SummaryBuilder, Traffic
from healer.core import Healer
from healer.policies import SELFHEAL
from healer.policy_settings import HealingSettings
from producer.scenarios import scenario
from producer.stream import Stream
from selfheal.model.training import train
from selfheal.records.feedback import Feedback, Summary

SUMMARY_S = 5
"""Seconds between two summaries of a scorer."""

_SCORED_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class OverheadPlan:
    """How long, and under which traffic.

    seconds:       of the stream, a multiple of SUMMARY_S
    samples_per_s: the budget, whatever the traffic
    rows_per_s:    transactions, of which `factors` are multiples
    """

    seconds: int = 60
    samples_per_s: int = 200
    rows_per_s: int = 1_000
    factors: tuple[int, ...] = (1, 10, 100)
    seed: int = 0


def measure_overhead(plan: OverheadPlan, say: Callable[[str], None]) -> dict[str, Any]:
    """Processor time of the healer's core for a second of the stream, at each traffic."""
    summed = max(plan.factors) * plan.rows_per_s * SUMMARY_S
    stream = Stream(scenario("null"), plan.seed, max(summed, plan.seconds * plan.samples_per_s))
    rows = stream.training()
    say("training the model")
    live = base(train(stream.scenario.schema, rows.values, rows.labels, seed=plan.seed))
    traffic: list[dict[str, float]] = []
    for factor in plan.factors:
        rows_per_s = factor * plan.rows_per_s
        say(f"{rows_per_s:,} transactions a second")
        summary = _summary(stream, live, rows_per_s * SUMMARY_S)
        cpu_s = _cpu_seconds(plan, stream, live, summary)
        traffic.append({"rows_per_s": rows_per_s, "cpu_ms_per_s": 1000.0 * cpu_s / plan.seconds})
    return {
        "machine": machine(),
        "seconds": plan.seconds,
        "samples_per_s": plan.samples_per_s,
        "traffic": traffic,
    }


def _cpu_seconds(plan: OverheadPlan, stream: Stream, live: Live, summary: Summary) -> float:
    """Of taking in every record of the stream, and of a step after each second."""
    healer = Healer(SELFHEAL, live.model, HealingSettings(seed=plan.seed))
    everything, spent_s = Sampler(share=1.0), 0.0
    for second in range(plan.seconds):
        now_ms = 1000 * (second + 1)
        scored = _scored(stream, live, second * plan.samples_per_s, plan.samples_per_s, now_ms)
        records: list[Feedback] = [*feedback(scored, live, everything, everything, now_ms)]
        if (second + 1) % SUMMARY_S == 0:
            first_ms = now_ms - 1000 * SUMMARY_S
            records.append(replace(summary, first_event_ms=first_ms, last_event_ms=now_ms))
        began_s = time.process_time()
        for record in records:
            healer.observe(record)
        healer.step(now_ms)
        spent_s += time.process_time() - began_s
    return spent_s


def _scored(stream: Stream, live: Live, first: int, count: int, now_ms: int) -> Scored:
    """Rows of the stream as a scorer scores them."""
    values, place = stream.rows(first, count).values, np.arange(first, first + count)
    ids = [f"row-{row}" for row in place]
    batch = Transactions(np.arange(count), ids, np.full(count, now_ms), values)
    return score(batch, live, conflict_min=0.3)


def _summary(stream: Stream, live: Live, rows: int) -> Summary:
    """What a scorer tells of so many rows."""
    builder = SummaryBuilder("scorer-1", live)
    for first in range(0, rows, _SCORED_ROWS):
        builder.add(_scored(stream, live, first, min(_SCORED_ROWS, rows - first), 0))
    return builder.build(Traffic(0.0, 0))


def overhead_table(report: dict[str, Any]) -> Table:
    """Milliseconds of one core for each second of the stream."""
    title = f"the healer at {report['samples_per_s']} samples a second, {report['seconds']} s each"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for name in ("transactions a second", "CPU ms a second", "share of a core"):
        table.add_column(name, justify="right")
    for row in report["traffic"]:
        spent_ms = row["cpu_ms_per_s"]
        table.add_row(f"{row['rows_per_s']:,}", f"{spent_ms:.1f}", f"{spent_ms / 1000.0:.1%}")
    return table
