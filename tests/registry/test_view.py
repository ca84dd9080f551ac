import pytest

from registry.errors import UnknownVersionError
from registry.view import RegistryView

OTHER_BACKBONE = "cd" * 32


def test_empty_registry_serves_nothing_and_starts_at_one():
    view = RegistryView()

    assert (view.active, view.versions, view.history, view.best) == (None, (), (), None)
    assert (view.next_version, view.next_epoch) == ("v1", 1)


def test_published_version_is_active(story):
    story.publish()

    assert story.view.active.version == "v1"
    assert story.view.active.epoch == 1
    assert story.view.active.threshold == 0.4
    assert story.view.snapshot("v1").key_id == story.pair.key_id
    assert story.view.refusals == 0


def test_kept_version_is_not_active(story):
    story.keep()

    assert (story.view.versions, story.view.active) == (("v1",), None)


def test_rollback_counts_an_epoch_and_brings_the_old_version_back(story):
    story.publish()
    story.publish()

    story.activate("v1", reason="v2 harms")

    assert (story.view.active.version, story.view.active.epoch) == ("v1", 3)


def test_history_says_what_served_when(story):
    story.publish()
    story.publish()
    story.activate("base")

    served = [(s.pointer.version, s.from_ms, s.until_ms) for s in story.view.history]

    assert served == [("v1", 10_000, 11_000), ("v2", 11_000, 12_000), ("base", 12_000, None)]


def test_version_names_are_never_used_twice(story):
    story.publish()
    story.publish()
    story.activate("v1")

    story.withdraw("snapshot/v2")

    assert story.view.versions == ("v1",)
    assert story.view.next_version == "v3"


def test_pin_holds_until_it_is_withdrawn(story):
    story.publish()
    story.pin("v1")
    pinned = dict(story.view.pins)

    story.unpin("v1")

    assert list(pinned) == ["v1"]
    assert not story.view.pins


def test_lineage_follows_parents_to_the_base(story):
    story.publish()
    story.publish(parent="v1")
    story.publish(parent="v2")

    assert story.view.lineage("v3") == ("v3", "v2", "v1", "base")
    assert story.view.lineage("base") == ("base",)


def test_lineage_ends_at_a_version_that_was_cleaned_up(story):
    story.publish()
    story.publish(parent="v1")

    story.withdraw("snapshot/v1")

    assert story.view.lineage("v2") == ("v2", "v1")


def test_unknown_version_is_named_with_those_that_exist(story):
    story.publish()

    with pytest.raises(UnknownVersionError, match="v7: no such version, expected one of: v1"):
        story.view.snapshot("v7")


def test_best_is_the_post_heal_version_with_the_greatest_gate_f1(story):
    story.publish(gate={"f1": 0.5})
    story.publish(gate={"f1": 0.8})
    story.publish(gate={"f1": 0.8})
    story.publish(gate={"f1": 0.99}, tags=("pre_heal",))
    story.publish(gate={"f1": None})

    assert story.view.best == "v2"


def test_best_leaves_out_versions_of_other_models(story):
    story.publish(gate={"f1": 0.5})
    story.keep(gate={"f1": 0.9}, backbone_hash=OTHER_BACKBONE)

    assert story.view.best == "v1"


def test_views_of_the_past_do_not_change(story):
    story.publish()
    before = story.view

    story.publish()

    assert before.active.version == "v1"
