"""A file some rows at a time is the file: nothing depends on where it is cut."""

import gzip

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from producer import files
from producer.errors import SourceError
from producer.files import open_file
from producer.stretches import FILE_CLOCK, read_labels, recut, stretches
from producer.tables import ColumnRoles, read_table
from selfheal.model.schema import Categorical

ROLES = ColumnRoles(target="is_fraud")
ROWS = 250


@pytest.fixture
def path(tmp_path):
    """Two numbers, a category, gaps; times in milliseconds that begin at 0."""
    lines = ["id,timestamp,amount,channel,is_fraud"]
    for row in range(ROWS):
        amount = "" if row % 11 == 0 else row * 1.5
        channel = ("web", "shop", "", "moon")[row % 4] if row > 20 else ("web", "shop")[row % 2]
        lines.append(f"t{row},{row * 1_000_000_000},{amount},{channel},{int(row % 5 == 0)}")
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def schema_of(path, rows=20):
    return read_table(str(path), ROLES, rows=rows).schema


def read(path, schema, rows, first_row=0):
    return list(recut(stretches(open_file(str(path)), ROLES, schema, first_row), rows))


def values_of(parts):
    return np.concatenate([part.values for part in parts])


@pytest.mark.parametrize("rows", [1, 7, 250, 1000])
def test_stretches_have_the_length_that_is_asked_for_and_nothing_is_lost(path, rows):
    schema = schema_of(path)

    parts = read(path, schema, rows)

    assert [len(part) for part in parts[:-1]] == [rows] * (len(parts) - 1)
    assert [int(row) for part in parts for row in part.row] == list(range(ROWS))
    assert [id_ for part in parts for id_ in part.ids] == [f"t{row}" for row in range(ROWS)]
    np.testing.assert_array_equal(values_of(parts), read_table(str(path), ROLES, schema).values)


def test_where_the_parts_of_a_file_end_makes_no_difference(path, monkeypatch):
    schema = schema_of(path)
    whole = read(path, schema, 30)
    pyarrow.parquet.write_table(pyarrow.csv.read_csv(path), path.with_suffix(".parquet"))

    monkeypatch.setattr(files, "PART_ROWS", 17)
    cut = read(path.with_suffix(".parquet"), schema, 30)

    np.testing.assert_array_equal(values_of(cut), values_of(whole))
    assert [part.first_row for part in cut] == [part.first_row for part in whole]
    assert [part.event_ms.tolist() for part in cut] == [part.event_ms.tolist() for part in whole]


def test_a_compressed_file_and_a_parquet_file_give_the_same(path):
    schema = schema_of(path)
    packed = path.with_name("rows.csv.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    pyarrow.parquet.write_table(pyarrow.csv.read_csv(path), path.with_suffix(".parquet"))

    for other in (packed, path.with_suffix(".parquet")):
        assert schema_of(other) == schema
        np.testing.assert_array_equal(
            values_of(read(other, schema, 100)), values_of(read(path, schema, 100))
        )


def test_rows_before_the_first_one_are_left_out(path):
    schema = schema_of(path)

    parts = read(path, schema, 40, first_row=33)

    assert parts[0].first_row == 33
    np.testing.assert_array_equal(values_of(parts), values_of(read(path, schema, 40))[33:])


def test_the_schema_of_the_first_rows_makes_later_levels_unknown(path):
    schema = schema_of(path)
    channel = values_of(read(path, schema, ROWS))[:, schema.names.index("channel")]

    assert schema.features[1] == Categorical("channel", ("shop", "web"))
    assert (channel[24::4] == 1.0).all()
    assert (channel[23::4] == 2.0).all()
    assert np.isnan(channel[22::4]).all()


def test_the_unit_of_times_is_that_of_the_first_rows(path):
    schema = schema_of(path)  # all of its times are below what is milliseconds for sure

    event_ms = np.concatenate([part.event_ms for part in read(path, schema, 100)])

    assert schema.fields.time_unit == "s"
    np.testing.assert_array_equal(event_ms, np.arange(ROWS) * 1_000_000_000_000)


def test_rows_without_times_happen_evenly(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("a,is_fraud\n" + "".join(f"{i},{i % 2}\n" for i in range(10)))

    (part,) = read(path, schema_of(path), 100)

    np.testing.assert_array_equal(part.event_ms, FILE_CLOCK.of(np.arange(10)))


def test_labels_of_the_whole_file_are_read(path):
    assert read_labels(open_file(str(path)), "is_fraud").tolist() == [
        int(row % 5 == 0) for row in range(ROWS)
    ]


def test_a_bad_value_far_down_is_named_by_its_row(path):
    schema = schema_of(path)
    path.write_text(path.read_text() + "t,1,much,web,0\n")

    with pytest.raises(SourceError, match=f'column "amount" is no number in row {ROWS}'):
        read(path, schema, 100)


def test_a_time_that_is_missing_is_named_by_its_row(path):
    schema = schema_of(path)
    path.write_text(path.read_text() + "t,,1,web,0\n")

    with pytest.raises(SourceError, match=f'column "timestamp" is missing in row {ROWS}'):
        read(path, schema, 100)


def test_columns_of_lists_and_of_bytes_are_left_out(tmp_path):
    path = tmp_path / "rows.parquet"
    columns = {"a": [1, 2], "lists": [[1], [2, 3]], "bytes": [b"\xff", b"\xfe"], "is_fraud": [0, 1]}
    pyarrow.parquet.write_table(pa.table(columns), path)

    table = read_table(str(path), ROLES)

    assert table.schema.names == ("a",)
    assert {column.why for column in table.left_out} == {"holds neither numbers nor text"}


def test_the_usual_id_and_time_may_be_ignored(path):
    roles = ColumnRoles(target="is_fraud", ignore=("id", "timestamp"))

    table = read_table(str(path), roles)

    assert table.ids[0] == "row-0"
    assert table.event_ms is None
    assert table.schema.names == ("amount", "channel")


def test_so_many_rows_of_a_table_are_its_first(path):
    table = read_table(str(path), ROLES, rows=30)

    assert len(table.values) == len(table.labels) == len(table.ids) == 30
    assert table.ids[-1] == "t29"
