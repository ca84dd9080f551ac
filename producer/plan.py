"""From settings to a plan: which batches go out, with which labels, at which pace."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from producer.batches import Batch, EventClock, synthetic_batches
from producer.delays import ConstantDelay, Delay, ExponentialDelay, LogNormalDelay
from producer.errors import ScenarioError
from producer.files import File
from producer.labels import Clock, Labeller, LabelPolicy
from producer.pacing import Pace
from producer.replay import Replay
from producer.scenarios import LATE_LABELS, scenario
from producer.settings import ProducerSettings
from producer.stream import Stream
from producer.tables import ColumnRoles
from selfheal.model.schema import Fields, Schema

FILE_RATE_PER_S = 1_500.0
"""Of a file where no rate is asked for; also of the event times, where it has none."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a producer will do.

    batches:   from a row on
    fields:    of the transactions
    labeller:  of the labels
    pace:      of sending
    first_row: to send
    end_row:   after the last one; None for the end of the file
    back_row:  from here on transactions may still have labels to come at `first_row`
    """

    batches: Callable[[int], Iterator[Batch]]
    fields: Fields
    labeller: Labeller
    pace: Pace
    first_row: int
    end_row: int | None
    back_row: int


def scenario_plan(settings: ProducerSettings, now_ms: int) -> Plan:
    """The plan for a scenario. Raises ScenarioError and LabelError."""
    chosen = scenario(settings.scenario, settings.drift_strength, settings.structure)
    stream = Stream(chosen, settings.seed, settings.transactions or chosen.transactions)
    if settings.first_row > stream.transactions:
        raise ScenarioError(
            f"first_row is {settings.first_row}, beyond the stream's {stream.transactions} rows"
        )
    rate = chosen.rate_per_s if settings.rate is None else settings.rate
    clock = EventClock(_start_ms(settings, now_ms), rate or chosen.rate_per_s)
    policy = label_policy(settings, chosen.labels)
    return Plan(
        batches=lambda first: synthetic_batches(stream, clock, first),
        fields=chosen.schema.fields,
        labeller=Labeller(policy, settings.seed),
        pace=Pace(rate),
        first_row=settings.first_row,
        end_row=stream.transactions,
        back_row=max(settings.first_row - _longest_rows(policy, clock), 0),
    )


def file_plan(settings: ProducerSettings, file: File, schema: Schema | None, now_ms: int) -> Plan:
    """The plan for a file; schema: of the model that will score.

    Going on in it reads it from its start, as its times need not grow. Raises SourceError,
    LabelError.
    """
    rate = FILE_RATE_PER_S if settings.rate is None else settings.rate
    roles = ColumnRoles(
        target=settings.target,
        id=settings.id,
        time=settings.time,
        ignore=settings.ignore,
        categorical=settings.categorical,
    )
    clock = EventClock(_start_ms(settings, now_ms), rate or FILE_RATE_PER_S)
    replayed = Replay(file, roles, schema, clock, settings.drifts)
    return Plan(
        batches=replayed.batches,
        fields=replayed.fields,
        labeller=Labeller(label_policy(settings, LATE_LABELS), settings.seed),
        pace=Pace(rate),
        first_row=settings.first_row,
        end_row=settings.transactions,
        back_row=0,
    )


def label_policy(settings: ProducerSettings, usual: LabelPolicy) -> LabelPolicy:
    """`usual` with what the settings say otherwise. Raises LabelError."""
    changes = {
        "coverage": settings.label_rate,
        "selection": settings.label_selection,
        "threshold": settings.label_threshold,
        "wrong_fraud": settings.label_wrong_fraud,
        "wrong_legit": settings.label_wrong_legit,
        "source": settings.label_source,
    }
    policy = replace(usual, **{name: v for name, v in changes.items() if v is not None})
    if settings.label_delay is None:
        return policy
    clock: Clock = "rows" if settings.label_unit == "rows" else "ms"
    return replace(policy, delay=_delay(settings, settings.label_delay), clock=clock)


def _delay(settings: ProducerSettings, length: float) -> Delay:
    """The delay in the clock's unit, rows or milliseconds."""
    unit = 1.0 if settings.label_unit == "rows" else 1000.0
    longest = 10.0 * length if settings.label_longest is None else settings.label_longest
    match settings.label_shape:
        case "constant":
            return ConstantDelay(round(length * unit))
        case "exponential":
            return ExponentialDelay(length * unit, round(longest * unit))
        case "lognormal":
            return LogNormalDelay(length * unit, settings.label_sigma, round(longest * unit))


def _longest_rows(policy: LabelPolicy, clock: EventClock) -> int:
    longest = policy.delay.longest
    if policy.clock == "rows":
        return longest
    return math.ceil(longest / 1000.0 * clock.rate_per_s) + 1


def _start_ms(settings: ProducerSettings, now_ms: int) -> int:
    """Event time of row 0. Raises ScenarioError where going on would make rows of another time."""
    if settings.start_ms is not None:
        return settings.start_ms
    if settings.first_row > 0:
        raise ScenarioError(
            "start_ms: missing, expected the first run's, which its log says, to go on at first_row"
        )
    return now_ms
