"""Whatever is written to the topic, what served goes on serving, and the view says why."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.acceptance import Acceptance
from registry.errors import Refusal
from registry.record import RegistryRecord
from registry.signature import Signer, new_key
from registry.snapshot import dump_snapshot
from registry.view import KEPT_REFUSALS, RegistryView
from selfheal.records import encode

OTHER_BACKBONE = "cd" * 32


def kinds(view):
    return [refused.kind for refused in view.refused]


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
