"""How each event reads in Elasticsearch: its class in the Elastic Common Schema, and its sentence.

Source: Elastic Common Schema 8.17, "Categorization fields": the values of `event.kind`,
`event.category`, `event.type` and `event.outcome`, and which types a category may have.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

ECS_VERSION = "8.17.0"
DATASET = "selfheal.events"
DATA_STREAM = MappingProxyType({"type": "logs", "dataset": DATASET, "namespace": "default"})

Level = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Shape:
    """The fixed part of an event's document.

    message: sentence for people; `{field}` stands for a field of the event
    outcome: "unknown" for an observation, which neither succeeds nor fails
    """

    message: str
    category: str
    type: str
    kind: str = "event"
    outcome: str = "success"
    level: Level = "info"


SHAPES: MappingProxyType[str, Shape] = MappingProxyType(
    {
        "service.started": Shape("started, release {release}, {delivery}", "process", "start"),
        "service.stopped": Shape("stopped after {duration_s} s: {cause}", "process", "end"),
        "service.failed": Shape(
            "failed after {duration_s} s: {cause}, {error_class}",
            "process", "end", outcome="failure", level="error",
        ),
        "leadership.taken": Shape("this healer acts from now on", "process", "change"),
        "leadership.lost": Shape(
            "this healer is on standby after {duration_s} s: {cause}",
            "process", "change", level="warning",
        ),
        "partitions.assigned": Shape(
            "got partitions {partitions} of {topic}, serving {version}", "process", "change"
        ),
        "partitions.revoked": Shape(
            "gave up partitions {partitions} of {topic}", "process", "change"
        ),
        "partition.stalled": Shape(
            "partition {partition} of {topic} has not advanced for {duration_s} s, "
            "{lag_records} records wait",
            "process", "info", kind="alert", outcome="failure", level="error",
        ),
        "partition.resumed": Shape(
            "partition {partition} of {topic} advances again after {duration_s} s",
            "process", "info",
        ),
        "batch.discarded": Shape(
            "{transactions} transactions not committed ({cause}), to be scored again",
            "process", "info", outcome="failure", level="warning",
        ),
        "records.dead_lettered": Shape(
            "{records} records of {topic} dead-lettered in {period_s} s at {stage}: {error_class}",
            "process", "info", outcome="failure", level="warning",
        ),
        "scorer.reported": Shape(
            "serving {version} (epoch {epoch}), {rate_per_s} transactions a second, "
            "lag {lag_records} records",
            "process", "info", kind="state",
        ),
        "swap.applied": Shape(
            "serving {version} from epoch {epoch} on, {delay_s} s after its issue",
            "configuration", "change",
        ),
        "snapshot.refused": Shape(
            "{record} of {version} refused: {reason}; {kept_version} goes on serving",
            "intrusion_detection", "denied", kind="alert", outcome="failure", level="error",
        ),
        "model.swapped": Shape(
            "runs model {backbone_hash} instead of {previous_backbone_hash}, epoch {epoch}",
            "configuration", "change",
        ),
        "drift.detected": Shape(
            "{drift} drift on {features}: {detector} at {statistic}, alarm from {threshold} on",
            "process", "change", kind="alert", outcome="unknown", level="warning",
        ),
        "drift.cleared": Shape(
            "drift episode {episode}, found by {detector}, over after {duration_s} s; "
            "{version} serves",
            "process", "change", outcome="unknown",
        ),
        "state.changed": Shape(
            "{previous_state} to {state}: {cause}; verdict {verdict}",
            "process", "change", kind="state", outcome="unknown",
        ),
        "batch.judged": Shape(
            "{state}, {version}: accuracy {accuracy}, shadow {shadow_accuracy}, "
            "{labelled_rows} of {rows} rows labelled",
            "process", "info", kind="metric", outcome="unknown",
        ),
        "performance.estimated": Shape(
            "{version} without labels, {rows} rows: accuracy {estimated_accuracy} "
            "± {accuracy_standard_error}, F1 {estimated_f1}; shadow {estimated_shadow_accuracy}",
            "process", "info", kind="metric", outcome="unknown",
        ),
        "performance.withdrawn": Shape(
            "how well {version} decides cannot be told without labels: {reason}",
            "process", "info", outcome="unknown", level="warning",
        ),
        "performance.realised": Shape(
            "{labelled_rows} labels of {version}: accuracy {accuracy}, expected "
            "{estimated_accuracy} ± {accuracy_standard_error}",
            "process", "info", kind="metric", outcome="unknown",
        ),
        "labels.needed": Shape(
            "{requests} labels needed: {reason}",
            "process", "info", kind="alert", outcome="unknown", level="warning",
        ),
        "heal.started": Shape(
            "heal {heal} by policy {policy} started for {trigger}, {rows} rows, "
            "{labelled_rows} labelled",
            "process", "start", outcome="unknown",
        ),
        "heal.failed": Shape(
            "heal {heal} failed: {error_class}",
            "process", "end", outcome="failure", level="error",
        ),
        "gate.decided": Shape(
            "gate on heal {heal}: {verdict}, {reason}", "process", "info", outcome="unknown"
        ),
        "heal.published": Shape(
            "heal {heal} published as {version}: {parts} from {rows} rows, {labelled_rows} of them "
            "labelled; decisions changed: {changed_share}",
            "configuration", "creation",
        ),
        "heal.held": Shape(
            "heal {heal} held: {reason}; {kept_version} goes on serving",
            "configuration", "info", outcome="failure", level="warning",
        ),
        "heal.confirmed": Shape(
            "heal {heal} confirmed: {version} beats the frozen model by {accuracy_lift} accuracy",
            "process", "end",
        ),
        "version.activated": Shape(
            "{version} activated after {previous_version} (epoch {epoch}): {cause}",
            "configuration", "change",
        ),
        "version.rolled_back": Shape(
            "{previous_version} rolled back to {version} (epoch {epoch}): {cause}",
            "configuration", "change", kind="alert", level="warning",
        ),
        "threshold.moved": Shape(
            "{version} decides from {decision_threshold} on instead of "
            "{previous_decision_threshold} (epoch {epoch}): {cause}; alerts {alert_share} instead "
            "of {previous_alert_share}",
            "configuration", "change",
        ),
        "snapshots.removed": Shape(
            "{snapshots} old snapshots removed", "configuration", "deletion"
        ),
        "thresholds.changed": Shape(
            "thresholds from {source}: F1 drop {rollback_f1_drop}, accuracy drop "
            "{rollback_acc_drop}, window {health_window}",
            "configuration", "change",
        ),
        "thresholds.refused": Shape(
            "thresholds from {source} refused: {field}: {fault}, expected {expected}",
            "configuration", "info", outcome="failure", level="warning",
        ),
        "command.executed": Shape(
            "command {command} ({command_id}) executed", "configuration", "change"
        ),
        "command.refused": Shape(
            "command {command} ({command_id}) refused: {reason}",
            "intrusion_detection", "denied", outcome="failure", level="warning",
        ),
    }
)  # fmt: skip
