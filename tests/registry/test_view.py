from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.acceptance import Acceptance
from registry.errors import Refusal, UnknownVersionError
from registry.record import RegistryRecord
from registry.signature import Signer, new_key
from registry.snapshot import dump_snapshot
from registry.view import KEPT_REFUSALS, RegistryView
from selfheal.records import encode

OTHER_BACKBONE = "cd" * 32


def kinds(view):
    return [refused.kind for refused in view.refused]


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


def test_unknown_keys_are_counted_and_ignored(story):
    story.append([RegistryRecord("rubbish", b"x"), RegistryRecord("snapshot/v01", None)])

    assert (story.view.unknown_keys, story.view.refusals) == (2, 0)


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (lambda r: replace(r, headers=()), Refusal.UNSIGNED),
        (lambda r: replace(r, value=r.value[:-9]), Refusal.BAD_SIGNATURE),
        (lambda r: replace(r, value=r.value[:-1] + b"\x01"), Refusal.BAD_SIGNATURE),
        (lambda r: replace(r, value=None), Refusal.BAD_SIGNATURE),
        (lambda r: replace(r, value=bytes(2**24)), Refusal.TOO_LARGE),
        (lambda r: replace(r, value=None, headers=()), Refusal.UNSIGNED),
    ],
)
def test_damaged_record_is_refused_and_the_serving_version_stays(story, damage, kind):
    snapshot, _, pointer = story.publish()

    for record in (snapshot, pointer):
        story.append([damage(record)])

    assert kinds(story.view) == [kind, kind]
    assert story.view.active.version == "v1"
    assert story.view.versions == ("v1",)


def test_damage_is_noticed_where_signatures_are_not_demanded(story):
    snapshot, *pointers = story.publish()
    flipped = replace(snapshot, value=snapshot.value[:-1] + bytes([snapshot.value[-1] ^ 1]))
    truncated = replace(snapshot, value=snapshot.value[:-1])

    flipped_view = RegistryView().with_records([flipped, *pointers])
    truncated_view = RegistryView().with_records([truncated, *pointers])

    assert [held.kind for held in flipped_view.held] == [Refusal.WRONG_HASH]
    assert kinds(truncated_view) == [Refusal.NOT_A_SNAPSHOT]
    assert (flipped_view.active, truncated_view.active) == (None, None)


def test_record_signed_by_a_stranger_is_refused(story):
    story.publish()
    stranger = replace(story.publisher, signer=Signer.from_pem(new_key().private_pem))

    story.append(stranger.activate(story.view, "base", "mine now", 1))

    assert kinds(story.view) == [Refusal.UNKNOWN_KEY] * 2
    assert story.view.active.version == "v1"


def test_record_moved_to_another_key_is_refused(story):
    story.publish()
    story.publish()

    copy = next(record for record in story.log if record.key == "pointer/1")
    story.append([replace(copy, key="active")])

    assert kinds(story.view) == [Refusal.BAD_SIGNATURE]
    assert story.view.active.version == "v2"


def test_misplaced_record_is_refused_where_signatures_are_not_demanded(story):
    story.publish()
    unsigned = RegistryView()
    moved = [
        replace(record, key=key)
        for record, key in zip(story.log, ["snapshot/v9", "pointer/9", "active"], strict=True)
    ]

    view = unsigned.with_records(moved)

    assert kinds(view) == [Refusal.MISPLACED, Refusal.MISPLACED]


def test_replayed_pointer_is_refused(story):
    _, _, old = story.publish()
    story.publish()

    story.append([old])

    assert kinds(story.view) == [Refusal.OLD_EPOCH]
    assert story.view.active.version == "v2"


def test_replayed_pointer_does_not_deceive_a_reader_that_starts_cold(story):
    _, _, old = story.publish()
    story.publish()
    story.append([old])
    compacted = {record.key: record for record in story.log}

    view = RegistryView(story.acceptance).with_records(
        sorted(compacted.values(), key=lambda record: record.offset)
    )

    assert kinds(view) == [Refusal.OLD_EPOCH]
    assert view.active.version == "v2"


def test_second_pointer_of_an_epoch_is_refused(story):
    story.publish()
    before = story.view
    story.activate("base")

    story.append(story.publisher.activate(before, "v1", "a second writer", 99_000))

    assert kinds(story.view) == [Refusal.OLD_EPOCH] * 2
    assert story.view.active.version == "base"


def test_withdrawn_active_pointer_is_refused(story):
    story.publish()

    story.withdraw("active")

    assert kinds(story.view) == [Refusal.NOT_A_POINTER]
    assert story.view.active.version == "v1"


def test_pointer_that_names_another_signer_is_refused(story):
    pointer = story.publisher.activate(story.view, "base", "", 1)[1]
    forged = pointer.value.replace(story.pair.key_id.encode(), b"0" * 16)

    story.append([RegistryRecord("active", forged, story.signer.sign("active", forged))])

    assert kinds(story.view) == [Refusal.BAD_SIGNATURE]


@pytest.mark.parametrize(
    "changes", [{"snapshot_hash": ""}, {"version": "latest"}, {"epoch": 10**18}, {"threshold": 2.0}]
)
def test_impossible_pointer_is_refused(story, changes):
    story.publish()
    value = encode(replace(story.view.active, **{"epoch": 2, **changes}))

    story.append([RegistryRecord("active", value, story.signer.sign("active", value))])

    assert kinds(story.view) == [Refusal.NOT_A_POINTER]


def test_pointer_without_its_snapshot_is_held_until_it_comes(story, make_snapshot):
    story.publish()
    snapshot, copy, pointer = story.publisher.publish(
        story.view, make_snapshot("v2"), "healed", 11_000
    )

    story.append([copy, pointer])
    waiting = story.view
    story.append([snapshot])

    assert waiting.active.version == "v1"
    assert [held.kind for held in waiting.held] == [Refusal.MISSING_SNAPSHOT]
    assert story.view.active.version == "v2"
    assert story.view.held == ()


def test_pointer_that_names_another_snapshot_is_held(story, make_snapshot):
    story.publish()
    story.publish()
    other = dump_snapshot(make_snapshot("v2", policy="another"))

    story.append([RegistryRecord("snapshot/v2", other, story.signer.sign("snapshot/v2", other))])

    assert [held.kind for held in story.view.held] == [Refusal.WRONG_HASH]
    assert story.view.active.version == "v1"


def test_pointer_for_another_model_is_held(story):
    story.publish()
    other = replace(story.publisher, backbone_hash=OTHER_BACKBONE)

    story.append(other.activate(story.view, "base", "new model", 11_000))

    assert [held.kind for held in story.view.held] == [Refusal.OTHER_BACKBONE]
    assert story.view.active.version == "v1"
    assert story.view.next_epoch == 3


def test_number_of_kept_refusals_is_bounded(story):
    story.append([RegistryRecord("active", b"x")] * (KEPT_REFUSALS + 50))

    assert story.view.refusals == KEPT_REFUSALS + 50
    assert len(story.view.refused) == KEPT_REFUSALS


def test_views_of_the_past_do_not_change(story):
    story.publish()
    before = story.view

    story.publish()

    assert before.active.version == "v1"


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


@given(
    records=st.lists(
        st.builds(
            RegistryRecord,
            st.sampled_from(["active", "snapshot/v1", "pointer/1", "pin/v1", "model/x", ""]),
            st.none() | st.binary(max_size=60) | st.just(b"{}"),
            st.lists(
                st.tuples(
                    st.sampled_from(["selfheal-key-id", "selfheal-signature"]),
                    st.none() | st.binary(max_size=70),
                ),
                max_size=3,
            ).map(tuple),
        ),
        max_size=8,
    )
)
def test_whatever_is_written_a_view_never_breaks(verifier, records):
    unsigned = RegistryView(Acceptance()).with_records(records)
    signed = RegistryView(Acceptance(verifier)).with_records(records)

    assert unsigned.active is None
    assert signed.items == {}
