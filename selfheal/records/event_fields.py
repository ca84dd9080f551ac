"""What may stand in an event: the types of its fields, and the closed list of their names.

One name means one thing in every event, so that one index template and one dashboard serve all.
No type here can hold free text of a person or a message's content: an event never carries a
feature value, an account or a transaction id.
"""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200)]
"""A name from the configuration: of a feature, version, topic, detector, class."""

Kind: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
"""A word of a fixed vocabulary, as `too_few_frauds`."""

Count: TypeAlias = Annotated[int, Meta(ge=0)]
Milliseconds: TypeAlias = Annotated[int, Meta(ge=0)]
NotNegative: TypeAlias = Annotated[float, Meta(ge=0.0)]
Seconds: TypeAlias = Annotated[float, Meta(ge=0.0)]
Share: TypeAlias = Annotated[float, Meta(ge=0.0, le=1.0)]
Hash: TypeAlias = Annotated[str, Meta(pattern=r"^([0-9a-f]{16,64})?$")]

State: TypeAlias = Literal["HEALTHY", "DRIFTING", "HEALING", "ROLLED_BACK"]
Verdict: TypeAlias = Literal["stable", "healed", "labels_needed"]
DriftKind: TypeAlias = Literal["covariate", "prior", "concept", "unknown"]

FIELDS: dict[str, str] = {
    "accuracy": "share of right decisions of the serving version, on labelled rows",
    "accuracy_drop": "accuracy lost since the baseline of the watch",
    "accuracy_lift": "accuracy minus shadow_accuracy",
    "accuracy_standard_error": "of estimated_accuracy, from that of the labels of the same rows",
    "adapter_age_s": "time since the pointer in force was issued",
    "alert_share": "share of recent traffic whose score reaches the decision threshold",
    "backbone_hash": "SHA-256 (hex) of the frozen backbone; empty where there is none",
    "calibration": "what says what a score means: the model's own rows, or labels as well",
    "cause": "why it came to this; the values are in the event's type",
    "changed_share": "share of the judging rows whose decision the candidate changes",
    "command": "kind of the operator's command",
    "command_id": "id of the operator's command; null where it could not be trusted",
    "conflicts": "rows that a rule calls fraud and the score does not",
    "dead_letters": "records sent to a dead-letter topic",
    "decision_threshold": "score from which the decision is fraud",
    "delay_s": "from the issue of the pointer to the first batch that it served",
    "delivery": "exactly_once or at_least_once; none for a service that scores nothing",
    "detector": "name of the detector that spoke",
    "drift": "kind of drift: covariate, prior, concept or unknown",
    "duration_s": "how long the episode, outage, leadership or service lasted",
    "episode": "running number of the drift episode",
    "epoch": "of the pointer, which counts the changes of version; 0 before the first",
    "error_class": "class of the error",
    "estimated_accuracy": "accuracy of the serving version that its calibrated scores let expect",
    "estimated_f1": "F1 of the serving version that its calibrated scores let expect",
    "estimated_precision": "precision of the serving version that its calibrated scores let expect",
    "estimated_recall": "recall of the serving version that its calibrated scores let expect",
    "estimated_shadow_accuracy": "accuracy of the backbone alone, expected by the serving scores",
    "estimated_shadow_f1": "F1 of the backbone alone, expected by the serving scores",
    "expected": "what would have been right",
    "f1": "harmonic mean of precision and recall of the serving version, on labelled rows",
    "f1_drop": "F1 lost since the baseline of the watch",
    "f1_standard_error": "of estimated_f1, from that of the labels of the same rows",
    "fault": "kind of the fault, never the faulty value",
    "features": "names of the features concerned, the strongest first",
    "field": "name of the setting at fault; empty where the file as a whole is",
    "frauds": "labelled frauds among the rows",
    "heal": "running number of the heal attempt",
    "health_window": "setting: batches in the rolling window of the watch",
    "is_lost": "true where the partitions were taken without notice",
    "kept_version": "version that goes on serving",
    "labelled_rows": "rows whose label is known",
    "lag_records": "records not read yet, over the partitions concerned",
    "layers": "names of the network's layers concerned, the strongest first",
    "loss_gain": "log-loss of the serving version minus the candidate's, nat a row",
    "onset_ms": "estimated event time of the onset, Unix milliseconds",
    "parent": "version that the candidate grew from",
    "partition": "of the topic",
    "partitions": "of the topic",
    "parts": "names of the adapter's parts that differ from the identity",
    "period_s": "length of the interval that the counts are of",
    "policy": "name of the healing policy",
    "precision": "share of frauds among the decisions that say so",
    "previous_accuracy": "accuracy of the version before, on the same rows",
    "previous_alert_share": "alert_share at the threshold before, on the same rows",
    "previous_backbone_hash": "backbone_hash before the change",
    "previous_decision_threshold": "decision_threshold before the move",
    "previous_f1": "F1 of the version before, on the same rows",
    "previous_health_window": "health_window before the change",
    "previous_rollback_acc_drop": "rollback_acc_drop before the change",
    "previous_rollback_f1_drop": "rollback_f1_drop before the change",
    "previous_state": "state before the change",
    "previous_version": "version that served before",
    "rate_per_s": "transactions a second",
    "reason": "why, as a word of the refusing part's fixed vocabulary",
    "recall": "share of the frauds that the decisions find",
    "record": "kind of the refused record: snapshot, pointer, pin or model",
    "records": "how many records",
    "release": "version of the selfheal package",
    "requests": "labels asked for",
    "rollback_acc_drop": "setting: loss of accuracy that rolls back",
    "rollback_f1_drop": "setting: loss of F1 that rolls back",
    "rows": "transactions that the figures are of",
    "shadow_accuracy": "accuracy of the backbone alone, on the same rows",
    "shadow_f1": "F1 of the backbone alone, on the same rows",
    "snapshots": "how many adapter snapshots",
    "source": "where the thresholds came from: file or command",
    "stage": "step of the work that refused the record",
    "standard_error": "of loss_gain",
    "state": "HEALTHY, DRIFTING, HEALING or ROLLED_BACK",
    "statistic": "the detector's figure, in its own units",
    "swap_s": "pause that the swap caused in scoring",
    "threshold": "the statistic's value from which the detector alarms",
    "topic": "name of the topic",
    "transactions": "how many transactions",
    "trigger": "what made the healer try",
    "verdict": "stable, healed or labels_needed; of the gate: promote, hold or roll_back",
    "version": 'adapter version concerned, "base" for none',
    "z": "FIDI: shift of the key feature's mean from calibration, in calibration sd",
}
