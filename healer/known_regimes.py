"""Has a regime come back that a version was made for? Then that version serves at once."""

from healer.alignment import MOVED
from healer.policy import Evidence
from healer.regime import Regime, worst_distance
from selfheal.drift.change_window import NEWEST_ROWS
from selfheal.model.adapter import Adapter
from selfheal.records.adapters import BASE_VERSION

_NEARER = 0.5
"""Standard errors by which rows must be nearer to a known regime than to the one that serves."""


def known_version(evidence: Evidence, rows: int = NEWEST_ROWS) -> str | None:
    """The version whose regime the newest rows fit, the best one; "base" for the first regime.

    rows: newest ones that do not look like the serving version's regime. These must look more like
    the found one's: a hundred rows fit many regimes that are near each other, and versions that
    labels taught may share the inputs of another one, so that no input tells which is right.
    None where they fit none but, perhaps, that of the serving version.
    """
    newest = evidence.window.newest(evidence.settings.window_rows).in_event_order()
    values = newest.newest(NEWEST_ROWS).values
    if len(values) < NEWEST_ROWS:
        return None
    model, served = evidence.model, evidence.served
    known: dict[str, tuple[Regime | None, Adapter | None]] = {BASE_VERSION: (None, None)}
    for version, stored in evidence.versions.items():
        if (regime := Regime.read(stored.regime)) is not None:
            known[version] = (regime, stored.adapter)
    known.pop(served.version, None)
    found = {name: worst_distance(values, *each, model) for name, each in known.items()}
    best = min(found, key=lambda version: found[version], default=None)
    if best is None or found[best] > MOVED:
        return None
    strange = newest.newest(rows).values
    here = worst_distance(strange, Regime.read(served.regime), served.adapter, model)
    return best if worst_distance(strange, *known[best], model) < here - _NEARER else None
