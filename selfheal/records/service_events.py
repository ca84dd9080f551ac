"""What a service tells about itself: its life, its partitions, its records, the version it serves.

The meaning of every field is in `event_fields.FIELDS`.
"""

from dataclasses import dataclass
from typing import Literal

from selfheal.records.event_fields import Count, Hash, Kind, Name, Seconds


@dataclass(frozen=True, slots=True)
class ServiceStarted:
    """A service has read its settings and is about to work."""

    release: Name
    delivery: Literal["exactly_once", "at_least_once", "none"]
    backbone_hash: Hash = ""


@dataclass(frozen=True, slots=True)
class ServiceStopped:
    """A service has left as it was asked to, its work committed."""

    cause: Literal["signal", "finished"]
    duration_s: Seconds


@dataclass(frozen=True, slots=True)
class ServiceFailed:
    """A service gives up: a bug, no broker, or a safety limit such as too many poison records."""

    cause: Literal["error", "broker_unreachable", "safety_limit"]
    error_class: Name
    duration_s: Seconds


@dataclass(frozen=True, slots=True)
class LeadershipTaken:
    """A healer on standby acts from now on."""


@dataclass(frozen=True, slots=True)
class LeadershipLost:
    """The acting healer is on standby again."""

    cause: Literal["revoked", "fenced", "unknown_outcome", "stopped"]
    duration_s: Seconds


@dataclass(frozen=True, slots=True)
class PartitionsAssigned:
    """A scorer has got these partitions and has read the newest version first."""

    topic: Name
    partitions: tuple[Count, ...]
    version: Name


@dataclass(frozen=True, slots=True)
class PartitionsRevoked:
    """A scorer has given these partitions back, or has lost them."""

    topic: Name
    partitions: tuple[Count, ...]
    is_lost: bool


@dataclass(frozen=True, slots=True)
class PartitionStalled:
    """Records wait in a partition that does not advance."""

    topic: Name
    partition: Count
    duration_s: Seconds
    lag_records: Count


@dataclass(frozen=True, slots=True)
class PartitionResumed:
    """A stalled partition advances again."""

    topic: Name
    partition: Count
    duration_s: Seconds


@dataclass(frozen=True, slots=True)
class BatchDiscarded:
    """A Kafka transaction did not commit; its rows are scored again, by whoever owns them now."""

    cause: Literal["fenced", "revoked", "aborted", "timed_out", "unknown_outcome"]
    transactions: Count


@dataclass(frozen=True, slots=True)
class RecordsDeadLettered:
    """Records that were not what they should be, by kind of fault, over an interval."""

    topic: Name
    stage: Kind
    error_class: Name
    records: Count
    period_s: Seconds


@dataclass(frozen=True, slots=True)
class ScorerReported:
    """A scorer's regular sign of life: which version serves here, and how fast."""

    version: Name
    epoch: Count
    transactions: Count
    rate_per_s: Seconds
    lag_records: Count
    conflicts: Count
    dead_letters: Count
    adapter_age_s: Seconds
    period_s: Seconds


@dataclass(frozen=True, slots=True)
class SwapApplied:
    """A scorer serves another version from this batch on."""

    version: Name
    previous_version: Name
    epoch: Count
    swap_s: Seconds
    delay_s: Seconds


@dataclass(frozen=True, slots=True)
class SnapshotRefused:
    """A record of `adapters` was not accepted; what served goes on serving."""

    record: Literal["snapshot", "pointer", "pin", "model"]
    version: Name | None
    epoch: Count | None
    reason: Kind
    kept_version: Name


@dataclass(frozen=True, slots=True)
class ModelSwapped:
    """A service runs another model from here on: a retrained one, from the topic `adapters`."""

    backbone_hash: Hash
    previous_backbone_hash: Hash
    version: Name
    epoch: Count
