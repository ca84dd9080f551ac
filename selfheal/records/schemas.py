"""JSON Schemas (2020-12) of the topics' records, made from the record types.

python -m selfheal.records.schemas FOLDER

writes one file a topic. `transactions` has none here: its fields are those of the user's model.
"""

import argparse
from collections.abc import Mapping, Sequence
from inspect import cleandoc
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson

from selfheal.records.adapters import Pin, Pointer
from selfheal.records.codec import json_schema
from selfheal.records.control import ActivateCommand, PinCommand, RollBackCommand, ThresholdsCommand
from selfheal.records.events import EVENTS
from selfheal.records.feedback import Conflict, Label, Sample, Summary
from selfheal.records.label_requests import LabelRequest
from selfheal.records.predictions import Prediction
from selfheal.records.thresholds import Thresholds

RECORDS: Mapping[str, tuple[type[Any], ...]] = MappingProxyType(
    {
        "adapters.active": (Pointer,),
        "adapters.pin": (Pin,),
        "control": (ActivateCommand, RollBackCommand, PinCommand, ThresholdsCommand),
        "feedback": (Label, Conflict, Sample, Summary),
        "label_requests": (LabelRequest,),
        "predictions": (Prediction,),
        "threshold_config": (Thresholds,),
    }
)
"""The record types of a topic, or of one kind of key in it. Several are told apart by `kind`."""


def schema_files() -> dict[str, bytes]:
    """The content of each schema file by its name. The same types give the same bytes."""
    schemas = {name: records_schema(types) for name, types in RECORDS.items()}
    schemas["events"] = events_schema()
    return {f"{name}.json": _file(name, schema) for name, schema in schemas.items()}


def records_schema(types: Sequence[type[Any]]) -> dict[str, Any]:
    """The schema of a value that is a record of one of these types; the types under `$defs`."""
    references = [_reference(record_type) for record_type in types]
    choice = references[0] if len(references) == 1 else {"oneOf": references}
    return {**choice, "$defs": _parts(types)}


def events_schema() -> dict[str, Any]:
    """The schema of an ECS document of `events`: the action says what `selfheal` holds."""
    choices = [
        {
            "properties": {
                "event": {"properties": {"action": {"const": action}}},
                "selfheal": _reference(event_type),
            }
        }
        for action, event_type in EVENTS.items()
    ]
    return {
        "type": "object",
        "required": ["@timestamp", "event", "service", "selfheal"],
        "properties": {
            "@timestamp": {"type": "string", "format": "date-time"},
            "event": {"type": "object", "required": ["action", "sequence"]},
            "service": {"type": "object", "required": ["name", "node"]},
        },
        "oneOf": choices,
        "$defs": _parts(list(EVENTS.values())),
    }


def _reference(record_type: type[Any]) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{record_type.__name__}"}


def _parts(types: Sequence[type[Any]]) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    for record_type in types:
        parts |= json_schema(record_type)["$defs"]
    return {name: _described(parts[name]) for name in sorted(parts)}


def _described(part: dict[str, Any]) -> dict[str, Any]:
    """The part with its description unindented, and `kind`, which readers go by, required."""
    described = {**part, "description": cleandoc(part.get("description", ""))}
    kind = part["properties"].get("kind")
    if kind is not None:
        described["properties"] = {**part["properties"], "kind": {"const": kind["default"]}}
        described["required"] = [*part["required"], "kind"]
    return described


def _file(name: str, schema: Mapping[str, Any]) -> bytes:
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": name}
    return orjson.dumps({**head, **schema}, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def main() -> None:
    """Write the schema files into a folder."""
    parser = argparse.ArgumentParser(description="Write the JSON Schemas of the records.")
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in schema_files().items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    main()
