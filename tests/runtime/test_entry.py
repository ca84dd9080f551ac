"""What a service's end means to the shell that started it."""

import json
import signal
from pathlib import Path

import pytest

from selfheal.bus.errors import BrokerUnreachable, BusError, BusSettingsError
from selfheal.model.errors import ModelError
from selfheal.runtime.entry import SafetyLimitError, run_module, run_service
from selfheal.runtime.secrets import read_secret
from selfheal.runtime.settings import ServiceSettings, SettingsError
from selfheal.runtime.stopping import StopSignal
from selfheal.telemetry.endpoint import EndpointError


class KeyFileError(Exception):
    """An error of the service's own that means wrong settings."""


@pytest.fixture(autouse=True)
def own_signals():
    """Services take over signals; give them back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, taker in before.items():
        signal.signal(number, taker)


def code_of(error: Exception | None) -> int:
    def run(_settings: ServiceSettings, _stopping: StopSignal) -> None:
        if error is not None:
            raise error

    return run_service("oven", ServiceSettings, run, usage_errors=(KeyFileError,))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (None, 0),
        (BusError("the broker said no"), 1),
        (SettingsError("degrees: missing"), 2),
        (BusSettingsError("bootstrap: empty"), 2),
        (EndpointError("port 80: not allowed"), 2),
        (ModelError("model: no backbone"), 2),
        (KeyFileError("key: not there"), 2),
        (BrokerUnreachable("localhost:9", 5.0), 3),
        (SafetyLimitError("1000 bad records on end"), 4),
    ],
)
def test_each_end_has_its_exit_code_and_one_line_where_it_is_an_error(error, code, capsys):
    assert code_of(error) == code

    said = capsys.readouterr().err.splitlines()
    lines = [line for line in said if line.startswith("error: ")]
    assert lines == ([] if error is None else [f"error: {error}"])


def test_a_bug_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        code_of(ZeroDivisionError())


def test_wrong_settings_end_a_service_before_it_runs(tmp_path, capsys):
    config = tmp_path / "oven.toml"
    config.write_text("degrees = 180")
    ran: list[ServiceSettings] = []

    code = run_service("oven", ServiceSettings, lambda s, _: ran.append(s), config=config)

    assert (code, ran) == (2, [])
    assert "error: degrees: no such setting" in capsys.readouterr().err


def test_a_module_takes_one_file_and_no_more(tmp_path, capsys):
    config = tmp_path / "oven.toml"
    config.write_text('prefix = "kitchen."')
    seen: list[str] = []

    def run(settings: ServiceSettings, _stopping: StopSignal) -> None:
        seen.append(settings.prefix)

    assert run_module("oven", ServiceSettings, run, [str(config)]) == 0
    assert run_module("oven", ServiceSettings, run, []) == 0
    assert run_module("oven", ServiceSettings, run, [str(config), "more"]) == 2
    assert seen == ["kitchen.", ""]
    assert "expected at most one argument" in capsys.readouterr().err


def test_the_settings_are_announced_without_the_clients_properties(capsys):
    flags = {"log_json": True, "properties": {"sasl.password": "hunter2"}, "prefix": "kitchen."}

    run_service("oven", ServiceSettings, lambda *_: None, flags=flags)

    out, err = capsys.readouterr()
    line = next(line for line in (out + err).splitlines() if '"settings"' in line)
    assert "kitchen." in json.dumps(json.loads(line))
    assert "hunter2" not in out + err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_asks_a_service_to_stop(number):
    asked: list[bool] = []

    def run(_settings: ServiceSettings, stopping: StopSignal) -> None:
        asked.append(bool(stopping))
        signal.raise_signal(number)
        asked.append(stopping.wait(5.0))

    assert run_service("oven", ServiceSettings, run) == 0
    assert asked == [False, True]


def test_a_second_ctrl_c_interrupts_at_once():
    stopping = StopSignal().listen()
    signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)

    assert stopping


def test_sigterm_comes_as_often_as_it_likes():
    stopping = StopSignal().listen()

    signal.raise_signal(signal.SIGTERM)
    signal.raise_signal(signal.SIGTERM)

    assert stopping


def test_waiting_ends_without_a_request_too():
    assert not StopSignal().wait(0.001)


def test_a_secret_is_what_its_file_holds_without_the_line_s_end(tmp_path):
    path = tmp_path / "key"
    path.write_bytes(b"s3cret\n")

    assert read_secret(path) == b"s3cret"
    assert read_secret(None) == b""


@pytest.mark.parametrize("content", [None, b"", b" \n"])
def test_a_secret_s_file_that_is_missing_or_empty_is_refused(tmp_path, content):
    path = Path(tmp_path / "key")
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(SettingsError, match=r"key: (cannot be read|is empty)"):
        read_secret(path)
