"""What an operator's command means for the registry as it stands."""

from itertools import pairwise

from registry.errors import UnknownVersionError
from registry.publish import Publisher
from registry.signature import Signer
from registry.view import RegistryView
from selfheal.records.adapters import BASE_VERSION

DEFAULT_THRESHOLD = 0.5


def publisher_in_service(view: RegistryView, signer: Signer | None) -> Publisher:
    """A publisher for the model that the registry serves: for whoever has no model at hand.

    The model is the active pointer's, or the newest snapshot's while there is none. "base" gets
    the threshold that it had last, or DEFAULT_THRESHOLD.
    Raises UnknownVersionError where nothing was ever published.
    """
    if view.active:
        backbone_hash = view.active.backbone_hash
    elif view.versions:
        backbone_hash = view.snapshot(view.versions[-1]).info.backbone_hash
    else:
        raise UnknownVersionError("the registry is empty: there is nothing to point to")
    thresholds = (
        pointer.threshold
        for pointer in view.pointers
        if pointer.version == BASE_VERSION and pointer.backbone_hash == backbone_hash
    )
    return Publisher(signer, backbone_hash, next(thresholds, DEFAULT_THRESHOLD))


def previous_version(view: RegistryView) -> str:
    """The version that served last before the active one, and is still to be had; else "base".

    For a rollback by hand where no healer can compare the candidates on labelled rows. What
    belongs to another model than the one in service is left out.
    """
    active = view.active
    if active is None:
        return BASE_VERSION
    earlier = (
        pointer.version
        for pointer in view.pointers
        if pointer.epoch < active.epoch
        and pointer.version != active.version
        and pointer.backbone_hash == active.backbone_hash
        and view.fault(pointer) is None
    )
    return next(earlier, BASE_VERSION)


def missing_epochs(view: RegistryView) -> tuple[int, ...]:
    """Epochs between the oldest and the newest pointer whose copy is gone, 100 of a gap at most.

    Clean-up takes the oldest alone, so a gap means that somebody else removed a copy.
    """
    epochs = sorted(pointer.epoch for pointer in view.pointers)
    # A gap is cut short: where signatures are not checked, one forged epoch could fill memory.
    gaps = [range(low + 1, min(high, low + 101)) for low, high in pairwise(epochs)]
    return tuple(epoch for gap in gaps for epoch in gap)
