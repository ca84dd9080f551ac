"""The registry as files, for those who want them: Kafka stays the only store."""

import os
import tempfile
from dataclasses import asdict
from pathlib import Path

import orjson

from registry.description import describe_history, describe_version
from registry.errors import ExportError
from registry.view import RegistryView
from selfheal.model.files import to_files


def export_files(view: RegistryView) -> dict[str, bytes]:
    """File contents by name.

    `v3.safetensors` holds the bytes that were signed, `v3.json` what is known of them,
    `active.json` the pointer in force (null for none), `history.json` what served when,
    `pins.json` the pins, and `models/<hash>` the folder of each model.
    """
    files: dict[str, bytes] = {}
    for backbone_hash, stored in view.models.items():
        for name, content in to_files(stored.model).items():
            files[f"models/{backbone_hash}/{name}"] = content
    for version in view.versions:
        files[f"{version}.safetensors"] = view.snapshot(version).value
        files[f"{version}.json"] = _json(describe_version(view, version))
    files["history.json"] = _json(describe_history(view))
    files["pins.json"] = _json({version: asdict(pin) for version, pin in view.pins.items()})
    files["active.json"] = _json(asdict(view.active) if view.active else None)
    return files


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Write each file whole or not at all, in the given order; others in the folder stay.

    Raises ExportError where the folder cannot be written (full disk, permissions).
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            _replace(folder / name, content)
    except OSError as error:
        raise ExportError(f"{folder}: cannot write the registry: {error.strerror}") from error


def _replace(path: Path, content: bytes) -> None:
    """By way of a new file beside it: a reader sees the old content or the new."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
