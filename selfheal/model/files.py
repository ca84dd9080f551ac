"""A model <-> the contents of the files of its folder."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from msgspec import Meta

from selfheal.model.arrays import AnyArray
from selfheal.model.errors import FolderError, ModelError
from selfheal.model.features import Encoder
from selfheal.model.model import Model
from selfheal.model.reference import Reference
from selfheal.model.rules import parse_rules
from selfheal.model.schema import Schema
from selfheal.model.torch_module import TorchModule
from selfheal.model.weights import dump, load
from selfheal.records import DecodingError, decode, encode

BACKBONE = "backbone.safetensors"
SCHEMA = "schema.json"
REFERENCE = "reference.safetensors"
RULES = "rules.toml"
METRICS = "metrics.json"
FILES = (BACKBONE, SCHEMA, REFERENCE, RULES, METRICS)


@dataclass(frozen=True, slots=True)
class _MetricsFile:
    threshold: Annotated[float, Meta(ge=0.0, le=1.0)]
    metrics: dict[str, Any]


def to_files(model: Model) -> dict[str, bytes]:
    """The content of each of FILES. The same model always gives the same bytes."""
    arrays = {f"encoder.{name}": array for name, array in model.encoder.to_arrays().items()}
    arrays |= {f"network.{name}": array for name, array in model.backbone.items()}
    metadata = {"hash": model.hash}
    if model.torch_module is not None:
        metadata["torch_module"] = encode(asdict(model.torch_module)).decode()
    return {
        BACKBONE: dump(arrays, metadata),
        SCHEMA: model.schema.to_json(),
        REFERENCE: dump(model.reference.to_arrays()),
        RULES: model.rules_toml.encode(),
        METRICS: encode(_MetricsFile(model.threshold, dict(model.metrics))),
    }


def from_files(files: Mapping[str, bytes]) -> Model:
    """The model in these files; others than FILES are ignored.

    Raises FolderError, which names the file and says what is wrong with it, also for a schema
    or weights that have been changed since they were written together. The names of fields and
    the rules may be edited.
    """
    for name in FILES:
        if name not in files:
            raise FolderError(f"{name} is missing, expected a folder with {', '.join(FILES)}")
    with _blaming(SCHEMA):
        schema = Schema.from_json(files[SCHEMA])
    with _blaming(REFERENCE):
        reference = Reference.from_arrays(schema, load(files[REFERENCE])[0])
    with _blaming(METRICS):
        measured = decode(_MetricsFile, files[METRICS])
    with _blaming(RULES):
        rules_toml = files[RULES].decode()
        parse_rules(rules_toml, schema)
    with _blaming(BACKBONE):
        arrays, metadata = load(files[BACKBONE])
        model = Model(
            schema=schema,
            encoder=Encoder.from_arrays(schema, _under("encoder.", arrays)),
            backbone=_under("network.", arrays),
            reference=reference,
            rules_toml=rules_toml,
            torch_module=_torch_module(metadata),
            threshold=measured.threshold,
            metrics=measured.metrics,
        )
    if metadata.get("hash") != model.hash:
        raise FolderError(f"{SCHEMA} or {BACKBONE} was changed: they are not of one model any more")
    return model


@contextmanager
def _blaming(name: str) -> Generator[None]:
    try:
        yield
    except (ModelError, DecodingError, UnicodeDecodeError) as fault:
        raise FolderError(f"{name}: {fault}") from None


def _under(prefix: str, arrays: Mapping[str, AnyArray]) -> dict[str, AnyArray]:
    names = [name for name in arrays if name.startswith(prefix)]
    return {name.removeprefix(prefix): arrays[name] for name in names}


def _torch_module(metadata: Mapping[str, str]) -> TorchModule | None:
    if "torch_module" not in metadata:
        return None
    return decode(TorchModule, metadata["torch_module"].encode())
