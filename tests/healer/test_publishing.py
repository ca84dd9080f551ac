"""From a proposal to a snapshot, and from the registry's view to what serves."""

from dataclasses import replace

import numpy as np
import pytest

from healer.policy import GateFigures, Serving
from healer.publishing import serving_in, snapshot_of, versions_in
from registry.acceptance import Acceptance
from registry.publish import Publisher
from registry.snapshot import dump_snapshot, parse_snapshot
from registry.view import RegistryView
from tests.healer.script import GOOD, HELD

NOW_MS = 9_000
SERVED = Serving("v4", 7, threshold=0.35)


class Registry:
    """A registry that versions are published to."""

    def __init__(self, model):
        self.model = model
        self.publisher = Publisher(None, model.hash, model.threshold)
        self.view = RegistryView(Acceptance())

    def publish(self, proposal=GOOD, served=SERVED):
        version = self.view.next_version
        snapshot = snapshot_of(proposal, version, "drift", "selfheal", served, self.model, NOW_MS)
        self.add(self.publisher.publish(self.view, snapshot, "drift", NOW_MS))

    def point_to(self, version):
        self.add(self.publisher.activate(self.view, version, "operator", NOW_MS))

    def add(self, records):
        self.view = self.view.with_records(records)


@pytest.fixture
def registry(model) -> Registry:
    return Registry(model)


def test_a_snapshot_tells_the_story_of_its_heal(model):
    gate = GateFigures("promote", "better", loss_gain=0.02, accuracy=0.9, f1=None)
    proposal = replace(
        GOOD, gate=gate, first_event_ms=10, last_event_ms=20, tags=("post_heal",), regime={"a": 1.5}
    )

    snapshot = snapshot_of(proposal, "v5", "labels", "article", SERVED, model, NOW_MS)

    info = parse_snapshot(dump_snapshot(snapshot)).info
    assert (info.version, info.parent, info.policy, info.trigger) == (
        "v5",
        "v4",
        "article",
        "labels",
    )
    assert (info.backbone_hash, info.created_ms, info.tags) == (model.hash, NOW_MS, ("post_heal",))
    assert (info.window.first_event_ms, info.window.last_event_ms) == (10, 20)
    assert (info.window.rows, info.window.labelled_rows) == (400, 20)
    assert (info.gate["loss_gain"], info.gate["accuracy"], info.gate["f1"]) == (0.02, 0.9, None)


@pytest.mark.parametrize(("proposed", "kept"), [(None, 0.35), (0.6, 0.6)])
def test_a_heal_keeps_the_threshold_in_force_unless_it_proposes_one(model, proposed, kept):
    proposal = replace(GOOD, threshold=proposed)

    snapshot = snapshot_of(proposal, "v5", "drift", "selfheal", SERVED, model, NOW_MS)

    assert snapshot.info.threshold == kept


def test_a_heal_without_a_candidate_has_no_snapshot(model):
    with pytest.raises(ValueError, match="without a candidate"):
        snapshot_of(HELD, "v5", "drift", "selfheal", SERVED, model, NOW_MS)


def test_an_empty_registry_serves_the_backbone_alone(registry, model):
    served = serving_in(registry.view, model)

    assert (served.version, served.epoch, served.adapter) == ("base", 0, None)
    assert served.threshold == model.threshold
    assert versions_in(registry.view, model) == {}


def test_what_was_published_serves_with_its_regime(registry, model):
    registry.publish(replace(GOOD, regime={"prior": 0.2}))

    served = serving_in(registry.view, model)

    assert (served.version, served.epoch, served.threshold) == ("v1", 1, 0.35)
    assert served.adapter.output.shift == GOOD.adapter.output.shift
    np.testing.assert_array_equal(served.regime["prior"], 0.2)


def test_a_pointer_to_the_backbone_serves_no_adapter(registry, model):
    registry.publish()
    registry.point_to("base")

    served = serving_in(registry.view, model)

    assert (served.version, served.epoch, served.adapter) == ("base", 2, None)
    assert list(versions_in(registry.view, model)) == ["v1"]


def test_the_sixteen_newest_versions_could_serve(registry, model):
    for _ in range(18):
        registry.publish()

    assert list(versions_in(registry.view, model)) == [f"v{number}" for number in range(3, 19)]


def test_an_older_version_that_serves_could_go_on_serving(registry, model):
    for _ in range(18):
        registry.publish()
    registry.point_to("v1")

    names = list(versions_in(registry.view, model))

    assert names == ["v1", *(f"v{number}" for number in range(3, 19))]
