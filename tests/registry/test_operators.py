import pytest

from registry.errors import UnknownVersionError
from registry.operators import missing_epochs, previous_version, publisher_in_service


def test_publisher_is_for_the_model_in_service(story):
    story.publish()
    story.activate("base", threshold=0.25)
    story.activate("v1")

    publisher = publisher_in_service(story.view, story.signer)

    assert publisher.backbone_hash == story.publisher.backbone_hash
    assert publisher.base_threshold == 0.25


def test_publisher_takes_the_newest_snapshot_s_model_before_the_first_pointer(story):
    story.keep()

    publisher = publisher_in_service(story.view, None)

    assert (publisher.backbone_hash, publisher.base_threshold) == (
        story.publisher.backbone_hash,
        0.5,
    )


def test_empty_registry_has_nothing_to_point_to(story):
    with pytest.raises(UnknownVersionError, match="the registry is empty"):
        publisher_in_service(story.view, None)


def test_previous_version_is_the_one_that_served_before(story):
    story.publish()
    story.publish()
    story.activate("v2", threshold=0.9)

    assert previous_version(story.view) == "v1"


def test_previous_version_that_was_cleaned_up_is_passed_over(story):
    story.publish()
    story.publish()
    story.publish()

    story.withdraw("snapshot/v2")

    assert previous_version(story.view) == "v1"


def test_before_the_first_version_there_is_the_base(story):
    before = previous_version(story.view)
    story.publish()

    assert (before, previous_version(story.view)) == ("base", "base")


def test_missing_copy_in_the_middle_of_the_history_is_noticed(story):
    for _ in range(4):
        story.publish()

    story.withdraw("pointer/2")

    assert missing_epochs(story.view) == (2,)


def test_history_cut_at_its_oldest_end_has_no_gap(story):
    story.publish()
    story.publish()

    story.withdraw("pointer/1")

    assert missing_epochs(story.view) == ()
