"""How often monitors alarm on streams that do not change, and how soon after one that does.

Each as published beside ours, at several batch sizes: a monitor whose false alarms depend on the
batch cannot be set up once. In one process, without a broker, from the summaries that scorers send.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from cli.demo.backbone import trained
from consumer.decoding import Transactions
from consumer.live import Live, base
from consumer.scoring import score
from consumer.summaries import SummaryBuilder
from consumer.summaries import Traffic as Rate
from healer.policy import Serving
from healer.traffic import Traffic
from healer.traffic_look import TrafficLook
from producer.rows import Floats
from producer.scenarios import scenario
from producer.stream import BLOCK_ROWS, Stream
from selfheal.drift.cadence import Cadence
from selfheal.drift.ks_two_sample import ks_p_value
from selfheal.drift.layers import LayerState
from selfheal.drift.psi import LARGE
from selfheal.model.model import Model
from selfheal.records.feedback import Summary

SCENARIOS = ("null", "cards-null")
"""Ten normal features; and card traffic: tails, categories, missing values, a daily cycle."""

RUN_LENGTH = 2_000.0


@dataclass(frozen=True, slots=True)
class MonitorsPlan:
    """How much is looked at: rows of each stream by the size of its looks.

    onset: row of the shift, in looks of 1,000, in a stream of twice as many rows
    """

    seeds: int = 5
    rows: tuple[tuple[int, int], ...] = ((100, 20_000), (1_000, 100_000), (5_000, 300_000))
    shifts: tuple[float, ...] = (0.1, 0.25, 0.5, 1.0, 2.2)
    onset: int = 20_000


QUICK = MonitorsPlan(seeds=1, rows=((100, 5_000), (1_000, 10_000)), shifts=(0.25, 2.2), onset=5_000)


def measure_monitors(
    plan: MonitorsPlan | None = None, say: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """False alarms by scenario and look, and delays by shift; seeds from 0 on.

    say: told after each stream
    """
    plan = plan or MonitorsPlan()
    clean: list[dict[str, Any]] = []
    for name in SCENARIOS:
        for look_rows, rows in plan.rows:
            tally = Counter[str]()
            for seed in range(plan.seeds):
                tally += _false_alarms(Stream(scenario(name), seed, rows), look_rows)
            say(f"monitors: {name}, looks of {look_rows:,} rows")
            clean.append({"scenario": name, "look_rows": look_rows, **tally})
    delays = [
        {"shift_sd": shift, "rows": [_delay(seed, shift, plan.onset) for seed in range(plan.seeds)]}
        for shift in plan.shifts
    ]
    return {"seeds": plan.seeds, "run_length": RUN_LENGTH, "clean": clean, "delays": delays}


def _false_alarms(stream: Stream, look_rows: int) -> Counter[str]:
    """Looks, and how many of them each monitor alarms at; ours count each alarm once."""
    live = base(trained(stream))
    tally, was_alarmed, was_critical = Counter[str](), False, False
    for look in _looks(live, stream, look_rows):
        is_alarmed = bool(look.alarmed)
        is_critical = look.layers.state is LayerState.CRITICAL
        tally["looks"] += 1
        tally["ks_p_05"] += _has_small_p(look, live.model)
        tally["psi_25"] += any(feature.psi > LARGE for feature in look.newest.features)
        tally["categories_05"] += any(drift.is_published_alarm for drift in look.newest.categories)
        tally["traffic"] += is_alarmed and not was_alarmed
        tally["layers"] += is_critical and not was_critical
        was_alarmed, was_critical = is_alarmed, is_critical
    return tally


def _delay(seed: int, shift: float, onset: int) -> int | None:
    """Rows from the onset of a shift of one feature to its alarm; None where there was none."""
    look_rows = 1_000
    stream = Stream(scenario("null"), seed, 2 * onset)
    live = base(trained(stream))
    for number, look in enumerate(_looks(live, stream, look_rows, shift, onset), start=1):
        if look.alarmed and number * look_rows > onset:
            return number * look_rows - onset
    return None


def _looks(
    live: Live, stream: Stream, look_rows: int, shift: float = 0.0, onset: int = 0
) -> Iterator[TrafficLook]:
    """What a healer sees of the stream; V14 moved down by `shift` sds from row `onset` on."""
    traffic, served = Traffic(live.model, Cadence(1, look_rows), RUN_LENGTH), Serving()
    column = live.model.schema.names.index("V14") if shift else 0
    for first in range(0, stream.transactions, max(BLOCK_ROWS, look_rows)):
        values = stream.rows(first, max(BLOCK_ROWS, look_rows)).values
        if shift and first >= onset:
            values[:, column] -= shift * live.model.reference.sd[column]
        for part in np.split(values, len(values) // look_rows):
            traffic.add(_summary(live, part, first))
            look = traffic.look(served)
            assert look is not None
            yield look


def _summary(live: Live, values: Floats, first: int) -> Summary:
    row = np.arange(len(values))
    ids = [str(number) for number in row]
    builder = SummaryBuilder("scorer", live)
    builder.add(score(Transactions(row, ids, first + row, values), live, conflict_min=0.3))
    return builder.build(Rate(0.0, 0))


def _has_small_p(look: TrafficLook, model: Model) -> bool:
    """The two-sample K-S test at p < 0.05 for any numeric feature, as published."""
    numeric, rows = set(model.schema.numeric_names), float(model.reference.rows.sum())
    return any(
        ks_p_value(feature.distance, feature.rows, rows) < 0.05
        for feature in look.newest.features
        if feature.feature in numeric
    )
