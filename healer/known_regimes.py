"""Has a regime come back that a version was made for? Then that version serves at once."""

from healer.alignment import MOVED
from healer.policy import Evidence
from healer.regime import Regime, worst_distance
from selfheal.drift.change_window import NEWEST_ROWS
from selfheal.records.adapters import BASE_VERSION


def known_version(evidence: Evidence) -> str | None:
    """The version whose regime the newest rows fit, the best one; "base" for the first regime.

    None where they fit none but, perhaps, that of the serving version.
    """
    rows = evidence.window.newest(evidence.settings.window_rows).in_event_order()
    values = rows.newest(NEWEST_ROWS).values
    if len(values) < NEWEST_ROWS:
        return None
    found = {BASE_VERSION: worst_distance(values, None, None, evidence.model)}
    for version, stored in evidence.versions.items():
        if version != evidence.served.version and (known := Regime.read(stored.regime)):
            found[version] = worst_distance(values, known, stored.adapter, evidence.model)
    if evidence.served.version == BASE_VERSION:
        del found[BASE_VERSION]
    best = min(found, key=lambda version: found[version], default=None)
    return best if best is not None and found[best] <= MOVED else None
