"""What can be wrong with a model, its parts and its inputs.

ModelError
├── SchemaError        schema.json, or a schema that contradicts itself
├── FeatureError       a transaction's feature (also a ValueError); never carries the value
├── EncoderError       values that an encoder cannot be fitted to
├── AdapterError       adapter arrays, or an adapter that does not fit its model
├── WeightsError       bytes that are not the safetensors they should be
├── ReferenceInvalid   reference arrays, or rows that no reference can be measured on
├── NetworkError       weights, or a user's torch module, that do not make a network
├── TrainingError      rows that nothing can be learned from
├── RuleError          rules.toml, with the line
├── FolderError        a model folder, with the file
└── CostsError         the operator's costs, with the name of the cost
"""


class ModelError(Exception):
    """Base of every error that `selfheal.model` raises on purpose."""


class SchemaError(ModelError):
    """A schema that cannot be read or that contradicts itself."""


class FeatureError(ModelError, ValueError):
    """A feature of a transaction that is not what the schema says. Never carries its value.

    feature:  its name
    fault:    the kind of fault: "absent", "is str", "not finite"
    expected: what would have been right
    """

    def __init__(self, feature: str, fault: str, expected: str) -> None:
        self.feature = feature
        self.fault = fault
        self.expected = expected
        super().__init__(f"{feature}: {fault}, expected {expected}")


class EncoderError(ModelError):
    """Values or arrays that do not make an encoder."""


class AdapterError(ModelError):
    """Arrays that are not an adapter, or an adapter that does not fit its model."""


class WeightsError(ModelError):
    """Bytes that are not safetensors, or not of an allowed size or type."""


class ReferenceInvalid(ModelError):  # noqa: N818  (ReferenceError is Python's own)
    """Arrays that are not a reference, or rows that none can be measured on."""


class NetworkError(ModelError):
    """Weights, or a user's torch module, that do not make a network."""


class TrainingError(ModelError):
    """Rows that nothing can be learned from."""


class RuleError(ModelError):
    """A rule that cannot be used; the message names its line in rules.toml."""


class FolderError(ModelError):
    """A model folder that cannot be read or written; the message names the file."""


class CostsError(ModelError):
    """Costs that cannot be; the message names the cost, and the file where there is one."""
