"""One model after another in service: which one a pointer is for, and since when it serves.

A model goes into service by a pointer to "base". An adapter is only ever followed while its own
model is in service, so that no pointer can bring back what was made for the model before.
"""

from collections.abc import Callable, Sequence

from selfheal.records import Pointer
from selfheal.records.adapters import BASE_VERSION


def model_before(
    pointer: Pointer, pointers: Sequence[Pointer], is_known: Callable[[str], bool]
) -> str | None:
    """Backbone hash of the model that was in service when this pointer came.

    pointers: newest first; is_known: whether the reader has the model of a hash
    None where no earlier pointer put one into service, or its copy was cleaned up.
    """
    return next(
        (
            earlier.backbone_hash
            for earlier in pointers
            if earlier.epoch < pointer.epoch
            and earlier.version == BASE_VERSION
            and is_known(earlier.backbone_hash)
        ),
        None,
    )


def in_service_since(
    active: Pointer, pointers: Sequence[Pointer], is_known: Callable[[str], bool]
) -> int:
    """The epoch at which the active pointer's model followed on another one.

    pointers, is_known: as for `model_before`
    0 where no other model is known to have served.
    """
    since = active.epoch
    for pointer in pointers:
        is_entry = pointer.version == BASE_VERSION and is_known(pointer.backbone_hash)
        if pointer.epoch > active.epoch or not is_entry:
            continue
        if pointer.backbone_hash != active.backbone_hash:
            return since
        since = pointer.epoch
    return 0
