"""Every kind of bad publication, written to the topic: refused, and what served goes on serving."""

from dataclasses import replace

import numpy as np
import pytest

from registry.errors import Refusal
from registry.feed import AdapterFeed, Swap
from registry.publish import Publisher
from registry.refused_record import RefusedRecord
from registry.signature import Signer, new_key
from registry.snapshot import MAX_SNAPSHOT_BYTES, hash_of
from registry.topic import RegistryWriter, registry_records
from selfheal.bus.reader import LogReader
from selfheal.bus.topics import Topics
from selfheal.model.errors import AdapterError
from selfheal.model.weights import dump, load
from selfheal.records import decode, encode
from selfheal.records.adapters import Pointer


def unsigned(registry, publication):
    return [replace(record, headers=()) for record in publication]


def by_a_stranger(registry, publication):
    stranger = Signer.from_pem(new_key().private_pem)
    return [
        replace(record, headers=stranger.sign(record.key, record.value)) for record in publication
    ]


def truncated(registry, publication):
    snapshot, *pointers = publication
    return [replace(snapshot, value=snapshot.value[:-1]), *pointers]


def flipped(registry, publication):
    snapshot, *pointers = publication
    value = snapshot.value[:-1] + bytes([snapshot.value[-1] ^ 1])
    return [replace(snapshot, value=value), *pointers]


def with_value(registry, publication, value):
    """The publication of other bytes, signed as well and truly as the healer could."""
    pointer = replace(decode(Pointer, publication[-1].value), snapshot_hash=hash_of(value))
    values = [value, encode(pointer), encode(pointer)]
    sign = registry.publisher.signer.sign
    return [
        replace(record, value=value, headers=sign(record.key, value))
        for record, value in zip(publication, values, strict=True)
    ]


def signed_but_truncated(registry, publication):
    return with_value(registry, publication, publication[0].value[:-1])


def with_nan(registry, publication):
    arrays, metadata = load(publication[0].value)
    arrays["adapter.output.shift"] = np.array(np.nan)
    return with_value(registry, publication, dump(arrays, metadata))


def of_absurd_size(registry, publication):
    return with_value(registry, publication, bytes(MAX_SNAPSHOT_BYTES + 1))


def for_another_model(registry, publication):
    publisher = replace(registry.publisher, backbone_hash="cd" * 32)
    return publisher.activate(registry.read(), "base", "another model", 2_000)


def with_another_snapshot_s_hash(registry, publication):
    _, *pointers = with_value(registry, publication, b"another")
    return [publication[0], *pointers]


def replayed(registry, publication):
    """The first pointer of all, once more."""
    with LogReader(registry.bus, [Topics(registry.bus.prefix).adapters]) as reader:
        records = registry_records(reader.read_to_end())
    return [next(record for record in records if record.key == "active")]


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (unsigned, Refusal.UNSIGNED),
        (by_a_stranger, Refusal.UNKNOWN_KEY),
        (truncated, Refusal.BAD_SIGNATURE),
        (flipped, Refusal.BAD_SIGNATURE),
        (signed_but_truncated, Refusal.NOT_A_SNAPSHOT),
        (with_nan, Refusal.NOT_FINITE),
        (of_absurd_size, Refusal.TOO_LARGE),
        (for_another_model, Refusal.OTHER_BACKBONE),
        (with_another_snapshot_s_hash, Refusal.WRONG_HASH),
        (replayed, Refusal.OLD_EPOCH),
    ],
)
def test_bad_publication_is_refused_and_what_served_stays(registry, eventually, damage, kind):
    view = registry.publish(0.5, 0.6)
    with LogReader(registry.bus, [Topics(registry.bus.prefix).adapters]) as reader:
        feed = AdapterFeed(replace(registry.acceptance, backbone_hash=view.active.backbone_hash))
        before = feed.update(registry_records(reader.read_to_end()))

        with RegistryWriter(registry.bus) as writer:
            writer.write(damage(registry, registry.publication(view)))
        after = []

        def is_refused():
            # The broker ends a transaction in every partition a moment after it says so.
            after.extend(feed.update(registry_records(reader.read_to_end())))
            return kind in {step.kind for step in after if isinstance(step, RefusedRecord)}

        eventually(is_refused, f"refused as {kind}")

    assert [step.pointer.version for step in before if isinstance(step, Swap)] == ["v2"]
    assert not [step for step in after if isinstance(step, Swap)]
    assert feed.view.active.version == "v2"


def test_adapter_of_another_shape_is_refused_and_what_served_stays(registry):
    def fits(adapter):
        if adapter.output.shift > 0.6:
            raise AdapterError("output.skip has 9 columns, expected 10")

    registry.publish(0.5, 0.7)
    backbone_hash = registry.read().active.backbone_hash
    feed = AdapterFeed(replace(registry.acceptance, backbone_hash=backbone_hash, fits=fits))

    with LogReader(registry.bus, [Topics(registry.bus.prefix).adapters]) as reader:
        steps = feed.update(registry_records(reader.read_to_end()))

    assert [step.kind for step in steps if isinstance(step, RefusedRecord)] == [
        Refusal.OTHER_SHAPE,
        Refusal.MISSING_SNAPSHOT,
    ]
    assert [step.pointer.version for step in steps if isinstance(step, Swap)] == ["v1"]


def test_healer_s_next_publication_replaces_what_was_refused(registry):
    view = registry.publish(0.5)
    with RegistryWriter(registry.bus) as writer:
        writer.write(unsigned(registry, registry.publication(view)))

    healed = registry.publish(0.8)

    assert (healed.active.version, healed.active.epoch) == ("v2", 2)
    assert registry.read().active == healed.active


def test_publisher_without_a_key_convinces_no_scorer(registry):
    publisher = Publisher(None, registry.publisher.backbone_hash)

    registry.change(lambda view: publisher.activate(view, "base", "", 1))

    assert registry.read().active is None
