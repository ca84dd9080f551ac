"""When retraining comes: one command, and all go over to the new model without stopping."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import orjson
import pytest
from typer.testing import CliRunner

from cli.main import app
from producer.scenarios import scenario
from producer.stream import Stream
from selfheal.model.calibration import LabelledRows, calibrated_model
from selfheal.model.compiled import compile_model
from selfheal.model.folder import read_folder, write_folder
from selfheal.model.mlp_compiled import compile_mlp
from selfheal.records import Prediction, decode
from selfheal.records.healing_events import HealPublished
from selfheal.records.service_events import ModelSwapped, SnapshotRefused
from tests.deployment import different_adapters, kill, ready
from tests.registry.small_models import small_model
from tests.traffic import SCENARIO, clean, drifted

pytestmark = pytest.mark.timeout(300)  # three services have started before the first test

CHUNK = 250
AFTERWARDS = 8
"""Chunks that are kept until the command has been answered, however long that takes."""


@pytest.fixture(scope="module")
def retrained(model_folder):
    """A model of the same network that is surer of fraud, with figures of its own."""
    old = read_folder(model_folder)
    backbone = {**old.backbone, "head.bias": old.backbone["head.bias"] + np.float32(0.5)}
    rows = Stream(scenario(SCENARIO), 1, 6_000).training()
    is_held_out = np.ones(len(rows.labels), dtype=bool)
    return calibrated_model(
        old.encoder,
        backbone,
        compile_mlp(old.encoder, backbone, None),
        LabelledRows(rows.values, rows.labels > 0, is_held_out),
    )


def operate(deployment, *arguments):
    """Run `selfheal registry`, as an operator with the key does; its result."""
    place = ("--bootstrap", deployment.bus.bootstrap, "--prefix", deployment.bus.prefix)
    keys = ("--key", str(deployment.private_key), "--public-keys", str(deployment.keys))
    return CliRunner().invoke(app, ["registry", *arguments, *place, *keys, "--json"])


@pytest.fixture(scope="module")
def swapped(deploy, retrained, eventually, tmp_path_factory):
    """Two scorers and a healer that went over to the retrained model while they had work.

    v1 is an adapter of the old model, and served before.
    """
    folder = tmp_path_factory.mktemp("retrained") / "model"
    write_folder(folder, retrained)
    with deploy() as deployment, ThreadPoolExecutor(1) as operator:
        deployment.publish(*different_adapters(1))
        for name in ("scorer-1", "scorer-2"):
            ready(deployment.start_scorer(name))
        ready(deployment.start_healer())
        deployment.traffic = clean(6_000)
        records = deployment.traffic.transactions(deployment.topics)
        chunks = [records[first : first + CHUNK] for first in range(0, len(records), CHUNK)]
        deployment.send(chunks.pop())
        eventually(deployment.predictions, "the old model has served")

        published = operator.submit(operate, deployment, "publish-model", str(folder))
        while len(chunks) > AFTERWARDS and not published.done():
            deployment.send(chunks.pop())
            eventually(lambda: deployment.lag() < 2 * CHUNK, "the scorers keep up")
        deployment.answer = published.result()
        for chunk in chunks:
            deployment.send(chunk)
        eventually(lambda: len(deployment.predictions()) >= len(records), "all predictions")
        yield deployment


def truth_of(deployment, retrained):
    """Which model and adapter each epoch's pointer names, from the topic alone."""
    view = deployment.registry()
    models = {hash_: stored.model for hash_, stored in view.models.items()}
    return {
        pointer.epoch: compile_model(
            models[pointer.backbone_hash],
            None if pointer.version == "base" else view.snapshot(pointer.version).parsed().adapter,
        )
        for pointer in view.pointers
    }


def worst_error(deployment, retrained):
    """How far any score is from the one that its stamp gives anew."""
    row = {id_: i for i, id_ in enumerate(deployment.traffic.ids)}
    predictions = [each for each in deployment.predictions() if each.id in row]
    errors = []
    for epoch, compiled in truth_of(deployment, retrained).items():
        own = [each for each in predictions if each.epoch == epoch]
        scores = compiled.score(deployment.traffic.values[[row[each.id] for each in own]])
        errors.append(np.abs(scores.score - [each.score for each in own]).max(initial=0.0))
        shadows = [each.shadow_score for each in own]
        errors.append(np.abs(scores.shadow_score - shadows).max(initial=0.0))
    return max(errors)


def test_the_command_says_what_serves_now(swapped, retrained):
    answer = json.loads(swapped.answer.stdout)

    assert (swapped.answer.exit_code, answer["by"]) == (0, "healer")
    active = swapped.registry().active
    assert (answer["version"], answer["epoch"]) == (active.version, active.epoch)
    assert (active.version, active.backbone_hash) == ("base", retrained.hash)


def test_nothing_is_lost_and_each_prediction_is_that_of_the_model_its_epoch_names(
    swapped, retrained
):
    messages = swapped.read(swapped.topics.predictions)
    epoch = json.loads(swapped.answer.stdout)["epoch"]
    stamps = [
        [decode(Prediction, m.value).epoch for m in messages if m.partition == partition]
        for partition in (0, 1)
    ]

    assert sorted(each.id for each in swapped.predictions()) == sorted(swapped.traffic.ids)
    assert all(column == sorted(column) for column in stamps)
    assert all(column[0] < epoch == column[-1] for column in stamps)
    assert worst_error(swapped, retrained) < 1e-6


def test_every_service_tells_of_the_new_model(swapped, retrained, eventually):
    names = {"scorer-1", "scorer-2", "healer-1"}

    eventually(lambda: {t.instance for t in swapped.told(ModelSwapped)} == names, "all tell of it")

    events = [told.event for told in swapped.told(ModelSwapped)]
    assert {event.backbone_hash for event in events} == {retrained.hash}
    assert {event.previous_backbone_hash for event in events} == {swapped.model.hash}


def test_a_scorer_that_starts_later_with_the_old_folder_serves_the_new_model(
    swapped, retrained, eventually
):
    swapped.children[0].stop()  # so that there is a partition for the new one

    ready(swapped.start_scorer("scorer-3"))
    eventually(lambda: swapped.told(ModelSwapped, "scorer-3"), "it tells of the new model")

    (told,) = swapped.told(ModelSwapped, "scorer-3")
    assert told.event.backbone_hash == retrained.hash


def test_an_adapter_of_the_old_model_is_refused_by_the_healer_and_by_scorers(
    swapped, retrained, eventually
):
    result = operate(swapped, "activate", "v1")
    swapped.write(swapped.publisher.activate(swapped.registry(), "v1", "by mistake", 3_000))

    def refusing():
        told = swapped.told(SnapshotRefused)
        return {each.instance for each in told if each.event.reason == "other_backbone"}

    eventually(lambda: {"scorer-2", "scorer-3"} <= refusing(), "both say so")
    active = swapped.registry().active
    assert (result.exit_code, "other_backbone" in result.stderr) == (1, True)
    assert (active.version, active.backbone_hash) == ("base", retrained.hash)


def test_a_model_that_reads_other_fields_is_refused_before_anything_is_written(swapped, tmp_path):
    write_folder(tmp_path / "other", small_model())
    before = swapped.end_of(swapped.topics.adapters)

    result = operate(swapped, "publish-model", str(tmp_path / "other"))

    assert result.exit_code == 1
    assert "expected" in result.stderr
    assert "another --prefix" in result.stderr
    assert swapped.end_of(swapped.topics.adapters) == before


def later(records):
    """The same transactions, after all that were sent before."""
    for record in records:
        fields = orjson.loads(record.value)
        fields["timestamp"] += 60_000
        yield replace(record, value=orjson.dumps(fields))


def test_the_next_healer_heals_the_new_model_though_its_folder_is_the_old_one(
    swapped, retrained, eventually
):
    kill(next(child for child in swapped.children if child.name == "healer-1"))
    ready(swapped.start_healer("healer-2"))
    swapped.send(later(drifted(3_000).transactions(swapped.topics)))

    eventually(lambda: swapped.told(HealPublished, "healer-2"), "a heal")

    active = swapped.registry().active
    (began,) = swapped.told(ModelSwapped, "healer-2")
    assert began.event.backbone_hash == retrained.hash
    assert active.backbone_hash == retrained.hash
    assert swapped.registry().snapshot(active.version).info.backbone_hash == retrained.hash
