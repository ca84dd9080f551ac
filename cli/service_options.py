"""The options of the commands that run a service: each sets the setting of its name."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.exits import BAD_USAGE, stop
from cli.options import Options


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands on the command line; environment, file and defaults say the rest.

    config: TOML file of settings
    flags:  settings by name; None where the option was not given
    """

    config: Path | None
    flags: Mapping[str, Any]


def asked_for(config: Path | None, settings: list[str] | None, **flags: Any) -> Asked:
    """What the options below make; `--set` wins over the option of the same setting."""
    return Asked(config, flags | named(settings))


def named(settings: list[str] | None) -> dict[str, Any]:
    """NAME=VALUE pairs as settings; the first dot reaches into a group of settings.

    >>> named(["batch_records=500", "healing.heal_steps=9", "properties.linger.ms=5"])
    {'batch_records': '500', 'healing': {'heal_steps': '9'}, 'properties': {'linger.ms': '5'}}
    """
    values: dict[str, Any] = {}
    for number, text in enumerate(settings or [], 1):
        name, equals, value = text.partition("=")
        group, dot, member = name.strip().partition(".")
        if not equals or not group or not (dot == "" or member):
            raise stop(f"--set: no. {number} is not of the form NAME=VALUE", BAD_USAGE)
        members = values.setdefault(group, {}) if dot else values
        if not isinstance(members, dict):
            raise stop(f"--set {group}: given whole and in part", BAD_USAGE)
        members[member if dot else group] = value.strip()
    return values


def _option(
    kind: Any, says: str, default: str | None = None, envvar: str | None = None
) -> tuple[Any, None]:
    """An option that may be left out. default: what holds without it, in words, where that helps"""
    shown = default if default is not None else True
    return Annotated[kind | None, typer.Option(help=says, show_default=shown, envvar=envvar)], None


_BROKER: Options = {
    "bootstrap": _option(
        str, "Brokers, host:port with ','.", "localhost:9092", "SELFHEAL_BOOTSTRAP"
    ),
    "prefix": _option(str, "Put before every topic's name.", "none", "SELFHEAL_PREFIX"),
}
_MODEL: Options = {"model": _option(Path, "Folder of the model.")}
_KEYS: Options = {
    "public_keys": _option(Path, "Folder of the public keys that may sign adapters."),
    "require_signature": _option(bool, "Refuse unsigned adapters.", "require"),
}
_ENDPOINT: Options = {
    "metrics_port": _option(int, "Port of the metrics and health endpoint.", "a free one"),
}
_ANY_SETTING: Options = {
    "config": _option(Path, "TOML file of settings; options and the environment win."),
    "settings": (
        Annotated[
            list[str] | None,
            typer.Option(
                "--set", metavar="NAME=VALUE", help="Any setting by its name; may be repeated."
            ),
        ],
        None,
    ),
}

SCORE: Options = {**_MODEL, **_BROKER, **_KEYS, **_ENDPOINT, **_ANY_SETTING}

HEAL: Options = {
    **_MODEL,
    "policy": _option(str, "selfheal, article or none.", "selfheal"),
    **_BROKER,
    "signing_key": _option(Path, "Private key that signs adapters (PEM)."),
    **_KEYS,
    "thresholds": _option(Path, "threshold_config.json, applied when it changes."),
    "costs": _option(
        Path, "TOML file: missed_fraud, false_alarm, review_capacity; they set the threshold."
    ),
    **_ENDPOINT,
    **_ANY_SETTING,
}

REPLAY: Options = {
    "file": (
        Annotated[
            Path | None, typer.Argument(help="CSV or Parquet file; without one, a scenario.")
        ],
        None,
    ),
    "scenario": _option(str, "Synthetic drift by name.", "abrupt"),
    "model": _option(Path, "Folder of the model whose schema says what is sent."),
    "target": _option(str, "Column of the truth, 0 or 1."),
    "id": _option(str, "Column of the ids.", "id, if there"),
    "time": _option(str, "Column of the times.", "timestamp, if there"),
    "transactions": _option(int, "Rows to send.", "all"),
    "rate": _option(float, "Rows a second, 0 for flat out.", "1500, or the scenario's"),
    "label_rate": _option(float, "Share of rows with a label.", "0.1, or the scenario's"),
    "label_delay": _option(float, "Rows until a label is known.", "2000, or the scenario's"),
    "seed": _option(int, "Of everything random.", "0"),
    **_BROKER,
    **_ANY_SETTING,
}
