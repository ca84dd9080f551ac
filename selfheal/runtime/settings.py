"""Settings that all services share, and how they are read: flag, environment, file, default."""

import socket
import tomllib
from collections.abc import Mapping
from os import getpid
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import SettingsError as UnreadableEnvironment

from selfheal.bus.settings import BusSettings

Settings = TypeVar("Settings", bound="ServiceSettings")


class SettingsError(ValueError):
    """Settings that cannot be right: which one, what is wrong, what was expected."""


def new_instance() -> str:
    """A name for this process: host and process id."""
    return f"{socket.gethostname()}-{getpid()}"


class ServiceSettings(BaseSettings):
    """What each service is told about its surroundings.

    bootstrap:    brokers, host:port with commas
    prefix:       before every topic's name, so that several models share a cluster
    properties:   raw librdkafka properties for every client
    instance:     name of this process in events, metrics and summaries
    metrics_host: of the metrics and health endpoint; loopback unless told otherwise
    metrics_port: 0 takes a free one
    log_json:     None decides by the terminal
    stop_with_parent: stop when standard input ends, as it does when the starting process dies
    """

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_nested_delimiter="__")

    bootstrap: str = "localhost:9092"
    prefix: str = ""
    properties: dict[str, str] = Field(default_factory=dict, repr=False)
    instance: str = Field(default_factory=new_instance)
    metrics_host: str = "127.0.0.1"
    metrics_port: int = Field(default=0, ge=0, le=65535)
    log_json: bool | None = None
    stop_with_parent: bool = False

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """No .env file: a service that picks one up from its folder surprises."""
        return init_settings, env_settings, file_secret_settings

    def bus(self) -> BusSettings:
        """How to reach Kafka. Raises BusSettingsError."""
        return BusSettings(self.bootstrap, self.prefix, self.properties, client_id=self.instance)


def read_settings(kind: type[Settings], config: Path | None, flags: Mapping[str, Any]) -> Settings:
    """Settings from flags (None: not given), then the environment, then a TOML file, then defaults.

    Raises SettingsError for the first thing that is wrong; secrets never stand in the message.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    from_file = _file(config) if config else {}
    try:
        return kind(**_over(_over(from_file, EnvSettingsSource(kind)()), given))
    except ValidationError as error:
        raise SettingsError(_explained(kind, error)) from None
    except UnreadableEnvironment as error:
        raise SettingsError(f"environment: {error}, expected JSON") from None


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Both together; where both say something `above` holds, setting by setting in tables too."""
    merged = {**below, **above}
    for name in below.keys() & above.keys():
        if isinstance(below[name], dict) and isinstance(above[name], dict):
            merged[name] = _over(below[name], above[name])
    return merged


def _file(config: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(config.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"{config}: cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{config}: not TOML: {error}") from None


def _explained(kind: type[ServiceSettings], error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    name = ".".join(str(part) for part in first["loc"])
    if first["type"] == "missing":
        variable = f"{kind.model_config.get('env_prefix', '')}{name}".upper()
        return f"{name}: missing, expected it as an option, as {variable} or in the file"
    if first["type"] == "extra_forbidden":
        return f"{name}: no such setting, expected one of {', '.join(sorted(kind.model_fields))}"
    return f"{name}: {first['msg'].removeprefix('Value error, ')}"
