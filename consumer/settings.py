"""The scorer's settings."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from selfheal.runtime.settings import ServiceSettings


class ScorerSettings(ServiceSettings):
    """Environment: SELFHEAL_SCORER_<NAME>.

    model:                 folder of the model
    group:                 consumer group; scorers of one group share the partitions
    delivery:              exactly_once, or at_least_once for less latency
    commit_interval_ms:    between commits; readers of predictions wait for them
    transaction_timeout_s: for which a killed scorer holds up its partitions; at least twice the
                           commit interval
    batch_records:         largest batch
    conflict_min:          P(fraud) below which a row that a rule flags is a conflict
    sample_budget_per_s:   samples a second that this scorer may send; all rows below that rate
    conflict_budget_per_s: conflicts a second likewise
    sampling_key_file:     key of the sampling hash, the same for all scorers
    feedback_key_file:     key of the code that tells scorers' feedback from anyone else's
    summary_interval_s:    between summaries, and between reports
    public_keys:           folder of the public keys that may sign adapters
    require_signature:     refuse unsigned adapters
    poison_run:            so many bad records on end stop the scorer
    poison_share:          ... and so large a share of the last 10,000
    """

    model_config = SettingsConfigDict(env_prefix="SELFHEAL_SCORER_")

    model: Path
    group: str = "scorers"
    delivery: Literal["exactly_once", "at_least_once"] = "exactly_once"
    commit_interval_ms: int = Field(default=100, ge=1, le=5000)
    transaction_timeout_s: float = Field(default=10.0, ge=1.0, le=900.0)
    batch_records: int = Field(default=2000, ge=1, le=100_000)
    conflict_min: float = Field(default=0.30, ge=0.0, le=1.0)
    sample_budget_per_s: float = Field(default=5000.0, gt=0.0)
    conflict_budget_per_s: float = Field(default=1000.0, gt=0.0)
    sampling_key_file: Path | None = None
    feedback_key_file: Path | None = None
    summary_interval_s: float = Field(default=5.0, gt=0.0)
    public_keys: Path | None = None
    require_signature: bool = True
    poison_run: int = Field(default=1000, ge=1)
    poison_share: float = Field(default=0.5, gt=0.0, le=1.0)
