"""What can go wrong in the registry.

RegistryError
├── RecordRefused        a record of `adapters` that this reader must not use; carries its kind
│   └── SignatureRefused  ... because of its signature
├── KeyFileError         a key file is missing, unreadable or not an Ed25519 key
├── UnknownVersionError  a version that the registry does not hold
├── RollbackError        candidates that cannot be compared
└── ExportError          the registry cannot be written to files
"""

from enum import StrEnum


class Refusal(StrEnum):
    """Why a record of `adapters` is not used. One closed list, shared by events and metrics.

    MISPLACED: the record's key names another version or epoch than its value
    OLD_EPOCH: a pointer that was replayed, or a second one for an epoch
    """

    UNSIGNED = "unsigned"
    UNKNOWN_KEY = "unknown key"
    BAD_SIGNATURE = "bad signature"
    TOO_LARGE = "too large"
    NOT_A_SNAPSHOT = "not a snapshot"
    NOT_FINITE = "not finite"
    NOT_A_POINTER = "not a pointer"
    NOT_A_PIN = "not a pin"
    NOT_A_MODEL = "not a model"
    MISPLACED = "misplaced"
    OTHER_SHAPE = "other shape"
    OTHER_BACKBONE = "other backbone"
    WRONG_HASH = "wrong hash"
    MISSING_SNAPSHOT = "missing snapshot"
    OLD_EPOCH = "old epoch"


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


class RollbackError(RegistryError):
    """Candidates for a rollback that cannot be compared with each other."""


class ExportError(RegistryError):
    """The registry cannot be written to files."""
