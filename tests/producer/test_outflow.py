from dataclasses import replace
from pathlib import Path

import pytest

from producer.errors import ScenarioError, SourceError
from producer.files import open_file
from producer.outflow import Outflow, Outgoings, to_send
from producer.plan import Plan, file_plan, scenario_plan
from producer.settings import ProducerSettings
from selfheal.model.schema import Fields, Numeric, Schema
from selfheal.records import Label, decode_feedback

START_MS = 1_700_000_000_000


def settings(**given: object) -> ProducerSettings:
    return ProducerSettings(**{"transactions": 4_500, "seed": 6, "start_ms": START_MS} | given)


def planned(**given: object) -> Plan:
    return scenario_plan(settings(**given), now_ms=START_MS)


def replayed(folder: Path, schema: Schema | None = None, rows: int = 40, **given: object) -> Plan:
    lines = [f"t{i},{1_000 + i},{i % 7},{i % 2}" for i in range(rows)]
    path = folder / "rows.csv"
    path.write_text("\n".join(["id,timestamp,amount,is_fraud", *lines]))
    chosen = settings(**{"target": "is_fraud", "transactions": None} | given)
    return file_plan(chosen, open_file(str(path)), schema, now_ms=START_MS)


def sent(plan: Plan, cut: int = 10_000) -> Outgoings:
    """All that goes out when batches are cut into `cut` rows."""
    outflow = Outflow(plan.fields, plan.labeller)
    parts = [
        outflow.send(batch.part(first, min(first + cut, len(batch))))
        for batch in to_send(plan, outflow)
        for first in range(0, len(batch), cut)
    ]
    return Outgoings(
        [pair for part in parts for pair in part.transactions],
        [pair for part in parts for pair in part.labels],
    )


def labels(outgoings: Outgoings) -> list[Label]:
    return [decode_feedback(value) for _, value in outgoings.labels]


DELAYS = [
    {"label_delay": 700},
    {"label_delay": 300, "label_shape": "exponential", "label_longest": 1_500},
    {"label_delay": 0.4, "label_unit": "seconds"},
    {"label_delay": 0.2, "label_unit": "seconds", "label_shape": "lognormal", "label_longest": 1},
]


def test_every_row_goes_out_once_in_order():
    keys = [key for key, _ in sent(planned()).transactions]

    assert keys == [f"s6-{row}".encode() for row in range(4_500)]


def test_labels_of_a_tenth_go_out_when_their_delay_has_passed():
    given = labels(sent(planned(rate=1_000.0)))

    assert 200 < len(given) < 300
    for label in given:
        row = int(label.id.removeprefix("s6-"))
        assert label.labelled_ms == START_MS + row + 2_000


def test_labels_due_after_the_end_never_go_out():
    rows = [int(label.id.removeprefix("s6-")) for label in labels(sent(planned()))]

    assert max(rows) < 4_500 - 2_000


def test_labels_without_delay_go_out_with_their_transactions():
    plan = planned(scenario="article", transactions=1_200)

    outflow = Outflow(plan.fields, plan.labeller)
    for batch in to_send(plan, outflow):
        outgoings = outflow.send(batch)
        assert [key for key, _ in outgoings.labels] == [k for k, _ in outgoings.transactions]


@pytest.mark.parametrize("delay", DELAYS)
@pytest.mark.parametrize("cut", [1, 37, 1_000])
def test_what_goes_out_does_not_depend_on_how_the_stream_is_cut(delay, cut):
    assert sent(planned(**delay), cut) == sent(planned(**delay))


@pytest.mark.parametrize("delay", DELAYS)
@pytest.mark.parametrize("at", [1, 999, 2_345])
def test_going_on_at_a_row_sends_exactly_the_rest(delay, at):
    whole = sent(planned(**delay))
    outflow = Outflow(planned().fields, planned(**delay).labeller)
    before = [outflow.send(b) for b in to_send(replace(planned(**delay), end_row=at), outflow)]

    rest = sent(planned(first_row=at, **delay))

    assert [p for part in before for p in part.transactions] + rest.transactions == (
        whole.transactions
    )
    assert [p for part in before for p in part.labels] + rest.labels == whole.labels


def test_going_on_without_the_first_start_is_refused():
    with pytest.raises(ScenarioError, match="start_ms: missing"):
        planned(first_row=5, start_ms=None)


def test_going_on_beyond_the_end_is_refused():
    with pytest.raises(ScenarioError, match="beyond the stream's 4500 rows"):
        planned(first_row=4_501)


def test_label_settings_change_the_scenarios_policy():
    plan = planned(label_rate=1.0, label_delay=0, label_source="analysts", label_wrong_fraud=1.0)

    given = labels(sent(plan))

    assert len(given) == 4_500
    assert {(label.label, label.source) for label in given} == {(0, "analysts")}


def test_a_file_goes_out_as_it_stands_with_late_labels(tmp_path):
    out = sent(replayed(tmp_path, label_rate=1.0, label_delay=10))

    assert out.transactions[3] == (b"t3", b'{"id":"t3","timestamp":1003000,"amount":3.0}')
    assert [label.id for label in labels(out)] == [f"t{i}" for i in range(30)]
    assert [label.labelled_ms for label in labels(out)][:2] == [1_010_000, 1_011_000]


def test_a_file_may_be_cut_short(tmp_path):
    assert len(sent(replayed(tmp_path, transactions=15)).transactions) == 15


def test_going_on_in_a_file_sends_exactly_the_rest(tmp_path):
    whole = sent(replayed(tmp_path, label_rate=0.5, label_delay=5))

    rest = sent(replayed(tmp_path, label_rate=0.5, label_delay=5, first_row=17))

    assert rest.transactions == whole.transactions[17:]
    assert rest.labels == whole.labels[-len(rest.labels) :]


def test_a_file_goes_out_under_the_names_of_the_models_schema(tmp_path):
    schema = Schema((Numeric("amount"),), Fields(time=None))

    out = sent(replayed(tmp_path, schema))

    assert out.transactions[0] == (b"t0", b'{"id":"t0","amount":0.0}')


def test_a_file_without_the_target_is_refused(tmp_path):
    with pytest.raises(SourceError, match='no column "Class"'):
        replayed(tmp_path, target="Class")
