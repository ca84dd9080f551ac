"""The one closed list of Prometheus metrics: what each service counts, in base units.

Beside these, each endpoint gives the standard `process_*` metrics (memory, CPU, open files), and
for each counter when it began (`_created`).
Consumer lag comes from an exporter of the stack, as the broker knows it best.
"""

from itertools import chain
from types import MappingProxyType

from selfheal.telemetry.metric_kinds import Counter, Gauge, Histogram, Metric

_FAST_S = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
_LATENCY_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 10.0, 60.0)
_WORK_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0)
_DELAY_S = (1.0, 10.0, 60.0, 600.0, 3600.0, 21_600.0, 86_400.0, 604_800.0, 2_592_000.0)
_ROWS = (1.0, 10.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 2000.0, 5000.0)

# every service

BUILD_INFO = Gauge(
    "selfheal_build_info",
    "Always 1; release of the package and name of the service.",
    ("release", "service", "instance"),
)
DEAD_LETTERS = Counter(
    "selfheal_dead_letters_total",
    "Records sent to a dead-letter topic, by kind of fault.",
    ("topic", "stage", "error_class"),
)
EVENTS_TOLD = Counter("selfheal_events_told_total", "Events sent to the events topic.", ("action",))
LOOP_ERRORS = Counter(
    "selfheal_loop_errors_total",
    "Errors that the service's loop survived, by class.",
    ("error_class",),
)
SNAPSHOTS_REFUSED = Counter(
    "selfheal_snapshots_refused_total",
    "Records of the adapters topic not accepted, by reason.",
    ("reason",),
)
ACTIVE_VERSION = Gauge(
    "selfheal_active_version_info",
    "Always 1; the adapter version in force here, base for none.",
    ("version",),
)
ACTIVE_EPOCH = Gauge("selfheal_active_epoch", "Epoch of the pointer in force here, 0 before one.")

# scorer: throughput and latency

SCORED = Counter("selfheal_transactions_scored_total", "Valid transactions scored and committed.")
BATCH_ROWS = Histogram("selfheal_batch_rows", "Transactions in a scored batch.", _ROWS)
STAGE_SECONDS = Histogram(
    "selfheal_batch_stage_seconds",
    "Time of one batch in each stage: decode, score, encode, send, commit.",
    _FAST_S,
    ("stage",),
)
END_TO_END_SECONDS = Histogram(
    "selfheal_end_to_end_seconds",
    "From the transaction record's timestamp to its scoring, each record counted.",
    _LATENCY_S,
)
COMMITS = Counter("selfheal_commits_total", "Kafka transactions committed.")
BATCHES_DISCARDED = Counter(
    "selfheal_batches_discarded_total",
    "Kafka transactions not committed, by cause.",
    ("cause",),
    ("fenced", "revoked", "aborted", "timed_out", "unknown_outcome"),
)
PARTITION_POSITION = Gauge(
    "selfheal_partition_position",
    "Offset that is read next: the progress of each partition.",
    ("topic", "partition"),
)
PARTITION_STALLED_SECONDS = Gauge(
    "selfheal_partition_stalled_seconds",
    "How long a partition with waiting records has not advanced; 0 while it does.",
    ("topic", "partition"),
)

# scorer: decisions and adapters

FRAUD_DECISIONS = Counter("selfheal_fraud_decisions_total", "Decisions that say fraud.")
CONFLICTS = Counter(
    "selfheal_conflicts_total", "Rows that a rule calls fraud and the score does not."
)
FEEDBACK_SENT = Counter(
    "selfheal_feedback_sent_total",
    "Feedback records written, by kind.",
    ("kind",),
    ("conflict", "sample", "summary"),
)
SAMPLING_RATIO = Gauge(
    "selfheal_sampling_ratio", "Share of the transactions that is sent as samples just now."
)
SWAPS = Counter("selfheal_swaps_total", "Changes of the serving version.")
SWAP_SECONDS = Histogram("selfheal_swap_seconds", "Pause that a swap caused in scoring.", _FAST_S)
SWAP_DELAY_SECONDS = Histogram(
    "selfheal_swap_delay_seconds",
    "From the issue of a pointer to its first served batch.",
    _LATENCY_S,
)
ADAPTER_AGE_SECONDS = Gauge(
    "selfheal_adapter_age_seconds", "Time since the pointer in force was issued."
)

# healer: what it sees

IS_LEADER = Gauge("selfheal_is_leader", "1 for the healer that acts, 0 for one on standby.")
FEEDBACK_READ = Counter(
    "selfheal_feedback_read_total",
    "Feedback records read, by kind.",
    ("kind",),
    ("label", "conflict", "sample", "summary"),
)
LABELS_JOINED = Counter("selfheal_labels_joined_total", "Labels that found their sample.")
LABELS_UNUSED = Counter(
    "selfheal_labels_unused_total",
    "Labels that taught nothing, by reason.",
    ("reason",),
    ("unknown_id", "duplicate", "contradiction", "untrusted_source"),
)
LABEL_DELAY_SECONDS = Histogram(
    "selfheal_label_delay_seconds", "From the transaction's event time to its label.", _DELAY_S
)
JOIN_ROWS = Gauge("selfheal_join_rows", "Samples and labels that wait for each other.")
JOIN_HORIZON_SECONDS = Gauge(
    "selfheal_join_horizon_seconds", "Age of the oldest sample that a label can still find."
)
SCORERS = Gauge("selfheal_scorers", "Scorers whose summaries came in lately.")
SCORERS_BEHIND = Gauge(
    "selfheal_scorers_behind", "Scorers whose summaries name an older epoch than the active one."
)
POLL_GAP_SECONDS = Histogram(
    "selfheal_poll_gap_seconds", "Time between two polls of the feedback topic.", _WORK_S
)

# healer: what it concludes and does

DRIFT_STATISTIC = Gauge(
    "selfheal_drift_statistic", "The detector's newest figure, in its own units.", ("detector",)
)
DRIFT_THRESHOLD = Gauge(
    "selfheal_drift_threshold", "The statistic from which the detector alarms.", ("detector",)
)
DRIFT_ALARMS = Counter(
    "selfheal_drift_alarms_total",
    "Drift episodes begun, by kind of drift.",
    ("drift",),
    ("covariate", "prior", "concept", "unknown"),
)
TRAFFIC_ROWS = Gauge(
    "selfheal_traffic_rows", "Transactions, of all scorers, that the newest look at drift is of."
)
FEATURE_DRIFT = Gauge(
    "selfheal_feature_drift_ratio",
    "Drift of a feature over all traffic, over its limit: an alarm above 1.",
    ("feature",),
)
FEATURE_PSI = Gauge(
    "selfheal_feature_psi_statistic", "Population stability index over all traffic.", ("feature",)
)
WEIGHTED_PSI = Gauge(
    "selfheal_weighted_psi_statistic",
    "PSI of all features, weighted by their importance to the score.",
)
SCORE_PSI = Gauge("selfheal_score_psi_statistic", "PSI of the served score over all traffic.")
LAYER_Z = Gauge(
    "selfheal_layer_z_statistic",
    "How far a layer is from its baseline under this version, standard errors.",
    ("layer",),
)
LAYER_STATE = Gauge(
    "selfheal_layer_state_info",
    "Always 1; calm, warning or critical: the gravest layer.",
    ("state",),
)
STATE = Gauge("selfheal_state_info", "Always 1; the state of the healer's lifecycle.", ("state",))
ACCURACY_RATIO = Gauge(
    "selfheal_accuracy_ratio",
    "Accuracy on the newest labelled window; model: healed or shadow.",
    ("model",),
)
F1_RATIO = Gauge(
    "selfheal_f1_ratio", "F1 on the newest labelled window; model: healed or shadow.", ("model",)
)
ESTIMATED_ACCURACY_RATIO = Gauge(
    "selfheal_estimated_accuracy_ratio",
    "Accuracy expected without labels; absent while nobody can tell; model: healed or shadow.",
    ("model",),
)
ESTIMATED_F1_RATIO = Gauge(
    "selfheal_estimated_f1_ratio",
    "F1 expected without labels; absent while nobody can tell; model: healed or shadow.",
    ("model",),
)
ESTIMATE_ERROR_RATIO = Gauge(
    "selfheal_estimate_error_ratio",
    "Last estimate minus what the labels of the same rows said; figure: accuracy or f1.",
    ("figure",),
)
LABELS_REQUESTED = Counter(
    "selfheal_labels_requested_total", "Transactions whose label was asked for."
)
HEALS = Counter(
    "selfheal_heals_total",
    "Heal attempts, by outcome.",
    ("outcome",),
    ("published", "held", "failed"),
)
HEAL_SECONDS = Histogram("selfheal_heal_seconds", "Time to make and judge a candidate.", _WORK_S)
ROLLBACKS = Counter(
    "selfheal_rollbacks_total",
    "Versions left for another, by cause.",
    ("cause",),
    ("f1_drop", "accuracy_drop", "below_shadow", "operator"),
)
COMMANDS = Counter(
    "selfheal_commands_total",
    "Operators' commands, by outcome.",
    ("outcome",),
    ("executed", "refused"),
)

# producer

PRODUCED = Counter("selfheal_transactions_produced_total", "Transactions written.")
LABELS_PRODUCED = Counter("selfheal_labels_produced_total", "Labels written.")
BACK_OFFS = Counter("selfheal_back_offs_total", "Waits for room in the full send queue.")

_EVERY = (BUILD_INFO, DEAD_LETTERS, EVENTS_TOLD, LOOP_ERRORS)
_READS_ADAPTERS = (SNAPSHOTS_REFUSED, ACTIVE_VERSION, ACTIVE_EPOCH)

METRICS_OF: MappingProxyType[str, tuple[Metric, ...]] = MappingProxyType(
    {
        "scorer": (
            *_EVERY,
            *_READS_ADAPTERS,
            SCORED,
            BATCH_ROWS,
            STAGE_SECONDS,
            END_TO_END_SECONDS,
            COMMITS,
            BATCHES_DISCARDED,
            PARTITION_POSITION,
            PARTITION_STALLED_SECONDS,
            FRAUD_DECISIONS,
            CONFLICTS,
            FEEDBACK_SENT,
            SAMPLING_RATIO,
            SWAPS,
            SWAP_SECONDS,
            SWAP_DELAY_SECONDS,
            ADAPTER_AGE_SECONDS,
        ),
        "healer": (
            *_EVERY,
            *_READS_ADAPTERS,
            IS_LEADER,
            FEEDBACK_READ,
            LABELS_JOINED,
            LABELS_UNUSED,
            LABEL_DELAY_SECONDS,
            JOIN_ROWS,
            JOIN_HORIZON_SECONDS,
            SCORERS,
            SCORERS_BEHIND,
            POLL_GAP_SECONDS,
            DRIFT_STATISTIC,
            DRIFT_THRESHOLD,
            DRIFT_ALARMS,
            TRAFFIC_ROWS,
            FEATURE_DRIFT,
            FEATURE_PSI,
            WEIGHTED_PSI,
            SCORE_PSI,
            LAYER_Z,
            LAYER_STATE,
            STATE,
            ACCURACY_RATIO,
            F1_RATIO,
            ESTIMATED_ACCURACY_RATIO,
            ESTIMATED_F1_RATIO,
            ESTIMATE_ERROR_RATIO,
            LABELS_REQUESTED,
            HEALS,
            HEAL_SECONDS,
            ROLLBACKS,
            COMMANDS,
        ),
        "producer": (*_EVERY, PRODUCED, LABELS_PRODUCED, BACK_OFFS),
    }
)
"""The metrics of each service."""

METRICS: tuple[Metric, ...] = tuple(dict.fromkeys(chain.from_iterable(METRICS_OF.values())))
"""All of them, each once."""
