"""The settings of healing, with the published names where the article has one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HealingSettings:
    """What the policies read. Frozen; each policy documents which ones it uses.

    key_feature:         of FIDI; "" takes the feature that the first rule reads
    fidi_threshold:      z from which FIDI triggers a heal, calibration sds
    conflict_min:        P(fraud) below which a row that a rule flags is a conflict
    conflict_trigger:    conflicts in a batch that trigger a heal
    heal_steps, heal_lr: gradient steps of a heal and their Adam learning rate
    rollback_is_on:      whether the article's rolling watch may roll back
    batch_rows:          labelled rows in a batch of the article's recipe
    step_rows:           new samples after which the stream is tested
    window_rows:         newest samples that a label-free heal may learn from
    minimum_rows:        fewest rows that a label-free heal learns from
    alarm_rate:          chance that one test of one feature alarms on a clean stream
    look_every_s:        event time between two looks at all traffic; a day for a strong daily cycle
    look_rows:           fewest transactions in a look
    run_length_looks:    looks between two false alarms of all features together
    label_budget:        labels that are asked for at once where only labels can help; 0 for none
    seed:                of everything random in a heal
    Raises ValueError for a number outside its range.
    """

    key_feature: str = ""
    fidi_threshold: float = 1.0
    conflict_min: float = 0.30
    conflict_trigger: int = 5
    heal_steps: int = 5
    heal_lr: float = 0.003
    rollback_is_on: bool = True
    batch_rows: int = 100
    step_rows: int = 100
    window_rows: int = 4000
    minimum_rows: int = 200
    alarm_rate: float = 1e-6
    look_every_s: float = 5.0
    look_rows: int = 1000
    run_length_looks: int = 20_000
    label_budget: int = 200
    seed: int = 0

    def __post_init__(self) -> None:
        for name in _COUNTS:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, expected 1 or more")
        if self.label_budget < 0:
            raise ValueError(f"label_budget is {self.label_budget}, expected 0 or more")
        for name in _SHARES:
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"{name} is {getattr(self, name):g}, expected 0 to 1")
        for name in _POSITIVE:
            if not 0.0 < getattr(self, name) < float("inf"):
                raise ValueError(f"{name} is {getattr(self, name):g}, expected more than 0")


_COUNTS = (
    *("conflict_trigger", "heal_steps", "batch_rows"),
    *("step_rows", "window_rows", "minimum_rows"),
    *("look_rows", "run_length_looks"),
)
_SHARES = ("conflict_min", "alarm_rate")
_POSITIVE = ("fidi_threshold", "heal_lr", "alarm_rate", "look_every_s")
