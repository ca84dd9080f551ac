"""A whole model folder as one record: what `model/<hash>` holds."""

import base64
import binascii
from dataclasses import dataclass

from registry.errors import RecordRefused, Refusal
from registry.snapshot import MAX_SNAPSHOT_BYTES
from selfheal.model.errors import ModelError
from selfheal.model.files import from_files, to_files
from selfheal.model.model import Model
from selfheal.records import DecodingError, decode, encode


@dataclass(frozen=True, slots=True)
class _Files:
    """Base64 of each file's content, by name."""

    files: dict[str, str]


def dump_model(model: Model) -> bytes:
    """The value of a model's record. Raises RecordRefused for a model that is too large for one."""
    contents = to_files(model)
    value = encode(
        _Files({name: base64.b64encode(content).decode() for name, content in contents.items()})
    )
    if len(value) > MAX_SNAPSHOT_BYTES:
        raise RecordRefused(
            Refusal.TOO_LARGE,
            f"the model takes {len(value)} bytes as a record, expected at most "
            f"{MAX_SNAPSHOT_BYTES}; stop the services, give each the new folder, and start them "
            "with another --prefix",
        )
    return value


def parse_model(value: bytes, backbone_hash: str) -> Model:
    """The model in a record's value; its hash must be the one in the record's key.

    Raises RecordRefused, whatever the bytes.
    """
    try:
        encoded = decode(_Files, value).files
        files = {name: base64.b64decode(text, validate=True) for name, text in encoded.items()}
        model = from_files(files)
    except (DecodingError, ModelError, binascii.Error, ValueError) as error:
        raise RecordRefused(Refusal.NOT_A_MODEL, f"not a model: {error}") from None
    if model.hash != backbone_hash:
        raise RecordRefused(
            Refusal.WRONG_HASH,
            f"holds the model {model.hash[:12]}, expected {backbone_hash[:12]} as its key says",
        )
    return model
