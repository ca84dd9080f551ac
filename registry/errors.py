"""What can go wrong in the registry.

RegistryError
├── RecordRefused        a record of `adapters` that this reader must not use; carries its kind
│   └── SignatureRefused  ... because of its signature
├── KeyFileError         a key file is missing, unreadable or not an Ed25519 key
├── UnknownVersionError  a version that the registry does not hold
│   └── OtherBackboneError  ... or that belongs to another model than the one in service
├── RollbackError        candidates that cannot be compared
└── ExportError          the registry cannot be written to files
"""

from enum import StrEnum


class Refusal(StrEnum):
    """Why a record of `adapters` is not used: the `reason` of the event `snapshot.refused`.

    MISPLACED: the record's key names another version or epoch than its value
    OLD_EPOCH: a pointer that was replayed, or a second one for an epoch
    OTHER_BACKBONE: for a model that is neither here nor on the topic, or not the one in service
    OTHER_SCHEMA: a model that reads other fields of the transactions than the one here
    NOT_LOADABLE: a model whose own code is not installed here
    """

    UNSIGNED = "unsigned"
    UNKNOWN_KEY = "unknown_key"
    BAD_SIGNATURE = "bad_signature"
    TOO_LARGE = "too_large"
    NOT_A_SNAPSHOT = "not_a_snapshot"
    NOT_FINITE = "not_finite"
    NOT_A_POINTER = "not_a_pointer"
    NOT_A_PIN = "not_a_pin"
    NOT_A_MODEL = "not_a_model"
    MISPLACED = "misplaced"
    OTHER_SHAPE = "other_shape"
    OTHER_BACKBONE = "other_backbone"
    OTHER_SCHEMA = "other_schema"
    NOT_LOADABLE = "not_loadable"
    WRONG_HASH = "wrong_hash"
    MISSING_SNAPSHOT = "missing_snapshot"
    OLD_EPOCH = "old_epoch"


class RegistryError(Exception):
    """Base of every error of this package."""


class RecordRefused(RegistryError):  # noqa: N818  (a refusal is the field's word for it)
    """A record that must not be used. The message says where, what is wrong and what to do.

    kind: why, from the closed list
    """

    def __init__(self, kind: Refusal, message: str) -> None:
        self.kind = kind
        super().__init__(message)


class SignatureRefused(RecordRefused):
    """A record whose signature is absent, by an unknown key, or does not match."""


class KeyFileError(RegistryError):
    """A key file that is missing, unreadable, or holds something else."""


class UnknownVersionError(RegistryError):
    """A version that the registry does not hold."""


class OtherBackboneError(UnknownVersionError):
    """A version that belongs to another model than the one in service."""


class RollbackError(RegistryError):
    """Candidates for a rollback that cannot be compared with each other."""


class ExportError(RegistryError):
    """The registry cannot be written to files."""
