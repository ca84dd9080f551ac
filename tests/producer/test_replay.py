from pathlib import Path

import numpy as np
import orjson
import pytest

from producer.batches import Batch, EventClock
from producer.errors import SourceError
from producer.files import open_file
from producer.replay import ColumnDrift, Replay
from producer.tables import ColumnRoles
from producer.transactions import encode_transactions
from selfheal.model.schema import Fields, Numeric, Schema

CLOCK = EventClock(1_000, 10.0)
ROLES = ColumnRoles(target="is_fraud")
TEXT = "id,timestamp,amount,channel,is_fraud\na,5000,1.5,web,0\nb,6000,,moon,1\n,7000,3,,\n"


def replay(folder: Path, text: str = TEXT, roles: ColumnRoles = ROLES, **more) -> Replay:
    path = folder / "rows.csv"
    path.write_text(text)
    return Replay(open_file(str(path)), roles, more.pop("schema", None), CLOCK, **more)


def only(replayed: Replay, first_row: int = 0) -> Batch:
    (batch,) = replayed.batches(first_row)
    return batch


def sent(replayed: Replay) -> list[dict[str, object]]:
    return [
        orjson.loads(v)
        for batch in replayed.batches()
        for v in encode_transactions(batch, replayed.fields)
    ]


def test_rows_are_sent_as_they_stand_and_the_target_is_not(tmp_path):
    assert sent(replay(tmp_path)) == [
        {"id": "a", "timestamp": 5_000_000, "amount": 1.5, "channel": "web"},
        {"id": "b", "timestamp": 6_000_000, "amount": None, "channel": "moon"},
        {"id": "row-2", "timestamp": 7_000_000, "amount": 3.0, "channel": None},
    ]


def test_labels_are_the_targets_and_nobody_knows_the_probabilities(tmp_path):
    batch = only(replay(tmp_path))

    assert batch.labels.tolist() == [0, 1, -1]
    assert np.isnan(batch.probabilities).all()


def test_a_schema_says_what_is_sent_under_which_names(tmp_path):
    schema = Schema((Numeric("amount"),), Fields(time="timestamp", time_unit="iso"))

    first, *_ = sent(replay(tmp_path, schema=schema))

    assert first == {"id": "a", "timestamp": "1970-01-01T01:23:20.000Z", "amount": 1.5}


def test_rows_of_a_file_without_times_follow_the_clock(tmp_path):
    batch = only(replay(tmp_path, "amount,is_fraud\n1,0\n2,1\n"))

    assert batch.event_ms.tolist() == [1_000, 1_100]


def test_a_replay_may_begin_at_any_row(tmp_path):
    batch = only(replay(tmp_path), first_row=1)

    assert (batch.first_row, batch.ids) == (1, ["b", "row-2"])


def test_ignored_columns_are_not_sent(tmp_path):
    roles = ColumnRoles(target="is_fraud", ignore=("channel",))

    assert replay(tmp_path, roles=roles).feature_names == ("amount",)


def test_drift_is_laid_over_a_column_from_its_row_on(tmp_path):
    drift = ColumnDrift("amount", first_row=1, scale=100.0, shift=-1.0)

    batch = only(replay(tmp_path, "amount,is_fraud\n1,0\n2,1\n3,0\n", drifts=(drift,)))

    assert batch.columns["amount"] == [1.0, 199.0, 299.0]


def test_drift_of_a_column_that_is_not_sent_is_refused(tmp_path):
    with pytest.raises(SourceError, match='drift of column "gone", which is not sent'):
        replay(tmp_path, drifts=(ColumnDrift("gone", 0),))


def test_drift_of_text_is_refused(tmp_path):
    with pytest.raises(SourceError, match='drift of column "channel", which is text'):
        only(replay(tmp_path, drifts=(ColumnDrift("channel", 0),)))


def test_a_file_without_rows_is_refused(tmp_path):
    with pytest.raises(SourceError, match="has a header and no rows"):
        list(replay(tmp_path, "amount,is_fraud\n").batches())


def test_a_missing_target_is_refused_before_anything_is_sent(tmp_path):
    with pytest.raises(SourceError, match='no column "is_fraud"; there are amount'):
        replay(tmp_path, "amount\n1\n")
