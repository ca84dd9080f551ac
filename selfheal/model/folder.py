"""Model folders on disk."""

import os
import tempfile
from pathlib import Path

from selfheal.model.errors import FolderError
from selfheal.model.files import FILES, from_files, to_files
from selfheal.model.model import Model

__all__ = ["FILES", "Model", "from_files", "read_folder", "to_files", "write_folder"]


def read_folder(path: Path) -> Model:
    """The model in the folder at `path`. Raises FolderError that names the missing or bad file."""
    return from_files({name: _read(path / name) for name in FILES})


def write_folder(path: Path, model: Model) -> None:
    """Write the model's folder whole or not at all; a model folder already there is replaced.

    Parent folders are made. Raises FolderError where `path` is something else than a model
    folder, and where it cannot be written (disk full, read-only): nothing has changed then.
    """
    if path.exists() and not _may_be_replaced(path):
        raise FolderError(f"{path}: is no model folder, expected a new path or one")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as scratch:
            written = Path(scratch) / "new"
            written.mkdir()
            for name, content in to_files(model).items():
                _write_through(written / name, content)
            if path.exists():
                path.rename(Path(scratch) / "old")
            written.rename(path)
    except OSError as error:
        raise FolderError(f"{path}: cannot be written: {error.strerror}") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FolderError(f"{path}: {error.strerror}, expected a file of a model folder") from None


def _may_be_replaced(path: Path) -> bool:
    return path.is_dir() and all(entry.name in FILES for entry in path.iterdir())


def _write_through(path: Path, content: bytes) -> None:
    """To the disk, not to its cache: after a power cut the folder is whole or absent."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
