"""Secrets come from files; they never stand in settings, logs or messages."""

from pathlib import Path

from selfheal.runtime.settings import SettingsError


def read_secret(path: Path | None) -> bytes:
    """The key in a file, without white space around it; empty for no file. Raises SettingsError."""
    if path is None:
        return b""
    try:
        secret = path.read_bytes().strip()
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
    if not secret:
        raise SettingsError(f"{path}: is empty, expected a key")
    return secret
