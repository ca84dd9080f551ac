import pytest

from registry.cleanup import CLOCK_MARGIN_MS, Retention, superfluous_keys

AGES = 10 * CLOCK_MARGIN_MS


@pytest.fixture
def old_story(story):
    """v1 to v5, each served once long ago; v5 still serves."""
    for f1 in (0.5, 0.6, 0.5, 0.5, 0.5):
        story.publish(gate={"f1": f1})
    story.now_ms = AGES
    return story


def removed(story, **how):
    keys = superfluous_keys(story.view, Retention(AGES, **how))
    return [key for key in keys if key.startswith("snapshot/")]


def test_old_versions_go_and_the_best_and_the_active_stay(old_story):
    assert removed(old_story) == ["snapshot/v1", "snapshot/v3", "snapshot/v4"]


def test_pinned_version_stays(old_story):
    old_story.pin("v1")

    assert removed(old_story) == ["snapshot/v3", "snapshot/v4"]


def test_version_of_a_known_regime_stays(old_story):
    assert removed(old_story, regimes=["v3"]) == ["snapshot/v1", "snapshot/v4"]


def test_version_that_a_kept_prediction_may_name_stays(old_story):
    old_story.activate("v1")
    old_story.activate("v5")

    assert removed(old_story) == ["snapshot/v3", "snapshot/v4"]


def test_newest_version_stays_so_that_its_name_is_not_given_again(old_story):
    old_story.activate("v4")
    old_story.now_ms = 2 * AGES
    old_story.activate("v2")

    keys = superfluous_keys(old_story.view, Retention(4 * AGES))

    assert "snapshot/v5" not in keys
    assert "snapshot/v4" in keys


def test_young_version_that_never_served_stays(old_story):
    old_story.keep()
    old_story.publish()

    assert "snapshot/v6" not in removed(old_story)


def test_everything_stays_while_nothing_is_active(story):
    story.keep()
    story.keep()

    assert superfluous_keys(story.view, Retention(AGES)) == ()


def test_oldest_history_goes_beyond_its_limit(old_story):
    keys = superfluous_keys(old_story.view, Retention(AGES, history_limit=2))

    assert [key for key in keys if key.startswith("pointer/")] == [
        "pointer/1",
        "pointer/2",
        "pointer/3",
    ]


def test_cleaned_registry_serves_the_same(old_story):
    before = old_story.view.active

    old_story.withdraw(*superfluous_keys(old_story.view, Retention(AGES, history_limit=1)))

    assert old_story.view.active == before
    assert old_story.view.versions == ("v2", "v5")
    assert old_story.view.next_version == "v6"
    assert superfluous_keys(old_story.view, Retention(AGES, history_limit=1)) == ()
