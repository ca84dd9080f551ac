import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

from selfheal.telemetry.batches import ScoredStream, batch_table
from selfheal.telemetry.confusion import Confusion
from selfheal.telemetry.errors import ExportError


def stream_of(labels: list[float], scores: list[float], **columns: object) -> ScoredStream:
    """A stream whose frozen model always says 0, and whose other columns do not matter."""
    n = len(labels)
    given = {
        "labels": np.array(labels),
        "scores": np.array(scores),
        "decisions": np.array(scores) >= 0.5,
        "shadow_scores": np.zeros(n),
        "conflicts": np.zeros(n, dtype=bool),
        "versions": np.full(n, "v1"),
        "states": np.full(n, "HEALTHY"),
        "z": np.zeros(n),
        "event_ms": np.arange(n, dtype=np.int64) * 10,
    }
    return ScoredStream(**(given | columns))  # type: ignore[arg-type]


def test_the_ratios_of_a_batch_are_those_of_its_four_counts():
    table = batch_table(stream_of([1, 1, 1, 0, 0, 0, 0, 0], [0.9, 0.8, 0.1, 0.7, 0, 0, 0, 0]))

    healed = table.healed
    assert [int(c[0]) for c in (healed.tp, healed.fp, healed.fn, healed.tn)] == [2, 1, 1, 4]
    assert healed.accuracy[0] == 6 / 8
    assert healed.precision[0] == 2 / 3
    assert healed.recall[0] == 2 / 3
    assert healed.f1[0] == 2 / 3
    assert table.shadow.accuracy[0] == 5 / 8
    assert table.lift[0] == 1 / 8


def test_the_ratios_are_scikit_learns(rng: np.random.Generator):
    labels = rng.integers(0, 2, 500).astype(float)
    scores = rng.random(500)

    healed = batch_table(stream_of(list(labels), list(scores)), batch_rows=500).healed

    called = scores >= 0.5
    assert healed.accuracy[0] == pytest.approx(accuracy_score(labels, called))
    assert healed.precision[0] == pytest.approx(precision_score(labels, called))
    assert healed.recall[0] == pytest.approx(recall_score(labels, called))
    assert healed.f1[0] == pytest.approx(f1_score(labels, called))


def test_batches_are_cut_in_the_producers_order_and_the_last_may_be_short():
    table = batch_table(stream_of([0.0] * 250, [0.0] * 250))

    assert table.first_row.tolist() == [0, 100, 200]
    assert table.rows.tolist() == [100, 100, 50]
    assert table.event_ms.tolist() == [0, 1000, 2000]


def test_what_is_undefined_is_nan():
    no_fraud, no_label = [0.0] * 100, [np.nan] * 100

    healed = batch_table(stream_of(no_fraud + no_label, [0.0] * 200)).healed

    assert healed.accuracy[0] == 1.0
    assert np.isnan([healed.precision[0], healed.recall[0], healed.f1[0]]).all()
    assert np.isnan(healed.accuracy[1])


def test_a_row_without_a_prediction_counts_nowhere():
    scores = [np.nan, 0.9, 0.1]
    stream = stream_of([1, 1, 0], scores, conflicts=np.array([True, True, False]))

    table = batch_table(stream)

    assert table.rows.tolist() == [2]
    assert table.healed.labelled.tolist() == [2]
    assert table.conflicts.tolist() == [1]


def test_the_version_is_that_of_most_rows_and_the_state_that_of_the_last():
    versions = np.array(["v1", "v2", "v2"])
    states = np.array(["HEALTHY", "DRIFTING", "HEALING"])

    table = batch_table(stream_of([0, 0, 0], [0, 0, 0], versions=versions, states=states))

    assert table.version.tolist() == ["v2"]
    assert table.state.tolist() == ["HEALING"]


def test_a_batch_without_predictions_has_no_version():
    assert batch_table(stream_of([0], [np.nan])).version.tolist() == [""]


def test_z_is_the_mean_of_where_it_is_known():
    z = np.array([1.0, np.nan, 2.0, np.nan])

    table = batch_table(stream_of([0] * 4, [0] * 4, z=z), batch_rows=3)

    assert table.z[0] == 1.5
    assert np.isnan(table.z[1])


def test_an_empty_stream_gives_an_empty_table():
    table = batch_table(stream_of([], [], versions=np.array([], dtype=str)))

    assert len(table) == 0
    assert table.lift.shape == (0,)


def test_columns_of_other_lengths_are_refused():
    with pytest.raises(ExportError, match=r"z: shape \(2,\), expected \(3,\)"):
        stream_of([0, 0, 0], [0, 0, 0], z=np.zeros(2))


def test_a_label_that_is_none_is_refused():
    with pytest.raises(ExportError, match="labels"):
        stream_of([0, 2], [0, 0])


def test_rolling_sums_reach_back_as_far_as_there_are_batches():
    counts = np.array([1, 2, 3, 4], dtype=np.int64)
    confusion = Confusion(counts, counts, counts, counts)

    assert confusion.rolling(2).tp.tolist() == [1, 3, 5, 7]
    assert confusion.rolling(10).tn.tolist() == [1, 3, 6, 10]
