"""What a backtest is asked to do. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

from cli.plan_settings import PlanError, read_healing, read_watch
from healer.policy_settings import HealingSettings
from producer.tables import ColumnRoles
from selfheal.model.costs import Costs
from selfheal.records.thresholds import Thresholds

TRAIN_SHARE = 0.25
MOST_TRAIN_ROWS = 50_000

_HEALING = frozenset(each.name for each in fields(HealingSettings)) - {"seed"}
_THRESHOLDS = frozenset(each.name for each in fields(Thresholds)) - {"note"}
_LABELS = {"label_delay_rows": "--label-delay", "label_coverage": "--label-rate"}


@dataclass(frozen=True, slots=True)
class HealingPlan:
    """How the healer heals: a policy by name, its settings and what operations set."""

    policy: str = "selfheal"
    settings: HealingSettings = field(default_factory=HealingSettings)
    thresholds: Thresholds = field(default_factory=Thresholds)


@dataclass(frozen=True, slots=True)
class Backtest:
    """What is to be replayed, and how.

    train_rows:    rows at the beginning, which train; with a model, those that trained it. None
                   takes a share of the file, and none with a model
    model:         folder of a trained model; None trains one
    label_delay:   the label of row r is known once row r + label_delay has been scored
    label_rate:    share of the rows that get one
    has_baselines: whether other learners score the same rows
    costs:         None where nobody asks what decisions cost
    out:           folder for the results
    """

    path: str
    roles: ColumnRoles
    healing: HealingPlan
    train_rows: int | None = None
    model: Path | None = None
    label_delay: int = 2_000
    label_rate: float = 0.1
    has_baselines: bool = False
    costs: Costs | None = None
    seed: int = 0
    out: Path | None = None


def healing_plan(policy: str, pairs: Sequence[str], seed: int) -> HealingPlan:
    """The plan with NAME=VALUE settings. Raises PlanError for one that cannot be.

    >>> healing_plan("selfheal", ["heal_lr=0.01"], seed=7).settings.heal_lr
    0.01
    """
    healing: dict[str, str] = {}
    thresholds: dict[str, float] = {}
    for pair in pairs:
        name, equals, value = (text.strip() for text in pair.partition("="))
        if name in _LABELS:
            raise PlanError(f"--set {name}: is an option of its own here, {_LABELS[name]}")
        if not equals or name not in _HEALING | _THRESHOLDS:
            known = ", ".join(sorted(_HEALING | _THRESHOLDS))
            raise PlanError(f"--set {name}: no such setting, expected NAME=VALUE, one of {known}")
        if name in _HEALING:
            healing[name] = value
        else:
            thresholds[name] = _number(name, value)
    settings = read_healing({**healing, "seed": str(seed)})
    return HealingPlan(policy, settings, read_watch(thresholds))


def training_rows(rows: int, wanted: int | None) -> int:
    """How many of a file's rows train: as asked, else a quarter of them, 50,000 at most.

    Raises PlanError where none would be left to replay.
    """
    count = min(round(rows * TRAIN_SHARE), MOST_TRAIN_ROWS) if wanted is None else wanted
    if count >= rows:
        raise PlanError(
            f"{count:,} rows are for training and the file has {rows:,}: none is left to replay"
        )
    return count


def _number(name: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise PlanError(f"--set {name}: not a number, expected one") from None
