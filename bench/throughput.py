"""How fast the scorer is, beside what the client alone can do: interleaved rounds, medians."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.arrivals import arrival_times_ms
from bench.backlog import write_backlog
from bench.draining import Delivery, Drain, drain
from bench.echo import echo_in_process
from bench.machine import machine
from bench.publications import Publications
from bench.rates import steady_rate
from bench.rig import ECHO_TOPIC, Rig, Say, rig

SAMPLED = 0.006
"""Of the echo's rate: the scorer's budget for samples, so that it sends about 1 % of its rows."""


@dataclass(frozen=True, slots=True)
class Echo:
    """per_s: records a second over the steady part; cpu_us: processor time a record."""

    per_s: float
    cpu_us: float


@dataclass(frozen=True, slots=True)
class Round:
    """The contestants, one after the other, so that a busy machine troubles them alike.

    echo: mean of a run before the scorer's and one after them: it is the shortest, and takes the
          greatest harm from a moment's load
    """

    echo: Echo
    exactly_once: Drain
    at_least_once: Drain


def measure_throughput(transactions: int, rounds: int, seed: int, say: Say) -> dict[str, Any]:
    """The whole measurement on a Kafka of its own; what `selfheal bench throughput --json` prints.

    transactions: of each run, at least some seconds' worth; rounds: at least 1
    Raises BenchError, BusError.
    """
    described = machine()
    with rig(transactions, seed, say) as ground:
        say(f"writing {transactions:,} transactions")
        message_bytes = write_backlog(ground)
        with Publications(ground) as publications:
            publications.publish(shift=0.01)
        say("warming up")
        _echo(ground, "warm-up")
        done: list[Round] = []
        for number in range(1, rounds + 1):
            done.append(_round(ground, number))
            say(_line(number, done[-1]))
    return {**summary(done), **_conditions(transactions, message_bytes), "machine": described}


def summary(rounds: Sequence[Round]) -> dict[str, Any]:
    """Medians over the rounds; a ratio is taken within each round first. At least one round."""
    stages = rounds[0].exactly_once.stages_us
    return {
        "echo_per_s": round(median(r.echo.per_s for r in rounds)),
        "scorer_per_s": round(median(r.exactly_once.per_s for r in rounds)),
        "at_least_once_per_s": round(median(r.at_least_once.per_s for r in rounds)),
        "scorer_over_echo": _ratio([r.exactly_once.per_s / r.echo.per_s for r in rounds]),
        "at_least_once_over_echo": _ratio([r.at_least_once.per_s / r.echo.per_s for r in rounds]),
        "exactly_once_over_at_least_once": _ratio(
            [r.exactly_once.per_s / r.at_least_once.per_s for r in rounds]
        ),
        "stages_us": {
            stage: round(median(r.exactly_once.stages_us[stage] for r in rounds), 2)
            for stage in stages
        },
        "cpu_us": {
            "echo": round(median(r.echo.cpu_us for r in rounds), 2),
            "exactly_once": round(median(r.exactly_once.cpu_us for r in rounds), 2),
            "at_least_once": round(median(r.at_least_once.cpu_us for r in rounds), 2),
        },
        "sample_share": round(median(r.exactly_once.sample_share for r in rounds), 4),
        "rounds": [
            {
                "echo_per_s": round(r.echo.per_s),
                "exactly_once_per_s": round(r.exactly_once.per_s),
                "at_least_once_per_s": round(r.at_least_once.per_s),
            }
            for r in rounds
        ],
    }


def _round(ground: Rig, number: int) -> Round:
    before = _echo(ground, f"echo-before-{number}")
    budget_per_s = SAMPLED * before.per_s
    deliveries: list[Delivery] = ["exactly_once", "at_least_once"]
    if number % 2 == 0:  # neither is always the one that comes after the echo
        deliveries.reverse()
    drained = {each: drain(ground, f"{each}-{number}", each, budget_per_s) for each in deliveries}
    after = _echo(ground, f"echo-after-{number}")
    mean = Echo((before.per_s + after.per_s) / 2.0, (before.cpu_us + after.cpu_us) / 2.0)
    return Round(mean, drained["exactly_once"], drained["at_least_once"])


def _echo(ground: Rig, group: str) -> Echo:
    began_ms = time.time_ns() // 1_000_000
    records = ground.stream.transactions
    cpu_us = echo_in_process(ground.bus, ground.topics.transactions, ECHO_TOPIC, group, records)
    return Echo(steady_rate(arrival_times_ms(ground.bus, ECHO_TOPIC, began_ms, records)), cpu_us)


def _ratio(ratios: list[float]) -> float:
    return round(median(ratios), 3)


def _conditions(transactions: int, message_bytes: int) -> dict[str, Any]:
    return {"transactions": transactions, "message_bytes": message_bytes}


def _line(number: int, done: Round) -> str:
    return (
        f"round {number}: echo {done.echo.per_s:,.0f}/s, "
        f"exactly once {done.exactly_once.per_s:,.0f}/s, "
        f"at least once {done.at_least_once.per_s:,.0f}/s"
    )
