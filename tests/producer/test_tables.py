from pathlib import Path

import numpy as np
import pytest

from producer.errors import SourceError
from producer.tables import ColumnRoles, Table, read_table
from selfheal.model.schema import Categorical, Fields, Numeric, Schema

ROLES = ColumnRoles(target="is_fraud")


def read(folder: Path, text: str, roles: ColumnRoles = ROLES, schema: Schema | None = None):
    path = folder / "rows.csv"
    path.write_text(text)
    return read_table(str(path), roles, schema)


@pytest.fixture
def table(tmp_path) -> Table:
    return read(
        tmp_path,
        "id,timestamp,amount,vip,channel,note,empty,unit,is_fraud\n"
        "a,1700000000,1.5,true,web,,,eur,0\n"
        "b,1700000001,,false,shop,,,eur,1\n"
        "c,1700000002,3,true,web,,,eur,\n",
    )


def test_numbers_and_booleans_become_numeric_and_text_categorical(table):
    assert table.schema.features == (
        Numeric("amount"),
        Numeric("vip"),
        Categorical("channel", ("web", "shop")),
    )


def test_values_are_in_the_schemas_order_with_nan_where_missing(table):
    np.testing.assert_array_equal(table.values, [[1.5, 1, 0], [np.nan, 0, 1], [3, 1, 0]])


def test_ids_times_and_labels_stand_apart(table):
    assert table.ids == ["a", "b", "c"]
    assert table.event_ms.tolist() == [1_700_000_000_000 + 1000 * i for i in range(3)]
    assert table.labels.tolist() == [0, 1, -1]
    assert table.schema.fields == Fields(time_unit="s")


def test_columns_that_say_nothing_are_left_out_with_the_reason(table):
    assert {column.name: column.why for column in table.left_out} == {
        "note": "holds nothing",
        "empty": "holds nothing",
        "unit": "never changes",
    }


def test_text_that_is_different_in_every_row_is_left_out(tmp_path):
    rows = "\n".join(f"{i},customer {i},{i % 2}" for i in range(200))

    table = read(tmp_path, f"amount,customer,is_fraud\n{rows}\n")

    assert [c.why for c in table.left_out] == ["is different in nearly every row"]


def test_an_unnamed_column_is_left_out(tmp_path):
    table = read(tmp_path, ",amount,is_fraud\n0,5,0\n1,6,1\n")

    assert table.schema.names == ("amount",)


def test_levels_are_ordered_by_frequency_and_rare_ones_are_unknown(tmp_path):
    shops = [f"shop {i:02}" for i in range(60) for _ in range(3)] + ["big"] * 9
    rows = "\n".join(f"{i},{shop},{i % 2}" for i, shop in enumerate(shops))

    table = read(tmp_path, f"amount,shop,is_fraud\n{rows}\n")

    shop = table.schema.features[1]
    assert isinstance(shop, Categorical)
    assert (len(shop.levels), shop.levels[:2]) == (50, ("big", "shop 00"))
    assert (table.values[:, 1] == 50.0).sum() == 3 * 11


def test_numbers_that_are_codes_become_categorical_when_named(tmp_path):
    roles = ColumnRoles(target="is_fraud", categorical=("mcc",))

    table = read(tmp_path, "mcc,amount,is_fraud\n5411,1,0\n5411,2,1\n4829,3,0\n", roles)

    assert table.schema.features[0] == Categorical("mcc", ("5411", "4829"))


def test_named_columns_take_their_roles_and_ignored_ones_none(tmp_path):
    roles = ColumnRoles(target="Class", id="ref", time="Time", labels="seen", ignore=("junk",))

    table = read(tmp_path, "ref,Time,Amount,junk,seen,Class\nx,0,5,1,0,1\ny,7,6,2,1,1\n", roles)

    assert table.schema == Schema(
        (Numeric("Amount"),), Fields(id="ref", time="Time", target="Class", time_unit="s")
    )
    assert (table.ids, table.event_ms.tolist()) == (["x", "y"], [0, 7000])
    assert (table.labels.tolist(), table.given_labels.tolist()) == ([1, 1], [0, 1])


def test_rows_without_an_id_get_their_number(tmp_path):
    assert read(tmp_path, "amount,is_fraud\n5,0\n6,1\n").ids == ["row-0", "row-1"]


def test_a_schema_decides_what_is_read(tmp_path):
    schema = Schema((Categorical("channel", ("shop", "web")), Numeric("amount")))

    table = read(
        tmp_path, "amount,channel,more,is_fraud\n5,web,1,0\n6,moon,1,1\n7,,1,0\n", ROLES, schema
    )

    assert table.schema == schema
    np.testing.assert_array_equal(table.values, [[1, 5], [2, 6], [np.nan, 7]])


def test_a_feature_of_the_schema_that_is_not_there_is_named(tmp_path):
    schema = Schema((Numeric("amount"), Numeric("age")))

    with pytest.raises(SourceError, match='no column "age"; there are amount, is_fraud'):
        read(tmp_path, "amount,is_fraud\n5,0\n", ROLES, schema)


@pytest.mark.parametrize("role", ["target", "id", "time", "labels"])
def test_a_named_column_that_is_not_there_is_named(tmp_path, role):
    roles = ColumnRoles(**{"target": "is_fraud", role: "gone"})

    with pytest.raises(SourceError, match='no column "gone"'):
        read(tmp_path, "amount,is_fraud\n5,0\n", roles)


def test_a_file_with_no_feature_is_refused_with_the_reasons(tmp_path):
    with pytest.raises(
        SourceError, match=r"no column is left to be a feature \(unit never changes"
    ):
        read(tmp_path, "unit,is_fraud\neur,0\neur,1\n")
