from dataclasses import replace

import pytest

from registry.errors import RecordRefused, UnknownVersionError
from registry.model_record import dump_model
from registry.publish import Publisher
from tests.registry.small_models import small_model


def test_publication_is_snapshot_copy_and_pointer(story):
    records = story.publish()

    assert [record.key for record in records] == ["snapshot/v1", "pointer/1", "active"]
    assert records[1].value == records[2].value


def test_rollback_is_pointer_and_copy_alone(story):
    story.publish()

    assert [record.key for record in story.activate("base")] == ["pointer/2", "active"]


def test_copy_and_pointer_are_signed_apart(story):
    _, copy, pointer = story.publish()

    assert copy.headers != pointer.headers


def test_version_must_be_the_next_one(story, make_snapshot):
    story.publish()

    with pytest.raises(UnknownVersionError, match="v1: not the next version, expected v2"):
        story.publisher.publish(story.view, make_snapshot("v1"), "again", 1)


def test_version_of_another_model_is_not_activated(story):
    story.keep(backbone_hash="cd" * 32)

    with pytest.raises(UnknownVersionError, match="belongs to the model cdcdcdcdcdcd"):
        story.publisher.activate(story.view, "v1", "", 1)


def test_unknown_version_is_neither_activated_nor_pinned(story):
    with pytest.raises(UnknownVersionError, match="expected one of: none"):
        story.publisher.activate(story.view, "v1", "", 1)
    with pytest.raises(UnknownVersionError):
        story.publisher.pin(story.view, "v1", "", 1)


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan")])
def test_impossible_threshold_is_never_published(story, threshold):
    with pytest.raises(RecordRefused, match="threshold"):
        story.publisher.activate(story.view, "base", "", 1, threshold=threshold)


def test_base_keeps_its_own_threshold(story):
    publisher = replace(story.publisher, base_threshold=0.3)
    story.publish()

    story.append(publisher.activate(story.view, "base", "", 1))

    assert story.view.active.threshold == 0.3


def test_unpinning_what_is_not_pinned_writes_nothing(story):
    story.publish()

    assert story.publisher.unpin(story.view, "v1") == ()


def test_without_a_signer_records_are_unsigned(story):
    publisher = Publisher(None, story.publisher.backbone_hash)

    records = publisher.activate(story.view, "base", "", 1)

    assert all(record.headers == () for record in records)


def test_model_is_kept_under_its_hash_and_not_served(story):
    model = small_model()

    story.append(replace(story.publisher, backbone_hash=model.hash).keep_model(dump_model(model)))

    assert list(story.view.models) == [model.hash]
    assert story.view.active is None


def test_model_and_the_pointer_to_it_are_published_together(story):
    story.publish()

    records = story.succeed(small_model(threshold=0.3))

    keys = [record.key.partition("/")[0] for record in records]
    assert keys == ["model", "pointer", "active"]
    assert (story.view.active.version, story.view.active.threshold) == ("base", 0.3)
