"""Healing settings as `--set` gives them to a demo or a backtest: checked before it begins."""

from collections.abc import Mapping

from pydantic import TypeAdapter, ValidationError

from healer.policy_settings import HealingSettings
from selfheal.records import DecodingError
from selfheal.records.thresholds import Thresholds, with_values


class PlanError(ValueError):
    """A demo or a backtest that cannot be: which option or file, and what was expected."""


def read_healing(settings: Mapping[str, str]) -> HealingSettings:
    """The healing settings as the healer will read them. Raises PlanError."""
    try:
        return TypeAdapter(HealingSettings).validate_python(dict(settings))
    except ValidationError as error:
        raise PlanError(explained(error)) from None


def read_watch(values: Mapping[str, float]) -> Thresholds:
    """The watch's thresholds, those that are not given being the defaults. Raises PlanError."""
    try:
        return with_values(Thresholds(), values)
    except DecodingError as error:
        raise PlanError(f"--set {error}") from None


def explained(error: ValidationError, name: str = "") -> str:
    """A line for people; what a class says of several of its settings names them itself."""
    first = error.errors(include_input=False, include_url=False)[0]
    place = name or ".".join(map(str, first["loc"]))
    message = first["msg"].removeprefix("Value error, ")
    return f"--set {place}: {message}" if place else f"--set {message}"
