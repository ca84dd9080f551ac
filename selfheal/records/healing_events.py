"""What the healer tells: drift, heals, the gate, versions, thresholds, labels, commands.

The meaning of every field is in `event_fields.FIELDS`. Figures that labels are needed for are
None where there were none.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from selfheal.records.event_fields import (
    Count,
    DriftKind,
    Kind,
    Milliseconds,
    Name,
    NotNegative,
    Seconds,
    Share,
    State,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class DriftDetected:
    """An episode begins: the stream no longer looks like the regime of the serving version."""

    episode: Count
    drift: DriftKind
    detector: Name
    features: tuple[Name, ...]
    statistic: float
    threshold: float
    rows: Count
    version: Name
    onset_ms: Milliseconds | None = None
    layers: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class DriftCleared:
    """An episode ends: the stream looks like the regime of `version`, which serves now.

    `detector` raised the alarm.
    """

    episode: Count
    detector: Name
    version: Name
    duration_s: Seconds


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The healer's lifecycle takes a transition."""

    state: State
    previous_state: State
    cause: Kind
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class BatchJudged:
    """Is it healthy now? The figures of the newest judged batch, beside the frozen shadow's."""

    version: Name
    state: State
    rows: Count
    labelled_rows: Count
    conflicts: Count
    z: float | None = None
    accuracy: Share | None = None
    precision: Share | None = None
    recall: Share | None = None
    f1: Share | None = None
    shadow_accuracy: Share | None = None
    shadow_f1: Share | None = None
    accuracy_lift: float | None = None


@dataclass(frozen=True, slots=True)
class PerformanceEstimated:
    """How well the newest rows are decided, as calibrated scores let expect without labels."""

    version: Name
    rows: Count
    calibration: Literal["model", "labels"]
    labelled_rows: Count
    estimated_accuracy: Share
    accuracy_standard_error: NotNegative
    estimated_f1: Share | None = None
    f1_standard_error: NotNegative | None = None
    estimated_precision: Share | None = None
    estimated_recall: Share | None = None
    estimated_shadow_accuracy: Share | None = None
    estimated_shadow_f1: Share | None = None


@dataclass(frozen=True, slots=True)
class PerformanceWithdrawn:
    """Nobody can tell without labels how well rows are decided now: what scores mean is unknown."""

    version: Name
    reason: Kind


@dataclass(frozen=True, slots=True)
class PerformanceRealised:
    """The labels of rows that were estimated before have come: estimated beside true."""

    version: Name
    labelled_rows: Count
    frauds: Count
    accuracy: Share
    estimated_accuracy: Share
    accuracy_standard_error: NotNegative
    f1: Share | None = None
    estimated_f1: Share | None = None
    f1_standard_error: NotNegative | None = None
    shadow_accuracy: Share | None = None
    estimated_shadow_accuracy: Share | None = None


@dataclass(frozen=True, slots=True)
class HealStarted:
    """A candidate is being made, off to the side."""

    heal: Count
    policy: Name
    trigger: Literal["drift", "conflicts", "labels", "schedule", "operator"]
    version: Name
    rows: Count
    labelled_rows: Count
    episode: Count | None = None


@dataclass(frozen=True, slots=True)
class HealFailed:
    """No candidate came of the attempt: an error, or numbers that are not finite."""

    heal: Count
    policy: Name
    error_class: Name
    duration_s: Seconds


@dataclass(frozen=True, slots=True)
class GateDecided:
    """The gate's verdict on a candidate, from rows that the candidate never saw."""

    heal: Count
    verdict: Literal["promote", "hold", "roll_back"]
    reason: Kind
    rows: Count
    labelled_rows: Count
    frauds: Count
    loss_gain: float | None = None
    standard_error: NotNegative | None = None
    changed_share: Share | None = None


@dataclass(frozen=True, slots=True)
class HealPublished:
    """The candidate is in the registry and the pointer names it; figures of the gate's rows."""

    heal: Count
    policy: Name
    version: Name
    parent: Name
    epoch: Count
    parts: tuple[Name, ...]
    rows: Count
    labelled_rows: Count
    duration_s: Seconds
    loss_gain: float | None = None
    changed_share: Share | None = None
    accuracy: Share | None = None
    previous_accuracy: Share | None = None
    f1: Share | None = None
    previous_f1: Share | None = None


@dataclass(frozen=True, slots=True)
class HealHeld:
    """The gate refused the candidate, or there was none that could help; what served stays."""

    heal: Count
    policy: Name
    reason: Kind
    kept_version: Name
    duration_s: Seconds
    loss_gain: float | None = None


@dataclass(frozen=True, slots=True)
class HealConfirmed:
    """The watch is over and the version stays: by how much it beats the frozen shadow."""

    heal: Count
    version: Name
    labelled_rows: Count
    accuracy: Share
    shadow_accuracy: Share
    accuracy_lift: float
    f1: Share | None = None
    shadow_f1: Share | None = None


@dataclass(frozen=True, slots=True)
class VersionActivated:
    """The pointer names another version: a heal's, a known regime's, an operator's, or none."""

    version: Name
    previous_version: Name
    epoch: Count
    cause: Literal["heal", "regime", "operator", "reset", "model"]
    decision_threshold: Share


@dataclass(frozen=True, slots=True)
class VersionRolledBack:
    """The serving version did harm and was left; `version` serves instead."""

    version: Name
    previous_version: Name
    epoch: Count
    cause: Literal["f1_drop", "accuracy_drop", "below_shadow", "operator"]
    labelled_rows: Count
    f1_drop: float | None = None
    accuracy_drop: float | None = None


@dataclass(frozen=True, slots=True)
class SnapshotsRemoved:
    """Old snapshots that no kept prediction names got their tombstones."""

    snapshots: Count


@dataclass(frozen=True, slots=True)
class ThresholdsChanged:
    """Operations changed the watch's thresholds; they hold from now on."""

    source: Literal["file", "command"]
    rollback_f1_drop: float
    rollback_acc_drop: float
    health_window: Count
    previous_rollback_f1_drop: float
    previous_rollback_acc_drop: float
    previous_health_window: Count


@dataclass(frozen=True, slots=True)
class ThresholdsRefused:
    """Thresholds that are not valid; the old ones stay."""

    source: Literal["file", "command"]
    field: Annotated[str, Meta(max_length=200)]
    fault: Name
    expected: Name


@dataclass(frozen=True, slots=True)
class LabelsNeeded:
    """The healer cannot know without labels; the ids are on `label_requests` alone."""

    requests: Count
    reason: Kind
    episode: Count | None = None


@dataclass(frozen=True, slots=True)
class CommandExecuted:
    """An operator's command was carried out."""

    command: Literal["activate", "rollback", "pin", "thresholds", "model"]
    command_id: Name
    version: Name | None = None
    epoch: Count | None = None


@dataclass(frozen=True, slots=True)
class CommandRefused:
    """A record of `control` that was not carried out: unreadable, unsigned, or impossible."""

    command: Literal["activate", "rollback", "pin", "thresholds", "model", "unreadable"]
    reason: Kind
    command_id: Name | None = None
