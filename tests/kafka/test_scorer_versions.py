"""Which version a scorer serves: at its start, while versions are swapped, and when one is bad."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from registry.publish import Publisher
from registry.signature import Signer, new_key
from registry.snapshot import hash_of
from selfheal.model.compiled import compile_model
from selfheal.model.weights import dump, load
from selfheal.records import Prediction, decode, encode
from selfheal.records.adapters import Pointer
from selfheal.records.service_events import ScorerReported, SnapshotRefused, SwapApplied
from tests.deployment import different_adapters, ready
from tests.traffic import clean


def worst_error(deployment, traffic, predictions) -> float:
    """How far any score is from the one that its stamped version gives anew."""
    view = deployment.registry()
    row = {id_: i for i, id_ in enumerate(traffic.ids)}
    errors = []
    for version in {prediction.version for prediction in predictions}:
        adapter = None if version == "base" else view.snapshot(version).parsed().adapter
        own = [each for each in predictions if each.version == version]
        values = traffic.values[[row[each.id] for each in own]]
        scores = compile_model(deployment.model, adapter).score(values)
        errors += [
            np.abs(scores.score - [each.score for each in own]).max(),
            np.abs(scores.shadow_score - [each.shadow_score for each in own]).max(),
        ]
    return max(errors)


def test_a_cold_start_serves_the_newest_valid_version_from_the_first_prediction_on(
    deployment, eventually
):
    view = deployment.publish(*different_adapters(25))
    view = deployment.point_to(*[f"v{1 + i % 25}" for i in range(50)], "v7")
    forged = Publisher(None, deployment.model.hash).activate(view, "base", "forged", 3_000)
    deployment.write(forged)
    traffic = clean(400)
    deployment.send(traffic.transactions(deployment.topics))

    deployment.start_scorer()
    eventually(lambda: len(deployment.predictions()) == 400, "all predictions")

    predictions = deployment.predictions()
    assert {(each.version, each.epoch) for each in predictions} == {("v7", view.active.epoch)}
    assert worst_error(deployment, traffic, predictions) < 1e-6


def test_swaps_and_rebalances_under_load_leave_each_prediction_true_to_its_stamp(
    deployment, eventually
):
    deployment.publish(*different_adapters(6))
    traffic = clean(16_000)
    records = iter(traffic.transactions(deployment.topics))
    ready(deployment.start_scorer())

    for turn in range(16):
        deployment.point_to(f"v{1 + turn % 6}" if turn % 5 else "base")
        deployment.send(islice(records, 1_000))
        if turn == 5:
            deployment.start_scorer("scorer-2")
        if turn == 10:
            deployment.children[0].process.terminate()
    eventually(lambda: len(deployment.predictions()) >= 16_000, "all predictions")

    messages = deployment.read(deployment.topics.predictions)
    epochs = [
        [decode(Prediction, m.value).epoch for m in messages if m.partition == partition]
        for partition in (0, 1)
    ]
    predictions = deployment.predictions()
    assert sorted(each.id for each in predictions) == sorted(traffic.ids)
    assert all(column == sorted(column) for column in epochs)
    assert len({each.epoch for each in predictions}) > 8
    assert worst_error(deployment, traffic, predictions) < 1e-6


def test_every_scorer_tells_of_a_new_version(deployment, eventually):
    scorers = [deployment.start_scorer(name) for name in ("scorer-1", "scorer-2")]
    ready(*scorers)
    deployment.publish(*different_adapters(1))
    traffic = clean(2_000)

    def serving():
        told = deployment.told(ScorerReported)
        return {each.instance for each in told if each.event.version == "v1"}

    eventually(lambda: serving() == {"scorer-1", "scorer-2"}, "both serve v1")
    deployment.send(traffic.transactions(deployment.topics))
    eventually(lambda: len(deployment.told(SwapApplied)) == 2, "both tell of the swap")
    eventually(deployment.predictions, "predictions, which are committed after that")

    assert [each.event.previous_version for each in deployment.told(SwapApplied)] == ["base"] * 2
    assert {each.version for each in deployment.predictions()} == {"v1"}


def unsigned(deployment, records):
    return [replace(record, headers=()) for record in records]


def by_a_stranger(deployment, records):
    stranger = Signer.from_pem(new_key().private_pem)
    return [replace(record, headers=stranger.sign(record.key, record.value)) for record in records]


def for_another_model(deployment, records):
    publisher = replace(deployment.publisher, backbone_hash="cd" * 32)
    return publisher.activate(deployment.registry(), "base", "another model", 3_000)


def with_nan(deployment, records):
    """Signed as well and truly as the healer could."""
    arrays, metadata = load(records[0].value)
    arrays["adapter.output.shift"] = np.array(np.nan)
    snapshot = dump(arrays, metadata)
    pointer = replace(decode(Pointer, records[-1].value), snapshot_hash=hash_of(snapshot))
    sign = deployment.publisher.signer.sign
    return [
        replace(record, value=value, headers=sign(record.key, value))
        for record, value in zip(records, [snapshot, encode(pointer), encode(pointer)], strict=True)
    ]


@pytest.fixture(scope="module")
def serving_v1(deploy):
    """A scorer that serves v1."""
    with deploy() as deployment:
        deployment.publish(*different_adapters(1))
        ready(deployment.start_scorer())
        yield deployment


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        (unsigned, "unsigned"),
        (by_a_stranger, "unknown_key"),
        (for_another_model, "other_backbone"),
        (with_nan, "not_finite"),
    ],
)
def test_a_bad_publication_is_refused_with_an_event_and_what_served_goes_on(
    serving_v1, eventually, damaged, reason
):
    deployment = serving_v1
    records = deployment.publication(deployment.registry(), *different_adapters(1))
    traffic = clean(50, seed=len(reason))

    deployment.write(tuple(damaged(deployment, records)))
    eventually(
        lambda: reason in {told.event.reason for told in deployment.told(SnapshotRefused)},
        f"an event that says {reason}",
    )
    deployment.send(traffic.transactions(deployment.topics))
    eventually(
        lambda: set(traffic.ids) <= {each.id for each in deployment.predictions()}, "predictions"
    )

    assert {each.version for each in deployment.predictions()} == {"v1"}
    assert {told.event.kept_version for told in deployment.told(SnapshotRefused)} == {"v1"}
