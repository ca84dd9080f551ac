"""Which records of `adapters` nobody needs any more."""

from collections.abc import Collection
from dataclasses import dataclass
from math import inf

from registry.record import model_key, pointer_key, snapshot_key, version_number
from registry.view import RegistryView
from selfheal.records.adapters import BASE_VERSION

CLOCK_MARGIN_MS = 3_600_000
"""Clocks may be askew by an hour, and a slow scorer follows a pointer late."""


@dataclass(frozen=True, slots=True)
class Retention:
    """What is to be kept beside what is active, pinned or best.

    oldest_prediction_ms: predictions made before this time are gone from their topic (Unix ms)
    history_limit:        newest pointer copies that are kept however old
    regimes:              versions that serve a known regime, to be had back when it returns
    """

    oldest_prediction_ms: int
    history_limit: int = 1000
    regimes: Collection[str] = ()


def superfluous_keys(view: RegistryView, retention: Retention) -> tuple[str, ...]:
    """Keys to withdraw: snapshots and models that no kept prediction needs, the oldest history.

    A snapshot stays while it is active, waited for, pinned, the best, of a known regime, the
    newest (its number must not be given again), or younger than the oldest prediction; so does
    one that served after that, as every prediction must be open to recomputation.
    """
    if view.active is None:
        return ()
    oldest_ms = retention.oldest_prediction_ms - CLOCK_MARGIN_MS
    kept = {view.active.version, *view.pins, *retention.regimes}
    kept |= {held.version for held in view.held}
    kept |= {view.best or BASE_VERSION, max(view.versions, key=version_number, default="")}
    kept |= {
        served.pointer.version
        for served in view.history
        if served.until_ms is None or served.until_ms >= oldest_ms
    }
    snapshots = [
        snapshot_key(version)
        for version in view.versions
        if version not in kept and view.snapshot(version).info.created_ms < oldest_ms
    ]
    old = _old_history(view, oldest_ms, retention.history_limit)
    return (*snapshots, *_old_models(view, oldest_ms), *old)


def _old_models(view: RegistryView, oldest_ms: int) -> list[str]:
    """Models that served, all before `oldest_ms`, but for the last one before that in service."""
    ends_ms: dict[str, float] = {}
    for served in view.history:  # oldest first, so that the models come in their order too
        backbone_hash = served.pointer.backbone_hash
        ends_ms.pop(backbone_hash, None)
        ends_ms[backbone_hash] = inf if served.until_ms is None else served.until_ms
    earlier = [name for name in ends_ms if name in view.models][:-2]
    return [model_key(name) for name in earlier if ends_ms[name] < oldest_ms]


def _old_history(view: RegistryView, oldest_ms: int, limit: int) -> list[str]:
    """Copies beyond the newest `limit` whose time in force ended before `oldest_ms`.

    Taken from the oldest end only: a gap in the middle would make the ends of service wrong.
    """
    old: list[str] = []
    for served in view.history[: max(0, len(view.history) - limit)]:
        if served.until_ms is None or served.until_ms >= oldest_ms:
            break
        old.append(pointer_key(served.pointer.epoch))
    return old
