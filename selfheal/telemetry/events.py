"""Events as ECS documents for Elasticsearch, and back. Pure: the clock is the caller's.

No event carries a feature value, an account or a transaction id; see `hashed_id`.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from selfheal.records import ACTIONS, EVENTS, DecodingError, Event, decode, encode
from selfheal.records.codec import convert
from selfheal.telemetry.ecs import DATA_STREAM, DATASET, ECS_VERSION, SHAPES
from selfheal.telemetry.errors import EventError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """An event as a service told it.

    at_ms:    Unix milliseconds
    service:  scorer, healer or producer; instance: which of them
    sequence: running number within the instance, from 1: a gap shows a loss
    """

    at_ms: int
    service: str
    instance: str
    sequence: int
    event: Event

    @property
    def action(self) -> str:
        """The event's name, as `heal.held`."""
        return ACTIONS[type(self.event)]


def make_event(action: str, values: Mapping[str, Any]) -> Event:
    """The event of this name. Raises EventError for a name, field or type not in the list.

    >>> make_event("snapshots.removed", {"snapshots": 3})
    SnapshotsRemoved(snapshots=3)
    >>> make_event("snapshots.removed", {"snapshots": 3, "amount": 9.5})
    Traceback (most recent call last):
    selfheal.telemetry.errors.EventError: snapshots.removed has no field amount, expected snapshots
    """
    if action not in EVENTS:
        raise EventError(f"no event is called {action[:100]}; the list is selfheal.records.EVENTS")
    known = [field.name for field in fields(EVENTS[action])]
    unknown = next((name for name in values if name not in known), None)
    if unknown is not None:
        expected = ", ".join(known) or "none"
        raise EventError(f"{action} has no field {unknown}, expected {expected}")
    return _checked(action, values)


def sentence(event: Event) -> str:
    """The event in one line for people.

    >>> sentence(make_event("labels.needed", {"requests": 20, "reason": "signal_lost"}))
    '20 labels needed: signal_lost'
    """
    words = {name: _word(value) for name, value in asdict(event).items()}
    return SHAPES[ACTIONS[type(event)]].message.format_map(words)


def event_document(told: ToldEvent) -> dict[str, Any]:
    """The event as a nested ECS document of JSON types; its own fields under `selfheal`.

    `event.id` is unique for each telling, so that a shipper that sends twice overwrites.
    Raises EventError for a field that is not of its type.
    """
    shape = SHAPES[told.action]
    event = _checked(told.action, asdict(told.event))
    identity = f"{told.service}/{told.instance}/{told.at_ms}/{told.sequence}"
    return {
        "@timestamp": _timestamp(told.at_ms),
        "message": sentence(event),
        "ecs": {"version": ECS_VERSION},
        "data_stream": dict(DATA_STREAM),
        "event": {
            "id": hashlib.sha256(identity.encode()).hexdigest()[:32],
            "sequence": told.sequence,
            "kind": shape.kind,
            "category": [shape.category],
            "type": [shape.type],
            "action": told.action,
            "outcome": shape.outcome,
            "module": "selfheal",
            "dataset": DATASET,
        },
        "log": {"level": shape.level},
        "service": {"name": told.service, "node": {"name": told.instance}},
        "selfheal": asdict(event),
    }


class _Action(TypedDict):
    action: str
    sequence: Annotated[int, Meta(ge=0)]


class _Node(TypedDict):
    name: str


class _Service(TypedDict):
    name: str
    node: _Node


_Document = TypedDict(
    "_Document",
    {
        "@timestamp": Annotated[datetime, Meta(tz=True)],
        "event": _Action,
        "service": _Service,
        "selfheal": dict[str, Any],
    },
)


def read_event(value: bytes | None) -> ToldEvent:
    """The event in a record of the `events` topic. Raises DecodingError."""
    document = decode(_Document, value)
    action = document["event"]["action"]
    if action not in EVENTS:
        raise DecodingError("event.action", "unknown", "an action of the closed list")
    return ToldEvent(
        at_ms=(document["@timestamp"] - _EPOCH) // timedelta(milliseconds=1),
        service=document["service"]["name"],
        instance=document["service"]["node"]["name"],
        sequence=document["event"]["sequence"],
        event=convert(EVENTS[action], document["selfheal"]),
    )


def hashed_id(key: bytes, transaction_id: str) -> str:
    """A name for a transaction where one is needed: HMAC-SHA256 of its id, first 16 hex digits.

    Keyed, since an unkeyed hash of a short id is found again by trying all ids.

    >>> hashed_id(b"secret", "t-1") == hashed_id(b"other", "t-1")
    False
    """
    return hmac.new(key, transaction_id.encode(), hashlib.sha256).hexdigest()[:16]


def _checked(action: str, values: Mapping[str, Any]) -> Event:
    """The event through its own JSON: numpy numbers become plain, NaN becomes None."""
    try:
        return decode(EVENTS[action], encode(dict(values)))
    except DecodingError as error:
        raise EventError(f"{action}: {error}") from None
    except TypeError as error:
        raise EventError(f"{action}: {error}; expected JSON types or numpy numbers") from None


def _timestamp(at_ms: int) -> str:
    instant = _EPOCH + timedelta(milliseconds=at_ms)
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _word(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value)) or "none"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
