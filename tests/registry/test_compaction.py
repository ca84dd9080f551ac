"""What a log says does not depend on how far Kafka has compacted it, nor on how it is read."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.view import RegistryView

DEEDS = st.lists(
    st.sampled_from(["publish", "keep", "base", "first", "pin", "unpin", "withdraw"]), max_size=12
)


def act(story, deed):
    versions = story.view.versions
    if deed in ("publish", "keep"):
        getattr(story, deed)()
    elif deed == "base":
        story.activate("base")
    elif versions and deed == "first":
        story.activate(versions[0])
    elif versions and deed == "pin":
        story.pin(versions[-1])
    elif versions and deed == "unpin":
        story.unpin(versions[-1])
    elif len(versions) > 2 and deed == "withdraw":
        story.withdraw(f"snapshot/{versions[-2]}")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deeds=DEEDS, data=st.data())
def test_any_compaction_in_any_portions_gives_the_same_view(story_type, deeds, data):
    story = story_type()
    for deed in deeds:
        act(story, deed)

    newest = {record.key: record.offset for record in story.log}
    kept = [
        record
        for record in story.log
        if record.offset == newest[record.key] or data.draw(st.booleans())
    ]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(kept)), max_size=3)))
    view = RegistryView(story.acceptance)
    for start, end in zip([0, *cuts], [*cuts, len(kept)], strict=True):
        view = view.with_records(kept[start:end])

    assert view == story.view


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deeds=DEEDS, data=st.data())
def test_keys_in_any_order_give_the_same_registry(story_type, deeds, data):
    story = story_type()
    for deed in deeds:
        act(story, deed)

    compacted = {record.key: record for record in story.log}
    shuffled = data.draw(st.permutations(list(compacted.values())))
    view = RegistryView(story.acceptance).with_records(shuffled)

    assert view.items == story.view.items
    assert (view.active, view.history, view.best) == (
        story.view.active,
        story.view.history,
        story.view.best,
    )
