"""Do adapters and models that came over the topic fit? After compaction either may come first."""

from collections.abc import Mapping

from registry.acceptance import StoredSnapshot, require_fit
from registry.errors import RecordRefused
from registry.record import model_key
from registry.stored_model import StoredModel


def check_fit(snapshot: StoredSnapshot, items: Mapping[str, object]) -> None:
    """Ask the snapshot's model, where it came before. Raises RecordRefused."""
    model = items.get(model_key(snapshot.info.backbone_hash))
    if isinstance(model, StoredModel) and model.fits:
        require_fit(snapshot, model.fits)


def misfits(model: StoredModel, items: Mapping[str, object]) -> dict[str, RecordRefused]:
    """Versions that came before their model and that it cannot carry, and why."""
    found: dict[str, RecordRefused] = {}
    for item in items.values():
        if isinstance(item, StoredSnapshot) and item.info.backbone_hash == model.model.hash:
            try:
                if model.fits:
                    require_fit(item, model.fits)
            except RecordRefused as refused:
                found[item.info.version] = refused
    return found
