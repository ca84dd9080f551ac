"""The published recipe on its own stream: scorer, registry and healer in one process."""

import numpy as np
import pytest

from selfheal.model.compiled import compile_model
from selfheal.records.healing_events import (
    BatchJudged,
    DriftDetected,
    HealPublished,
    HealStarted,
    StateChanged,
    VersionRolledBack,
)
from tests.healer.article_run import BATCH, Run


@pytest.fixture(scope="module")
def run(model, article_stream) -> Run:
    return Run(model, article_stream)


def test_the_drift_alarms_and_heals_batch_after_batch(run):
    assert run.told(DriftDetected)[-1].features == ("V14",)
    assert len(run.told(HealPublished)) == len(run.told(HealStarted)) >= 5


def test_before_and_after_every_heal_there_is_a_version_to_go_back_to(run):
    published = run.told(HealPublished)

    assert [heal.version for heal in published] == [f"v{n + 1}" for n in range(len(published))]
    assert published[0].parent == "base"
    assert all(heal.parent in run.adapters for heal in published[1:])
    assert {heal.version for heal in published} == set(run.adapters)


def test_every_version_changes_the_reflexive_layer_and_nothing_else(run):
    for stored in run.adapters.values():
        adapter = stored.adapter
        assert list(adapter.latents) == ["backbone"]
        assert (adapter.alignment, adapter.head, adapter.output) == (None, None, None)


def test_a_heal_serves_from_the_batch_after_the_one_that_set_it_off(run):
    published = next(e for e in run.system.events if isinstance(e, HealPublished))
    before = run.system.events[: run.system.events.index(published)]
    batches = sum(isinstance(event, BatchJudged) for event in before)

    assert run.versions[: batches + 1] == ["base"] * batches + ["v1"]


def test_rollbacks_restore_the_post_heal_version_with_the_best_f1_and_never_the_clean_weights(run):
    best, restored = {}, []
    for event in run.system.events:
        if isinstance(event, HealPublished):
            best[event.version] = event.f1
        if isinstance(event, VersionRolledBack):
            restored.append(event.version)
            assert event.version == max(best, key=best.get)
            assert (event.f1_drop or 0.0) > 0.08 or (event.accuracy_drop or 0.0) > 0.10

    assert restored
    assert "base" not in restored


def test_the_states_are_the_published_ones_in_their_order(run):
    ways = {(change.previous_state, change.state) for change in run.told(StateChanged)}

    assert {
        ("HEALTHY", "DRIFTING"),
        ("DRIFTING", "HEALING"),
        ("HEALING", "HEALTHY"),
        ("HEALTHY", "ROLLED_BACK"),
        ("ROLLED_BACK", "HEALING"),
    } <= ways


def test_the_shadow_is_the_frozen_backbone_to_the_end(run, model):
    last = run.system.healer.window.newest(BATCH)

    frozen = compile_model(model).score(last.values)
    np.testing.assert_array_equal(last.shadow_score, frozen.score)
    assert np.abs(last.score - last.shadow_score).max() > 0.05
