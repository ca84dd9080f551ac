"""What a demo is asked to do, and which service each `--set` is meant for. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from cli.plan_settings import PlanError, explained, read_healing, read_watch
from consumer.settings import ScorerSettings
from healer.policy_settings import HealingSettings
from healer.settings import HealerSettings
from producer.scenarios import scenario
from producer.settings import ProducerSettings
from producer.stream import Stream
from selfheal.model.costs import Costs
from selfheal.records.thresholds import Thresholds
from selfheal.runtime.settings import ServiceSettings

_ALIASES = {"label_delay_rows": "label_delay", "label_coverage": "label_rate"}
"""Names of `--set` that are spelt otherwise in the settings."""

_OWN = frozenset({"bootstrap", "prefix", "properties", "instance", "model", "file", "scenario"})
"""Settings that the demo decides itself."""


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """One demo.

    rate:       transactions a second, 0 is flat out; None takes the scenario's
    costs:      by which the threshold is chosen; None leaves it to the model
    producer, scorer, healer, healing, thresholds: settings by name, from `--set`
    """

    scenario: str = "abrupt"
    policy: str = "selfheal"
    transactions: int = 60_000
    scorers: int = 2
    seed: int = 0
    rate: float | None = None
    costs: Costs | None = None
    producer: Mapping[str, str] = field(default_factory=dict[str, str])
    scorer: Mapping[str, str] = field(default_factory=dict[str, str])
    healer: Mapping[str, str] = field(default_factory=dict[str, str])
    healing: Mapping[str, str] = field(default_factory=dict[str, str])
    thresholds: Mapping[str, float] = field(default_factory=dict[str, float])

    def stream(self) -> Stream:
        """The stream that is sent, and that judges. Raises ScenarioError."""
        strength = self.producer.get("drift_strength")
        chosen = scenario(self.scenario, float(strength) if strength is not None else None)
        return Stream(chosen, self.seed, self.transactions)


def with_settings(plan: DemoPlan, pairs: Sequence[str]) -> DemoPlan:
    """The plan with NAME=VALUE settings, each given to the parts that have one of that name.

    Raises PlanError for what is not NAME=VALUE, for a name that no part has, and for a value that
    its part would refuse.

    >>> with_settings(DemoPlan(), ["heal_lr=0.01"]).healing
    {'heal_lr': '0.01'}
    """
    parts: dict[str, dict[str, Any]] = {name: dict(getattr(plan, name)) for name in _NAMES_OF}
    for pair in pairs:
        name, equals, value = (text.strip() for text in pair.partition("="))
        name = _ALIASES.get(name, name)
        takers = [part for part, names in _NAMES_OF.items() if name in names and name not in _OWN]
        if not equals or not takers:
            raise PlanError(f"--set {name}: no such setting, expected NAME=VALUE, one of {_KNOWN}")
        for part in takers:
            parts[part][name] = _number(name, value) if part == "thresholds" else value
            if part in _SETTINGS:
                _check(_SETTINGS[part], name, value)
    read_healing(parts["healing"])
    read_watch(parts["thresholds"])
    return replace(plan, **parts)


def _check(kind: type[ServiceSettings], name: str, value: str) -> None:
    """Raises PlanError for a value with which the service would not start."""
    try:
        TypeAdapter(kind.model_fields[name].rebuild_annotation()).validate_python(value)
    except ValidationError as error:
        raise PlanError(explained(error, name)) from None


def _number(name: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise PlanError(f"--set {name}: not a number, expected one") from None


_SETTINGS: dict[str, type[ServiceSettings]] = {
    "producer": ProducerSettings,
    "scorer": ScorerSettings,
    "healer": HealerSettings,
}
_NAMES_OF: dict[str, frozenset[str]] = {
    "producer": frozenset(ProducerSettings.model_fields),
    "scorer": frozenset(ScorerSettings.model_fields),
    "healer": frozenset(HealerSettings.model_fields) - {"thresholds", "costs", "healing", "policy"},
    "healing": frozenset(f.name for f in fields(HealingSettings)),
    "thresholds": frozenset(f.name for f in fields(Thresholds)) - {"note"},
}
_KNOWN = ", ".join(sorted(frozenset().union(*_NAMES_OF.values()) - _OWN))
