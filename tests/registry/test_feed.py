from dataclasses import replace

import pytest

from registry.acceptance import Acceptance
from registry.errors import Refusal
from registry.feed import AdapterFeed, Swap
from registry.record import RegistryRecord
from registry.refused_record import RefusedRecord
from selfheal.model.errors import AdapterError


@pytest.fixture
def feed(story):
    return AdapterFeed(story.acceptance)


def swaps(steps):
    return [(s.pointer.version, s.pointer.epoch) for s in steps if isinstance(s, Swap)]


def refusals(steps):
    return [step.kind for step in steps if isinstance(step, RefusedRecord)]


def test_nothing_is_served_before_the_first_pointer(feed, story):
    assert feed.update(story.keep()) == ()


def test_cold_start_with_a_long_history_swaps_once_to_the_newest(feed, story):
    for _ in range(5):
        story.publish()
    story.activate("v3")

    steps = feed.update(story.log)

    assert swaps(steps) == [("v3", 6)]
    assert steps[0].adapter.output.shift == -3.0


def test_records_one_by_one_swap_when_the_publication_is_complete(feed, story):
    story.publish()

    steps = [feed.update([record]) for record in story.log]

    assert [swaps(step) for step in steps] == [[], [("v1", 1)], []]


def test_base_is_served_without_an_adapter(feed, story):
    feed.update(story.publish())

    steps = feed.update(story.activate("base"))

    assert swaps(steps) == [("base", 2)]
    assert steps[0].adapter is None


def test_rollback_needs_nothing_but_its_pointer(feed, story):
    feed.update(story.publish())
    feed.update(story.publish())

    assert swaps(feed.update(story.activate("v1"))) == [("v1", 3)]


def test_same_version_with_a_new_threshold_is_a_swap(feed, story):
    feed.update(story.publish())

    steps = feed.update(story.activate("v1", threshold=0.9))

    assert steps[0].pointer.threshold == 0.9


def test_replayed_pointer_is_refused_and_nothing_is_swapped(feed, story):
    old = story.publish()[-1]
    story.publish()
    feed.update(story.log)

    steps = feed.update([old])

    assert (swaps(steps), refusals(steps)) == ([], [Refusal.OLD_EPOCH])


def test_epochs_never_go_back_when_the_served_snapshot_is_withdrawn(feed, story):
    story.publish()
    story.publish()
    feed.update(story.log)

    steps = feed.update(story.withdraw("snapshot/v2"))

    assert (swaps(steps), refusals(steps)) == ([], [Refusal.MISSING_SNAPSHOT])


def test_refusal_is_reported_once(feed, story):
    story.publish()
    snapshot, *pointers = story.publish()
    feed.update([*story.log[:3], *pointers])

    assert feed.update([RegistryRecord("rubbish", b"")]) == ()
    assert swaps(feed.update([snapshot])) == [("v2", 2)]


def test_adapter_of_another_shape_is_refused_and_the_older_version_stays(story):
    def fits(adapter):
        if adapter.alignment.scale[1] == 2.0:
            raise AdapterError("alignment has 2 features, expected 10")

    feed = AdapterFeed(replace(story.acceptance, fits=fits))
    first = feed.update(story.publish())

    second = feed.update(story.publish())

    assert swaps(first) == [("v1", 1)]
    assert (swaps(second), refusals(second)) == (
        [],
        [Refusal.OTHER_SHAPE, Refusal.MISSING_SNAPSHOT],
    )


def test_adapters_of_other_models_are_not_asked_to_fit(story):
    def fits(adapter):
        raise AdapterError("never")

    feed = AdapterFeed(Acceptance(story.verifier, "cd" * 32, fits))

    assert refusals(feed.update(story.publish())) == [Refusal.OTHER_BACKBONE]


def test_unsigned_publication_is_refused_record_by_record(feed, story):
    unsigned = replace(story.publisher, signer=None)

    steps = feed.update(unsigned.activate(story.view, "base", "no key", 1))

    assert (swaps(steps), refusals(steps)) == ([], [Refusal.UNSIGNED] * 2)


def test_refusal_says_where_and_why(feed):
    (refused,) = feed.update([RegistryRecord("active", b"{}", offset=17)])

    assert refused.message.startswith("adapters@17 (active): unsigned, expected one")
