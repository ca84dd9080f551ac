"""Analysts who are asked for labels, as the producer plays them."""

import numpy as np
import pytest

from producer.answers import SOURCE, Answers
from producer.batches import Batch
from producer.errors import LabelError
from producer.labels import Labeller, LabelPolicy
from producer.outflow import Outflow
from producer.plan import scenario_plan
from producer.settings import ProducerSettings
from selfheal.records import decode_feedback

TRUTH = np.array([0, 1, 1, 0, -1, 1] * 100, dtype=np.int8)


def batch(first, last):
    row = np.arange(first, last)
    return Batch(
        first_row=first,
        ids=[f"t{each}" for each in row],
        event_ms=row,
        columns={},
        labels=TRUTH[row],
        probabilities=np.full(len(row), np.nan),
    )


def answers(mean_rows=20.0, **policy):
    found = Answers(Labeller(LabelPolicy(**policy), seed=900), mean_rows)
    found.pass_by(batch(0, 100))
    return found


def test_who_is_asked_answers_once_with_the_truth():
    analysts = answers()
    analysts.ask(["t1", "t3", "t1"])
    analysts.ask(["t1"])

    given = {(label.id, label.label) for label in analysts.take(until=1_000)}

    assert given == {("t1", 1), ("t3", 0)}
    assert analysts.take(until=1_000) == []


def test_answers_come_later_one_after_the_other():
    analysts = answers()
    analysts.ask([f"t{row}" for row in range(100)])

    due = [label.due for label in analysts.take(until=1_000)]

    assert min(due) >= 100
    assert due == sorted(due)
    assert np.mean(due) == pytest.approx(120.0, abs=8.0)


def test_what_nobody_knows_is_not_answered():
    analysts = answers()
    analysts.ask(["t4", "t100", "stranger"])  # of unknown truth, not sent yet, of no stream

    assert analysts.take(until=10_000) == []


def test_analysts_are_wrong_as_often_as_other_labels():
    analysts = answers(wrong_fraud=1.0, wrong_legit=1.0)
    analysts.ask(["t1", "t3"])

    assert {label.id: label.label for label in analysts.take(until=1_000)} == {"t1": 0, "t3": 1}


def test_the_same_seed_answers_at_the_same_rows():
    first, second = answers(), answers()
    for analysts in (first, second):
        analysts.ask([f"t{row}" for row in range(50)])

    assert first.take(until=1_000) == second.take(until=1_000)


def test_an_answer_needs_time():
    with pytest.raises(LabelError, match="mean is 0, must be above 0"):
        answers(mean_rows=0.0)


def test_answers_go_out_beside_the_labels_and_say_who_gave_them():
    settings = ProducerSettings(transactions=2_000, start_ms=1_000, label_rate=0.0)
    plan = scenario_plan(settings, now_ms=1_000)
    outflow = Outflow(plan.fields, plan.labeller, Answers(plan.labeller, 50.0))
    first, second = list(plan.batches(0))

    outflow.send(first)
    outflow.ask(first.ids[:20])
    labels = [decode_feedback(value) for _, value in outflow.send(second).labels]

    assert {label.id for label in labels} == set(first.ids[:20])
    assert {label.source for label in labels} == {SOURCE}
    assert {label.id: label.label for label in labels} == dict(
        zip(first.ids[:20], first.labels[:20].tolist(), strict=True)
    )
    assert all(label.labelled_ms >= second.event_ms[0] for label in labels)


def test_where_nobody_answers_asking_changes_nothing():
    plan = scenario_plan(ProducerSettings(transactions=2_000, start_ms=1_000), now_ms=1_000)
    asked, other = (Outflow(plan.fields, plan.labeller) for _ in range(2))
    first, second = list(plan.batches(0))

    asked.send(first)
    asked.ask(first.ids)
    other.send(first)

    assert asked.send(second) == other.send(second)
