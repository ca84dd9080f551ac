"""`selfheal registry`, as an operator runs it."""

import json
import threading
import time

import pytest
from typer.testing import CliRunner

from cli.registry.command import app
from cli.registry.examples import EXAMPLES
from registry.commands import CommandDesk
from selfheal.bus.reader import LogReader
from selfheal.bus.topics import Topics
from selfheal.bus.writer import Writer
from selfheal.records.healing_events import CommandExecuted, CommandRefused
from selfheal.telemetry.event_log import EventLog


class Operator:
    """The command line, as someone runs it who has the broker's address and the keys."""

    def __init__(self, registry):
        self.registry = registry
        self.place = ("--bootstrap", registry.bus.bootstrap, "--prefix", registry.bus.prefix)

    def run(self, *arguments, **environment):
        return CliRunner().invoke(app, (*arguments, *self.place), env=environment)

    def read(self, *arguments):
        """Exit code and JSON of a command that checks signatures."""
        result = self.run(*arguments, "--public-keys", str(self.registry.keys), "--json")
        return result.exit_code, json.loads(result.stdout)

    def change(self, *arguments):
        registry = self.registry
        keys = ("--key", str(registry.private_key), "--public-keys", str(registry.keys), "--json")
        return self.run(*arguments, *keys)


@pytest.fixture
def operator(registry):
    return Operator(registry)


def test_ls_of_an_empty_registry(operator):
    assert operator.read("ls") == (
        0,
        {"active": None, "best": None, "held": [], "models": [], "refused": 0, "versions": []},
    )


def test_ls_shows_versions_best_and_active(operator):
    operator.registry.publish(0.8, 0.7)

    code, listed = operator.read("ls")

    assert code == 0
    assert [version["version"] for version in listed["versions"]] == ["v1", "v2"]
    assert (listed["active"]["version"], listed["best"]) == ("v2", "v1")


def test_tables_for_people_mark_what_matters(operator):
    operator.registry.publish(0.8, 0.7)

    text = operator.run("ls").output

    assert "[BEST]" in text
    assert "[ACTIVE]" in text
    assert "signatures are not checked" in text


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("show", "v1"), "post_heal"),
        (("diff", "base", "v1"), "output.shift"),
        (("history",), "F1 0.8"),
    ],
)
def test_other_tables_print(operator, arguments, expected):
    operator.registry.publish(0.8)

    result = operator.run(*arguments)

    assert result.exit_code == 0
    assert expected in result.output


def test_unknown_version_is_bad_usage(operator):
    operator.registry.publish(0.8)

    result = operator.run("show", "v9")

    assert result.exit_code == 2
    assert "v9: no such version, expected one of: v1" in result.stderr


def test_verify_of_a_sound_registry_is_ok(operator):
    operator.registry.publish(0.8, 0.7)

    code, report = operator.read("verify")

    assert code == 0
    assert (report["versions"], report["refused"], report["missing_epochs"]) == (2, [], [])


def test_verify_finds_a_forged_pointer(operator):
    operator.registry.publish(0.8)
    operator.registry.forge("base")

    code, report = operator.read("verify")

    assert code == 1
    assert [refused["kind"] for refused in report["refused"]] == ["unsigned", "unsigned"]


def test_verify_without_keys_is_bad_usage(operator):
    assert operator.run("verify").exit_code == 2


def test_export_writes_files(operator, tmp_path):
    operator.registry.publish(0.8)

    code, _ = operator.read("export", "--out", str(tmp_path / "out"))

    assert code == 0
    assert json.loads((tmp_path / "out" / "active.json").read_text())["version"] == "v1"


def test_takeover_activates_without_a_healer(operator):
    operator.registry.publish(0.8, 0.7)

    result = operator.change("activate", "v1", "--takeover", "--reason", "v2 harms")

    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "command": "activate",
        "by": "takeover",
        "version": "v1",
        "epoch": 3,
    }
    _, history = operator.read("history")
    assert history[-1]["reason"] == "v2 harms"


def test_takeover_rolls_back_to_what_served_before(operator):
    operator.registry.publish(0.8, 0.7)

    operator.change("rollback", "--takeover")

    assert operator.read("ls")[1]["active"]["version"] == "v1"


def test_takeover_pins_and_unpins(operator):
    operator.registry.publish(0.8)

    operator.change("pin", "v1", "--takeover")
    pinned = operator.read("show", "v1")[1]["is_pinned"]
    operator.change("pin", "v1", "--off", "--takeover")

    assert pinned
    assert not operator.read("show", "v1")[1]["is_pinned"]


def test_activate_of_an_unknown_version_is_bad_usage(operator):
    operator.registry.publish(0.8)

    assert operator.change("activate", "v7").exit_code == 2


def test_no_answer_from_a_healer_is_a_failure_that_says_what_to_do(operator):
    operator.registry.publish(0.8)

    result = operator.change("activate", "base", "--timeout", "0.5")

    assert result.exit_code == 1
    assert "Does a healer run?" in result.stderr


def answering(registry, answer, ready):
    """A healer's side of `control`: takes one command and tells what became of it."""
    topics = Topics(registry.bus.prefix)
    desk = CommandDesk(registry.acceptance.verifier)
    with (
        LogReader(registry.bus, [topics.control], start="latest") as commands,
        Writer(registry.bus) as writer,
    ):
        ready.set()
        events = EventLog(
            writer.send,
            topic=topics.events,
            service="healer",
            instance="healer-1",
            clock=lambda: time.time_ns() // 1_000_000,
        )
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            for message in commands.poll():
                _, command = desk.accept(
                    message.value, message.headers, time.time_ns() // 1_000_000
                )
                events.tell(answer(command))
                return


def ask(operator, answer, *arguments):
    ready = threading.Event()
    healer = threading.Thread(target=answering, args=(operator.registry, answer, ready))
    healer.start()
    assert ready.wait(20)
    result = operator.change(*arguments, "--timeout", "20")
    healer.join()
    return result


def test_healer_s_answer_is_printed(operator):
    operator.registry.publish(0.8)

    result = ask(
        operator,
        lambda command: CommandExecuted(command.kind, command.id, command.version, 2),
        "activate",
        "base",
    )

    assert result.exit_code == 0
    answer = json.loads(result.stdout.splitlines()[-1])  # after the stand-in healer's log
    assert (answer["by"], answer["version"], answer["epoch"]) == ("healer", "base", 2)


def test_healer_s_refusal_is_a_failure(operator):
    operator.registry.publish(0.8)

    result = ask(
        operator,
        lambda command: CommandRefused(command.kind, "nothing_to_roll_back", command.id),
        "rollback",
    )

    assert result.exit_code == 1
    assert "nothing_to_roll_back" in result.stderr


def test_keys_come_from_the_environment_too(operator):
    operator.registry.publish(0.8)

    result = operator.run("verify", SELFHEAL_PUBLIC_KEYS=str(operator.registry.keys))

    assert result.exit_code == 0


@pytest.mark.parametrize("command", EXAMPLES)
def test_help_has_three_examples_and_the_exit_codes(command):
    text = CliRunner().invoke(app, [command, "--help"]).output

    assert text.count(f"selfheal registry {command}") >= 3
    assert "Exit codes" in text
