"""The `events` topic: the one closed list of what the services tell. Names are noun.verb_past."""

from types import MappingProxyType
from typing import TypeAlias

from selfheal.records import healing_events as healing
from selfheal.records import operating_point_events as operating_point
from selfheal.records import service_events as service

Event: TypeAlias = (
    service.ServiceStarted
    | service.ServiceStopped
    | service.ServiceFailed
    | service.LeadershipTaken
    | service.LeadershipLost
    | service.PartitionsAssigned
    | service.PartitionsRevoked
    | service.PartitionStalled
    | service.PartitionResumed
    | service.BatchDiscarded
    | service.RecordsDeadLettered
    | service.ScorerReported
    | service.SwapApplied
    | service.SnapshotRefused
    | service.ModelSwapped
    | healing.DriftDetected
    | healing.DriftCleared
    | healing.StateChanged
    | healing.BatchJudged
    | healing.PerformanceEstimated
    | healing.PerformanceWithdrawn
    | healing.PerformanceRealised
    | healing.HealStarted
    | healing.HealFailed
    | healing.GateDecided
    | healing.HealPublished
    | healing.HealHeld
    | healing.HealConfirmed
    | healing.VersionActivated
    | healing.VersionRolledBack
    | operating_point.ThresholdMoved
    | healing.SnapshotsRemoved
    | healing.ThresholdsChanged
    | healing.ThresholdsRefused
    | healing.LabelsNeeded
    | healing.CommandExecuted
    | healing.CommandRefused
)

EVENTS: MappingProxyType[str, type[Event]] = MappingProxyType(
    {
        # the life of a service
        "service.started": service.ServiceStarted,
        "service.stopped": service.ServiceStopped,
        "service.failed": service.ServiceFailed,
        "leadership.taken": service.LeadershipTaken,
        "leadership.lost": service.LeadershipLost,
        # its partitions and records
        "partitions.assigned": service.PartitionsAssigned,
        "partitions.revoked": service.PartitionsRevoked,
        "partition.stalled": service.PartitionStalled,
        "partition.resumed": service.PartitionResumed,
        "batch.discarded": service.BatchDiscarded,
        "records.dead_lettered": service.RecordsDeadLettered,
        # which version serves where
        "scorer.reported": service.ScorerReported,
        "swap.applied": service.SwapApplied,
        "snapshot.refused": service.SnapshotRefused,
        "model.swapped": service.ModelSwapped,
        # what drifted, and whether it is healthy now
        "drift.detected": healing.DriftDetected,
        "drift.cleared": healing.DriftCleared,
        "state.changed": healing.StateChanged,
        "batch.judged": healing.BatchJudged,
        "performance.estimated": healing.PerformanceEstimated,
        "performance.withdrawn": healing.PerformanceWithdrawn,
        "performance.realised": healing.PerformanceRealised,
        "labels.needed": healing.LabelsNeeded,
        # what was healed, by how much, and what the gate refused
        "heal.started": healing.HealStarted,
        "heal.failed": healing.HealFailed,
        "gate.decided": healing.GateDecided,
        "heal.published": healing.HealPublished,
        "heal.held": healing.HealHeld,
        "heal.confirmed": healing.HealConfirmed,
        # what serves, what was rolled back, what was cleaned up
        "version.activated": healing.VersionActivated,
        "version.rolled_back": healing.VersionRolledBack,
        "threshold.moved": operating_point.ThresholdMoved,
        "snapshots.removed": healing.SnapshotsRemoved,
        # what operations did
        "thresholds.changed": healing.ThresholdsChanged,
        "thresholds.refused": healing.ThresholdsRefused,
        "command.executed": healing.CommandExecuted,
        "command.refused": healing.CommandRefused,
    }
)

ACTIONS: MappingProxyType[type[Event], str] = MappingProxyType(
    {event_type: action for action, event_type in EVENTS.items()}
)
"""The action's name by the event's type."""
