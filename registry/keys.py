"""Keys as files: `<dir>/<key_id>.private.pem` (mode 0600) and `<dir>/<key_id>.public.pem`."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from registry.errors import KeyFileError
from registry.signature import KeyPair, Signer, Verifier


def write_keys(folder: Path, pair: KeyPair) -> tuple[Path, Path]:
    """Write both halves, never over an existing file; the folder is made (0700) if missing.

    Returns the private and the public path. Raises KeyFileError.
    """
    private, public = (folder / f"{pair.key_id}.{half}.pem" for half in ("private", "public"))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _create(private, pair.private_pem, 0o600)
        _create(public, pair.public_pem, 0o644)
    except OSError as error:
        raise KeyFileError(f"{folder}: cannot write the keys: {error.strerror}") from error
    return private, public


def read_signer(path: Path, topic: str = "adapters") -> Signer:
    """The signer of a private key file, or of a folder that holds exactly one.

    Raises KeyFileError.
    """
    if path.is_dir():
        found = sorted(path.glob("*.private.pem"))
        if len(found) != 1:
            raise KeyFileError(
                f"{path}: {len(found)} private keys, expected one; "
                "name the file that is to sign, or make one with `selfheal keys new`"
            )
        path = found[0]
    try:
        return Signer.from_pem(_read(path), topic)
    except KeyFileError as error:
        raise KeyFileError(f"{path}: {error}") from None


def read_verifier(path: Path, topic: str = "adapters") -> Verifier:
    """The verifier of a public key file, or of every `*.public.pem` in a folder.

    Raises KeyFileError, also where there is no public key at all.
    """
    files = sorted(path.glob("*.public.pem")) if path.is_dir() else [path]
    if not files:
        raise KeyFileError(
            f"{path}: no *.public.pem, expected at least one; copy the healer's public key there"
        )
    public: dict[str, Ed25519PublicKey] = {}
    for file in files:
        try:
            public |= Verifier.from_pems([_read(file)]).public
        except KeyFileError as error:
            raise KeyFileError(f"{file}: {error}") from None
    return Verifier(public, topic)


def _create(path: Path, content: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise KeyFileError(f"cannot be read: {error.strerror}") from error
