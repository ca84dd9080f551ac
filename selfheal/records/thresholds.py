"""`threshold_config.json`: the watch's thresholds, owned by operations and applied live."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Annotated, Any, TypeAlias, cast

from msgspec import Meta

from selfheal.records.codec import DecodingError, convert, parse

Drop: TypeAlias = Annotated[float, Meta(gt=0.0, le=1.0)]

MAX_BYTES = 65_536
"""More than this is no threshold file."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When the watch rolls a heal back. The defaults are the published ones.

    rollback_f1_drop:  loss of F1 below the baseline that rolls back, in (0, 1]
    rollback_acc_drop: loss of accuracy below the baseline that rolls back, in (0, 1]
    health_window:     batches in the rolling window, 1 to 10,000
    note:              for people; no part reads it
    """

    rollback_f1_drop: Drop = 0.08
    rollback_acc_drop: Drop = 0.10
    health_window: Annotated[int, Meta(ge=1, le=10_000)] = 5
    note: Annotated[str, Meta(max_length=10_000)] = ""


_NUMBERS = tuple(name.name for name in fields(Thresholds) if name.name != "note")
_NAMES = (*_NUMBERS, "note")


def read_thresholds(value: bytes) -> Thresholds:
    """The thresholds in the file's bytes. Every number must be there, and nothing unknown.

    A half-written file is no JSON, a missing or misspelt name would silently mean the default:
    both raise DecodingError, so that the caller keeps what it has.

    >>> read_thresholds(b'{"rollback_f1_drop": 0.03, "rollback_acc_drop": 0.1, "healt": 5}')
    Traceback (most recent call last):
    selfheal.records.codec.DecodingError: healt: unknown, expected rollback_f1_drop, \
rollback_acc_drop, health_window or note
    """
    if len(value) > MAX_BYTES:
        raise DecodingError("", f"{len(value)} bytes", f"at most {MAX_BYTES}")
    parsed = parse(value)
    if not isinstance(parsed, dict):
        raise DecodingError("", "not a JSON object", "an object with " + ", ".join(_NUMBERS))
    settings = cast("dict[str, Any]", parsed)
    _refuse_unknown(settings)
    for name in _NUMBERS:
        if name not in settings:
            raise DecodingError(name, "missing", "a number")
    return convert(Thresholds, settings)


def with_values(thresholds: Thresholds, values: Mapping[str, float]) -> Thresholds:
    """The thresholds with some set anew by name, as a command does; those not named stay.

    A whole float counts as an integer (5.0 as 5). Raises DecodingError.
    """
    _refuse_unknown(values)
    whole = {name: int(v) if float(v).is_integer() else v for name, v in values.items()}
    return convert(Thresholds, asdict(thresholds) | whole)


def _refuse_unknown(settings: Mapping[str, Any]) -> None:
    unknown = next((name for name in settings if name not in _NAMES), None)
    if unknown is not None:
        allowed = f"{', '.join(_NUMBERS)} or note"
        raise DecodingError(unknown[:100], "unknown", allowed)
