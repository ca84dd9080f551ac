"""How soon a published version serves: from the registry's commit to the first prediction by it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.errors import BenchError
from bench.first_predictions import FirstPredictions
from bench.machine import machine
from bench.publications import Publications
from bench.rig import SCENARIO, Rig, Say, rig
from bench.scrape import NOTHING, scrape
from cli.demo.children import Child, start, wait_until_ready
from selfheal.bus.reader import LogReader
from selfheal.records.service_events import SwapApplied
from selfheal.telemetry.events import read_event

_BETWEEN_S = 0.4
"""Between two versions. Not a multiple of the commit interval, so that all its phases are met."""

_LIMIT_S = 20.0


@dataclass(frozen=True, slots=True)
class SwapPlan:
    """swaps: versions that are published; rate_per_s: of the transactions meanwhile."""

    swaps: int
    rate_per_s: float
    scorers: int
    seed: int

    @property
    def transactions(self) -> int:
        """Enough for the whole run, however slow the machine is."""
        return int(self.rate_per_s * (60.0 + self.swaps * (_BETWEEN_S + 2.0)))


@dataclass(frozen=True, slots=True)
class SwapTimes:
    """Of each version and scorer, in milliseconds from the registry's commit.

    scored:   until its first prediction was made
    readable: until a reader of committed records had it
    """

    scored: list[float]
    readable: list[float]


def measure_swaps(plan: SwapPlan, say: Say) -> dict[str, Any]:
    """The whole measurement on a Kafka of its own; what `selfheal bench swap --json` prints.

    Raises BenchError, ChildFailedError, BusError.
    """
    described = machine()
    with rig(plan.transactions, plan.seed, say) as ground:
        say(f"starting {plan.scorers} scorers and {plan.rate_per_s:,.0f} transactions a second")
        children = [ground.start_scorer(f"scorer-{n + 1}", {}) for n in range(plan.scorers)]
        try:
            wait_until_ready(children)
            children.append(_producer(ground, plan))
            owners = _owners(children[: plan.scorers])
            say(f"publishing {plan.swaps} versions")
            times = _published(ground, plan.swaps, owners)
        finally:
            for child in reversed(children):
                child.stop()
        pauses_ms = _pauses_ms(ground)
    return {
        "swaps": plan.swaps,
        "scorers": plan.scorers,
        "rate_per_s": plan.rate_per_s,
        "scored_ms": percentiles(times.scored),
        "readable_ms": percentiles(times.readable),
        "pause_ms": percentiles(pauses_ms),
        "machine": described,
    }


def percentiles(values: list[float]) -> dict[str, float]:
    """p50, p99 and the largest. Raises BenchError for no values."""
    if not values:
        raise BenchError("no swap was seen, expected one for each version and scorer")
    p50, p99 = np.percentile(values, [50, 99])
    return {"p50": round(float(p50), 2), "p99": round(float(p99), 2), "max": round(max(values), 2)}


def _producer(ground: Rig, plan: SwapPlan) -> Child:
    settings = {
        "bootstrap": ground.bus.bootstrap,
        "scenario": SCENARIO,
        "seed": str(plan.seed),
        "transactions": str(plan.transactions),
        "rate": str(plan.rate_per_s),
    }
    return start("producer", "producer-1", settings, ground.folder / "logs")


def _owners(scorers: list[Child]) -> dict[int, str]:
    """Which scorer owns which partition, once all partitions have moved since their start."""
    deadline_s = time.monotonic() + _LIMIT_S
    while time.monotonic() < deadline_s:
        owned = {child.name: (scrape(child) or NOTHING).partitions for child in scorers}
        owners = {partition: name for name, those in owned.items() for partition in those}
        if all(owned.values()) and len(owners) == sum(map(len, owned.values())):
            return owners
        time.sleep(0.2)
    raise BenchError(f"not every scorer has committed within {_LIMIT_S:g} s, expected all to")


def _published(ground: Rig, swaps: int, owners: Mapping[int, str]) -> SwapTimes:
    times = SwapTimes([], [])
    reader = LogReader(ground.bus, [ground.topics.predictions], start="latest")
    with reader, Publications(ground) as publications:
        seen = FirstPredictions(reader, owners)
        for number in range(swaps):
            version, committed_ms = publications.publish(shift=0.01 * (number % 2 + 1))
            first = seen.of(version, _LIMIT_S)
            times.scored.extend(max(0, found.scored_ms - committed_ms) for found in first)
            times.readable.extend(max(0, found.read_ms - committed_ms) for found in first)
            seen.follow(_BETWEEN_S)
    return times


def _pauses_ms(ground: Rig) -> list[float]:
    """How long each swap kept its scorer from scoring, as the scorers told it."""
    with LogReader(ground.bus, [ground.topics.events]) as reader:
        told = [read_event(message.value).event for message in reader.read_to_end()]
    return [event.swap_s * 1000.0 for event in told if isinstance(event, SwapApplied)]
