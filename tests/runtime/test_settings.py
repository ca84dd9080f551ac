"""A setting is taken from the flag, else the environment, else the file, else its default."""

from pathlib import Path

import pytest
from pydantic import Field
from pydantic_settings import SettingsConfigDict

from healer.settings import HealerSettings
from selfheal.runtime.settings import ServiceSettings, SettingsError, read_settings


class OvenSettings(ServiceSettings):
    """Of a service that only these tests have."""

    model_config = SettingsConfigDict(env_prefix="OVEN_")

    degrees: int = Field(default=180, le=300)


@pytest.fixture
def config(tmp_path) -> Path:
    return tmp_path / "oven.toml"


def test_each_source_gives_way_to_the_one_above_it(config, monkeypatch):
    assert read_settings(OvenSettings, None, {}).degrees == 180

    config.write_text("degrees = 190")
    assert read_settings(OvenSettings, config, {}).degrees == 190

    monkeypatch.setenv("OVEN_DEGREES", "200")
    assert read_settings(OvenSettings, config, {}).degrees == 200

    assert read_settings(OvenSettings, config, {"degrees": 210}).degrees == 210


def test_a_flag_that_was_not_given_counts_as_nothing(monkeypatch):
    monkeypatch.setenv("OVEN_DEGREES", "200")

    assert read_settings(OvenSettings, None, {"degrees": None}).degrees == 200


def test_the_environment_s_case_makes_no_difference(config, monkeypatch):
    config.write_text("degrees = 190")
    monkeypatch.setenv("oven_degrees", "200")

    assert read_settings(OvenSettings, config, {}).degrees == 200


def test_within_a_table_each_setting_has_its_own_source(config, monkeypatch):
    config.write_text('model = "m"\n[healing]\nseed = 5\nheal_steps = 7\nheal_lr = 0.1')
    monkeypatch.setenv("SELFHEAL_HEALER_HEALING__SEED", "6")
    monkeypatch.setenv("SELFHEAL_HEALER_HEALING__HEAL_LR", "0.2")

    healing = read_settings(HealerSettings, config, {"healing": {"heal_lr": "0.3"}}).healing

    assert (healing.seed, healing.heal_steps, healing.heal_lr) == (6, 7, 0.3)
    assert healing.batch_rows == 100


def test_settings_cannot_be_changed_once_they_are_read():
    settings = read_settings(OvenSettings, None, {})

    with pytest.raises(ValueError, match="frozen"):
        settings.degrees = 0


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("degree = 190", "degree: no such setting, expected one of bootstrap, degrees"),
        ("degrees = 'hot'", "degrees: Input should be a valid integer"),
        ("degrees = 301", "degrees: Input should be less than or equal to 300"),
        ("metrics_port = -1", "metrics_port: Input should be greater than or equal to 0"),
        ("degrees = ", "not TOML"),
    ],
)
def test_a_wrong_setting_is_named_with_what_was_expected(config, content, expected):
    config.write_text(content)

    with pytest.raises(SettingsError, match=expected):
        read_settings(OvenSettings, config, {})


def test_a_file_that_is_not_there_is_named(config):
    with pytest.raises(SettingsError, match=r"oven\.toml: cannot be read: No such file"):
        read_settings(OvenSettings, config, {})


def test_a_file_that_is_no_text_is_refused(config):
    config.write_bytes(b"\xff\xfe")

    with pytest.raises(SettingsError, match="not TOML"):
        read_settings(OvenSettings, config, {})


def test_no_secret_stands_in_an_error_or_in_what_settings_show(config, monkeypatch):
    config.write_text('[properties]\n"sasl.password" = "hunter2"\n"ssl.key.password" = 4929')

    with pytest.raises(SettingsError) as wrong:
        read_settings(OvenSettings, config, {})
    assert "4929" not in str(wrong.value)
    assert "hunter2" not in str(wrong.value)
    assert wrong.value.__suppress_context__

    monkeypatch.setenv("OVEN_PROPERTIES", "hunter2, not JSON")
    with pytest.raises(SettingsError) as unreadable:
        read_settings(OvenSettings, None, {})
    assert "hunter2" not in str(unreadable.value)

    monkeypatch.setenv("OVEN_PROPERTIES", '{"sasl.password": "hunter2"}')
    assert "hunter2" not in repr(read_settings(OvenSettings, None, {}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("batch_rows", 0),
        ("step_rows", -1),
        ("conflict_min", 1.5),
        ("heal_lr", 0),
        ("alarm_rate", 0),
    ],
)
def test_a_healing_setting_outside_its_range_is_refused(name, value):
    with pytest.raises(SettingsError, match=f"healing: .*{name} is .*expected"):
        read_settings(HealerSettings, None, {"model": "m", "healing": {name: value}})
