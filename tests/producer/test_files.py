import gzip
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from producer.columns import labels, numbers, texts, times
from producer.errors import SourceError
from producer.files import File, open_file


def written(folder: Path, name: str, content: str | bytes) -> str:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def parquet(folder: Path, **columns: object) -> File:
    path = folder / "rows.parquet"
    pq.write_table(pa.table(columns), path)
    return open_file(str(path))


def column(folder: Path, *values: str):
    content = "\n".join(["x,y", *(f'"{value}",' for value in values)])
    return open_file(written(folder, "one.csv", content)).whole(["x"])["x"]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.csv", "", "a.csv: is empty, expected a header and rows"),
        ("a.csv", b"PK\x00\xff,b\n1,2\n", "a.csv: is not UTF-8, convert it first"),
        ("a.csv.gz", "no gzip", "a.csv.gz: is no valid compressed file"),
        ("a.parquet", "no parquet", "a.parquet: is no valid Parquet file"),
        ("a.json", "{}", "a.json: unknown kind of file, expected one that ends in .csv"),
        ("a.csv", "x,x\n1,2\n", 'a.csv: column "x" appears more than once'),
    ],
)
def test_an_unreadable_file_is_refused_with_its_name_and_why(tmp_path, name, content, why):
    path = written(tmp_path, name, content)

    with pytest.raises(SourceError, match=why):
        list(open_file(path).parts(["x"]))


@pytest.mark.parametrize("name", ["gone.csv", "gone.parquet"])
def test_a_file_that_is_not_there_is_refused(tmp_path, name):
    with pytest.raises(SourceError, match=f"{name}: no such file"):
        open_file(str(tmp_path / name))


def test_a_folder_is_refused(tmp_path):
    (tmp_path / "rows.csv").mkdir()

    with pytest.raises(SourceError, match="is a directory, expected a file"):
        open_file(str(tmp_path / "rows.csv"))


def test_a_missing_column_is_named_with_those_that_are_there(tmp_path):
    file = open_file(written(tmp_path, "a.csv", "id,amount,fraud\n1,2,0\n"))

    with pytest.raises(SourceError, match='no column "is_fraud"; there are id, amount, fraud'):
        file.require(["is_fraud"])


def test_a_line_with_too_many_columns_is_named_without_its_values(tmp_path):
    path = written(tmp_path, "a.csv", "id,amount\n1,2\n3,4,secret\n")

    with pytest.raises(SourceError, match="line 3 has 3 columns, expected 2") as caught:
        open_file(path)
    assert "secret" not in str(caught.value)


def test_a_file_without_rows_is_refused(tmp_path):
    with pytest.raises(SourceError, match="has a header and no rows"):
        open_file(written(tmp_path, "a.csv", "id,amount\n")).whole(["id"])


def test_a_compressed_file_reads_as_the_plain_one(tmp_path):
    text = "id,amount\na,1.5\nb,2\n"
    file = open_file(written(tmp_path, "a.csv.gz", gzip.compress(text.encode())))

    columns = file.whole(file.columns)

    assert texts(columns["id"]) == ["a", "b"]
    assert numbers(columns["amount"]).tolist() == [1.5, 2.0]


def test_a_file_of_several_parts_keeps_order_and_counts_rows(tmp_path):
    lines = "\n".join(["id,amount", *(f"{i},{i / 2}" for i in range(200_000))])
    file = open_file(written(tmp_path, "long.csv", lines))

    parts = list(file.parts(["id"]))

    firsts = [part["id"].first_row for part in parts]
    assert len(parts) > 1
    assert (
        firsts
        == [0, *(first + len(p["id"]) for first, p in zip(firsts, parts, strict=True))][
            : len(firsts)
        ]
    )
    assert texts(parts[-1]["id"])[-1] == "199999"


def test_a_number_that_turns_up_late_as_text_is_still_read(tmp_path):
    lines = "\n".join(["x", *("1" for _ in range(300_000)), "1.5"])
    file = open_file(written(tmp_path, "long.csv", lines))

    assert numbers(file.whole(["x"])["x"])[-1] == 1.5


def test_missing_numbers_are_nan(tmp_path):
    read = numbers(column(tmp_path, "1", "", "NA", "nan", "null", " 2 ", "-1e3"))

    nan = np.nan
    np.testing.assert_array_equal(read, [1, nan, nan, nan, nan, 2, -1000])


def test_booleans_are_numbers(tmp_path):
    assert numbers(column(tmp_path, "true", "False", "TRUE")).tolist() == [1, 0, 1]


def test_text_among_numbers_is_named_by_row_without_its_value(tmp_path):
    with pytest.raises(SourceError, match='column "x" is no number in row 1') as caught:
        numbers(column(tmp_path, "1", "secret", "3"))
    assert "secret" not in str(caught.value)


def test_an_infinite_number_is_refused(tmp_path):
    with pytest.raises(SourceError, match='column "x" is infinite in row 1'):
        numbers(column(tmp_path, "1", "inf"))


def test_na_is_a_text_and_nothing_is_missing(tmp_path):
    assert texts(column(tmp_path, "NA", "", "DE")) == ["NA", None, "DE"]


def test_labels_are_zero_one_or_missing(tmp_path):
    assert labels(column(tmp_path, "0", "1", "", "1.0", "False", "TRUE")).tolist() == (
        [0, 1, -1, 1, 0, 1]
    )


def test_a_label_of_a_third_kind_is_named_by_row(tmp_path):
    with pytest.raises(SourceError, match='column "x" is no label in row 2, expected 0 or 1'):
        labels(column(tmp_path, "0", "1", "2"))


@pytest.mark.parametrize(
    ("text", "unit", "event_ms"),
    [
        ("1700000000000", None, 1_700_000_000_000),
        ("1700000000", None, 1_700_000_000_000),
        ("1.5", None, 1_500),
        ("5000", "ms", 5_000),
        ("2023-11-14T22:13:20Z", None, 1_700_000_000_000),
        ("2023-11-14 22:13:20.250", None, 1_700_000_000_250),
        ("2023-11-14T23:13:20+01:00", "iso", 1_700_000_000_000),
    ],
)
def test_times_are_unix_milliseconds_however_they_are_written(tmp_path, text, unit, event_ms):
    assert times(column(tmp_path, text), unit).tolist() == [event_ms]


@pytest.mark.parametrize("text", ["yesterday", ""])
def test_what_is_no_time_is_named_by_row(tmp_path, text):
    with pytest.raises(SourceError, match='column "x" is no time in row 1'):
        times(column(tmp_path, "2023-11-14", text))


def test_parquet_columns_keep_their_types(tmp_path):
    file = parquet(
        tmp_path,
        amount=pa.array([1, None, 3]),
        channel=pa.array(["web", "shop", None]).dictionary_encode(),
        at=pa.array([0, 1, 2], pa.timestamp("s")),
        is_fraud=pa.array([True, False, None]),
    )

    columns = file.whole(file.columns)

    assert str(numbers(columns["amount"]).tolist()) == "[1.0, nan, 3.0]"
    assert texts(columns["channel"]) == ["web", "shop", None]
    assert times(columns["at"]).tolist() == [0, 1000, 2000]
    assert labels(columns["is_fraud"]).tolist() == [1, 0, -1]


def test_a_parquet_column_that_is_no_number_is_refused_with_its_type(tmp_path):
    file = parquet(tmp_path, at=pa.array([0], pa.timestamp("ms")))

    with pytest.raises(SourceError, match=r'column "at" holds timestamp\[ms\], expected numbers'):
        numbers(file.whole(["at"])["at"])
