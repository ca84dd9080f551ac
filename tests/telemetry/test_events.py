import math
import re
from dataclasses import fields
from datetime import datetime
from typing import Any

import numpy as np
import orjson
import pytest

from selfheal.records import ACTIONS, EVENTS, DecodingError, Event, encode
from selfheal.records.codec import json_schema
from selfheal.records.event_fields import FIELDS
from selfheal.records.healing_events import (
    BatchJudged,
    HealHeld,
    LabelsNeeded,
    VersionActivated,
)
from selfheal.records.service_events import SwapApplied
from selfheal.telemetry.errors import EventError
from selfheal.telemetry.events import (
    ToldEvent,
    event_document,
    hashed_id,
    make_event,
    read_event,
    sentence,
)

HELD = HealHeld(heal=3, policy="selfheal", reason="too_few_frauds", kept_version="v2", duration_s=1)


def told(event: Event, sequence: int = 1) -> ToldEvent:
    return ToldEvent(1_760_000_000_123, "healer", "healer-0", sequence, event)


def test_names_are_noun_verb_past_and_unique():
    assert all(re.fullmatch(r"[a-z]+\.[a-z_]+", action) for action in EVENTS)
    assert len(ACTIONS) == len(EVENTS)


def test_every_event_and_every_field_is_documented_and_no_other():
    used = {field.name for event_type in EVENTS.values() for field in fields(event_type)}

    for event_type in EVENTS.values():  # a dataclass without a docstring shows its signature
        assert not (event_type.__doc__ or "").startswith(event_type.__name__ + "(")
    assert used == set(FIELDS)
    assert list(FIELDS) == sorted(FIELDS)


def test_a_field_has_one_json_type_in_every_event():
    types: dict[str, set[str]] = {}
    for event_type in EVENTS.values():
        schema = json_schema(event_type)["$defs"][event_type.__name__]["properties"]
        for name, part in schema.items():
            types.setdefault(name, set()).update(_json_types(part))

    assert {name: found for name, found in types.items() if len(found - {"null"}) != 1} == {}


def test_no_field_can_hold_free_text_or_a_mapping():
    for event_type in EVENTS.values():
        schema = json_schema(event_type)["$defs"][event_type.__name__]["properties"]
        for name, part in schema.items():
            for leaf in _leaves(part):
                is_bounded = leaf.keys() & {"enum", "const", "pattern", "maxLength"}
                assert leaf.get("type") != "object", name
                assert leaf.get("type") != "string" or is_bounded, name


def test_an_unknown_event_is_refused():
    with pytest.raises(EventError, match=r"no event is called heal\.imagined"):
        make_event("heal.imagined", {})


def test_an_unknown_field_is_refused():
    with pytest.raises(EventError, match=r"labels\.needed has no field account"):
        make_event("labels.needed", {"requests": 1, "reason": "signal_lost", "account": "x"})


def test_a_missing_field_is_refused():
    with pytest.raises(EventError, match=r"labels\.needed: reason: missing"):
        make_event("labels.needed", {"requests": 1})


@pytest.mark.parametrize(
    "event",
    [
        LabelsNeeded(requests=-1, reason="signal_lost"),
        LabelsNeeded(requests=1, reason="ask about account 4711, please"),
        LabelsNeeded(requests="many", reason="signal_lost"),  # type: ignore[arg-type]
        LabelsNeeded(requests=math.nan, reason="signal_lost"),  # type: ignore[arg-type]
        LabelsNeeded(requests=object(), reason="signal_lost"),  # type: ignore[arg-type]
    ],
)
def test_a_value_of_another_kind_is_refused_without_being_quoted(event: LabelsNeeded):
    with pytest.raises(EventError, match=r"^labels\.needed: ") as refused:
        event_document(told(event))

    assert "4711" not in str(refused.value)


def test_the_document_is_ecs(event: Event):
    document = event_document(told(event))

    assert document["@timestamp"] == "2025-10-09T08:53:20.123Z"
    assert document["event"]["action"] == ACTIONS[type(event)]
    assert document["event"]["dataset"] == "selfheal.events"
    assert document["event"].keys() >= {"id", "kind", "category", "type", "outcome", "sequence"}
    assert document["data_stream"] == {
        "type": "logs",
        "dataset": "selfheal.events",
        "namespace": "default",
    }
    assert document["service"] == {"name": "healer", "node": {"name": "healer-0"}}
    assert document["log"]["level"] in {"info", "warning", "error"}
    assert "{" not in document["message"]
    assert document["selfheal"].keys() == {field.name for field in fields(event)}


def test_a_document_goes_through_json_and_comes_back_as_the_same_event(event: Event):
    told_event = told(event, sequence=7)

    assert read_event(encode(event_document(told_event))) == told_event


def test_numpy_numbers_become_plain_json_numbers():
    event = LabelsNeeded(requests=np.int64(5), reason="signal_lost")  # type: ignore[arg-type]

    assert event_document(told(event))["selfheal"]["requests"] == 5
    assert type(event_document(told(event))["selfheal"]["requests"]) is int


def test_an_undefined_figure_is_null_and_said_to_be_unknown():
    event = BatchJudged("v1", "HEALTHY", 100, 0, 2, z=1.5, accuracy=math.nan)

    document = orjson.loads(encode(event_document(told(event))))

    assert document["selfheal"]["accuracy"] is None
    assert "accuracy unknown" in document["message"]


@pytest.mark.parametrize(
    "event",
    [
        SwapApplied("base", "base", 7, swap_s=0.001, delay_s=0.02),
        VersionActivated("base", "base", 7, "model", decision_threshold=0.5),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_serves_at_another_epoch_is_not_said_to_replace_itself(event: Event):
    message = event_document(told(event))["message"]

    assert "instead" not in message
    assert "epoch 7" in message


def test_the_id_of_a_telling_is_its_own():
    first, second = (event_document(told(HELD, sequence))["event"]["id"] for sequence in (1, 2))

    assert first != second
    assert first == event_document(told(HELD, 1))["event"]["id"]


def test_the_sentence_says_it_to_people():
    assert sentence(HELD) == "heal 3 held: too_few_frauds; v2 goes on serving"


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"@timestamp": 5}',
        encode(event_document(told(HELD)) | {"@timestamp": "yesterday"}),
        encode(event_document(told(HELD)) | {"selfheal": {"heal": "three"}}),
        encode(event_document(told(HELD)) | {"event": {"action": "a.b", "sequence": 1}}),
    ],
)
def test_what_is_not_an_event_raises_the_decoding_error(value: bytes | None):
    with pytest.raises(DecodingError):
        read_event(value)


def test_the_time_survives_the_round_trip_in_whole_milliseconds():
    for at_ms in (0, 1, 999, 1_760_000_000_001, 4_102_444_799_999):
        document = event_document(ToldEvent(at_ms, "scorer", "s", 1, HELD))

        assert read_event(encode(document)).at_ms == at_ms
        assert datetime.fromisoformat(document["@timestamp"]).utcoffset() is not None


def test_a_hashed_id_depends_on_the_key_and_shows_nothing_of_the_id():
    assert hashed_id(b"k1", "account-4711") != hashed_id(b"k2", "account-4711")
    assert re.fullmatch(r"[0-9a-f]{16}", hashed_id(b"k1", "account-4711"))


def _leaves(part: dict[str, Any]) -> list[dict[str, Any]]:
    if "anyOf" in part:
        return [leaf for option in part["anyOf"] for leaf in _leaves(option)]
    return _leaves(part["items"]) if "items" in part else [part]


def _json_types(part: dict[str, Any]) -> set[str]:
    return {leaf.get("type", "string") for leaf in _leaves(part)}
