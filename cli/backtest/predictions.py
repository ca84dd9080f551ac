"""predictions.csv: every replayed row as it was scored, written as the replay goes on."""

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv
from numpy.typing import NDArray

from consumer.scoring import Scored
from producer.stretches import Stretch
from selfheal.telemetry.errors import ExportError

HEADER = ("row", "id", "label", "frozen", "healed", "decision", "version")

_PART_ROWS = 10_000
_OPTIONS = pyarrow.csv.WriteOptions(include_header=False)


class Predictions:
    """Rows on their way to a file, some ten thousand at a time; ids and versions in quotes.

    labels: (rows of the file,) int8, the truth; -1, which is left empty, where it is not known
    """

    def __init__(self, file: BinaryIO, labels: NDArray[np.int8]) -> None:
        self._file, self._labels = file, labels
        self._parts: list[tuple[Stretch, Scored, str]] = []
        self._rows = 0
        file.write((",".join(HEADER) + "\n").encode())

    def add(self, rows: Stretch, scored: Scored, version: str) -> None:
        """The next rows, all scored by one version."""
        self._parts.append((rows, scored, version))
        self._rows += len(rows)
        if self._rows >= _PART_ROWS:
            self.flush()

    def flush(self) -> None:
        """Give what is held to the file."""
        if not self._parts:
            return
        stretches, scores, versions = zip(*self._parts, strict=True)
        row = np.concatenate([stretch.row for stretch in stretches])
        label = self._labels[row]
        columns = [
            pa.array(row),
            pa.array([id_ for stretch in stretches for id_ in stretch.ids], pa.string()),
            pa.array(label, mask=label < 0),
            pa.array(np.concatenate([scored.shadow_score for scored in scores])),
            pa.array(np.concatenate([scored.score for scored in scores])),
            pa.array(np.concatenate([scored.decision for scored in scores]).astype(np.int8)),
            pa.array(np.repeat(versions, list(map(len, stretches))), pa.string()),
        ]
        batch = pa.RecordBatch.from_arrays(columns, list(HEADER))
        pyarrow.csv.write_csv(batch, self._file, _OPTIONS)
        self._parts, self._rows = [], 0


@contextmanager
def writing_predictions(path: Path, labels: NDArray[np.int8]) -> Generator[Predictions]:
    """The file is there, whole, once the block has ended well; until then the old one stays.

    Makes the folder where it is missing. Raises ExportError where that, or writing, fails.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            predictions = Predictions(file, labels)
            yield predictions
            predictions.flush()
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise ExportError(
            f"{path}: cannot be written: {error.strerror or error}; free space or name another "
            "folder with --out"
        ) from None
    finally:
        with suppress(OSError):
            partial.unlink()
