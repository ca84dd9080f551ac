"""The healer's settings."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from healer.policy_settings import HealingSettings
from selfheal.runtime.settings import ServiceSettings


class HealerSettings(ServiceSettings):
    """Environment: SELFHEAL_HEALER_<NAME>; parts of `healing` with two underscores.

    model:             folder of the model that the scorers serve
    policy:            selfheal, article or none
    healing:           what the policies read
    group:             in which one healer leads
    window_rows:       samples that labels can still find; labels that wait for a sample likewise
    signing_key:       file of the private key that signs adapters
    public_keys:       folder of the public keys that may sign adapters
    operator_keys:     folder of the public keys that may sign commands; public_keys where None
    require_signature: refuse unsigned adapters and commands; False only for tests
    feedback_key_file: key of the code that tells scorers' feedback from anyone else's
    thresholds:        threshold_config.json, read again when it changes
    costs:             TOML file of what the operator's mistakes cost; with it the decision
                       threshold follows from costs, without it no threshold moves
    predictions_kept_days: for which `predictions` keeps its records; every snapshot that one of
                       them may name is kept at least that long
    history_limit:     newest pointers that are kept however old
    """

    model_config = SettingsConfigDict(env_prefix="SELFHEAL_HEALER_")

    model: Path
    policy: Literal["selfheal", "article", "none"] = "selfheal"
    healing: HealingSettings = Field(default_factory=HealingSettings)
    group: str = "healers"
    window_rows: int = Field(default=100_000, ge=1_000, le=10_000_000)
    signing_key: Path | None = None
    public_keys: Path | None = None
    operator_keys: Path | None = None
    require_signature: bool = True
    feedback_key_file: Path | None = None
    thresholds: Path | None = None
    costs: Path | None = None
    predictions_kept_days: float = Field(default=7.0, ge=0.0)
    history_limit: int = Field(default=1000, ge=1)
