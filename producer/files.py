# pyright: standard
# (pyarrow ships no types)
"""CSV and Parquet files, read in parts, so that they may be larger than memory."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from producer.columns import Column
from producer.errors import SourceError

PART_ROWS = 50_000
"""Rows of a part at most; a part of a CSV file is what fits into a megabyte of it."""

_NOT_UTF8 = "is not UTF-8, convert it first"
_CSV = (".csv", ".csv.gz", ".csv.bz2")
_PARQUET = (".parquet", ".pq")
_ONE_THREAD = pyarrow.csv.ReadOptions(use_threads=False)
"""With more threads a broken row is not named by its line."""

_COLUMNS = re.compile(r"(?:Row #(?P<row>\d+): )?Expected (?P<head>\d+) columns, got (?P<found>\d+)")


def open_file(path: str) -> "File":
    """The file at `path`, of which the first part could be read.

    path: ends in .csv, .csv.gz, .csv.bz2, .parquet or .pq; CSV has a header, commas and is UTF-8
    Raises SourceError, which says which file and why, where it cannot be read, is empty, or has a
    column twice.
    """
    if not path.lower().endswith(_CSV + _PARQUET):
        kinds = ", ".join(_CSV + _PARQUET)
        raise SourceError(f"{path}: unknown kind of file, expected one that ends in {kinds}")
    with _explained(path):
        columns = _column_names(path)
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise SourceError(f'{path}: column "{twice[0]}" appears more than once, rename one')
    return File(path, columns)


@dataclass(frozen=True, slots=True)
class File:
    """A file whose columns are known; `open_file` gives it. columns: names, in their order."""

    path: str
    columns: tuple[str, ...]

    def require(self, names: Iterable[str]) -> None:
        """Raises SourceError for the first of these that is no column, with those that are."""
        for name in names:
            if name not in self.columns:
                there = ", ".join(self.columns)
                raise SourceError(f'{self.path}: no column "{name}"; there are {there}')

    def parts(self, names: Iterable[str]) -> Iterator[dict[str, Column]]:
        """The given columns, some rows at a time, in the order of the file.

        CSV columns are text, whatever they hold; Parquet columns have their own types.
        Raises SourceError for a missing column, and where the file breaks off.
        """
        chosen = list(names)
        self.require(chosen)
        first_row = 0
        with _explained(self.path):
            for batch in self._batches(chosen):
                columns = zip(chosen, batch.columns, strict=True)
                yield {n: Column(self.path, n, first_row, values) for n, values in columns}
                first_row += batch.num_rows

    def whole(self, names: Iterable[str], rows: int | None = None) -> dict[str, Column]:
        """The given columns, all rows or the first so many; no more of the file is read then.

        Raises SourceError as `parts` does, and for no rows.
        """
        chosen = list(names)
        joined: dict[str, list[pa.Array]] = {name: [] for name in chosen}
        found = 0
        for part in self.parts(chosen):
            for name, column in part.items():
                joined[name].append(column.values)
                found = column.first_row + len(column)
            if rows is not None and found >= rows:
                break
        if found == 0:
            raise SourceError(f"{self.path}: has a header and no rows")
        return {
            name: Column(self.path, name, 0, pa.chunked_array(values).combine_chunks()[:rows])
            for name, values in joined.items()
        }

    def _batches(self, names: list[str]) -> Iterator[pa.RecordBatch]:
        if _is_parquet(self.path):
            with pyarrow.parquet.ParquetFile(self.path) as file:
                for batch in file.iter_batches(batch_size=PART_ROWS, columns=names):
                    yield batch.select(names)
        else:
            with pyarrow.csv.open_csv(
                self.path,
                read_options=_ONE_THREAD,
                convert_options=pyarrow.csv.ConvertOptions(
                    include_columns=names,
                    # Types that are guessed from the first megabyte fail in the second.
                    column_types={name: pa.string() for name in names},
                    strings_can_be_null=False,
                ),
            ) as reader:
                yield from reader


def _is_parquet(path: str) -> bool:
    return path.lower().endswith(_PARQUET)


def _column_names(path: str) -> tuple[str, ...]:
    if _is_parquet(path):
        with pyarrow.parquet.ParquetFile(path) as file:
            return tuple(file.schema_arrow.names)
    with pyarrow.csv.open_csv(path, read_options=_ONE_THREAD) as reader:
        return tuple(reader.schema.names)


@contextmanager
def _explained(path: str) -> Iterator[None]:
    """Errors of the library as ours, without the row that some of them quote."""
    try:
        yield
    except FileNotFoundError:
        raise SourceError(f"{path}: no such file") from None
    except PermissionError:
        raise SourceError(f"{path}: may not be read, check its permissions") from None
    except UnicodeDecodeError:
        raise SourceError(f"{path}: {_NOT_UTF8}") from None
    except (OSError, pa.ArrowException) as error:
        raise SourceError(f"{path}: {_reason(str(error))}") from None


def _reason(message: str) -> str:
    if match := _COLUMNS.search(message):
        place = f"line {match['row']}" if match["row"] else "a line"
        return f"{place} has {match['found']} columns, expected {match['head']} as in the header"
    if "Empty CSV" in message:
        return "is empty, expected a header and rows"
    if "UTF8" in message:
        return _NOT_UTF8
    if "inflate" in message or "bz2" in message:
        return "is no valid compressed file"
    if "directory" in message:
        return "is a directory, expected a file"
    if "Parquet" in message or "magic" in message:
        return "is no valid Parquet file"
    return "cannot be read, is it complete and of the kind that its name says?"
