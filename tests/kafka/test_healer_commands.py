"""What operators may do while a healer leads: commands, and the thresholds in a file."""

import json
import time

import pytest
from typer.testing import CliRunner

from cli.main import app
from registry.commands import sign_command
from selfheal.bus.message import Outgoing
from selfheal.records.control import ActivateCommand, ThresholdsCommand
from selfheal.records.healing_events import (
    CommandExecuted,
    CommandRefused,
    ThresholdsChanged,
    ThresholdsRefused,
    VersionActivated,
    VersionRolledBack,
)
from tests.deployment import different_adapters, kill, ready

VALID = {"rollback_f1_drop": 0.05, "rollback_acc_drop": 0.10, "health_window": 5}


@pytest.fixture(scope="module")
def led(deploy):
    """A healer that leads, with two versions in the registry."""
    with deploy() as deployment:
        deployment.publish(*different_adapters(2))
        ready(deployment.start_healer(policy="none"))
        yield deployment


def operate(deployment, *arguments):
    """Run `selfheal registry`, as an operator with the key does; exit code and answer."""
    place = ("--bootstrap", deployment.bus.bootstrap, "--prefix", deployment.bus.prefix)
    keys = ("--key", str(deployment.private_key), "--public-keys", str(deployment.keys))
    result = CliRunner().invoke(app, ["registry", *arguments, *place, *keys, "--json"])
    return result.exit_code, json.loads(result.stdout) if result.stdout else result.stderr


def give(deployment, command, signer="the healer's"):
    """Write a command to `control`."""
    signer = deployment.publisher.signer if signer == "the healer's" else signer
    value, headers = sign_command(command, signer)
    deployment.send([Outgoing(deployment.topics.control, value, headers=headers)])


def activation(id_, version="base"):
    return ActivateCommand(id_, version, "test", time.time_ns() // 1_000_000)


def answers(deployment, id_):
    """Executed, or why not, for each answer to a command."""
    told = deployment.told(CommandExecuted | CommandRefused)
    own = [each.event for each in told if each.event.command_id == id_]
    return ["executed" if isinstance(e, CommandExecuted) else e.reason for e in own]


def test_activate_is_carried_out_and_answered(led):
    code, answer = operate(led, "activate", "v1", "--reason", "v2 misses gift cards")

    active = led.registry().active
    assert (code, answer["by"], answer["version"]) == (0, "healer", "v1")
    assert (active.version, active.epoch, active.reason) == (
        "v1",
        answer["epoch"],
        "v2 misses gift cards",
    )
    assert led.told(VersionActivated)[-1].event.cause == "operator"


def test_rollback_is_carried_out_and_answered(led):
    operate(led, "activate", "v2")

    code, answer = operate(led, "rollback")

    assert (code, answer["by"], answer["version"]) == (0, "healer", "base")
    assert led.told(VersionRolledBack)[-1].event.previous_version == "v2"


def test_pin_and_its_withdrawal_are_carried_out_and_answered(led):
    pinned, _ = operate(led, "pin", "v1")
    pins = set(led.registry().pins)
    freed, _ = operate(led, "pin", "v1", "--off")

    assert (pinned, freed) == (0, 0)
    assert pins == {"v1"}
    assert set(led.registry().pins) == set()


def test_thresholds_are_changed_by_command(led, eventually):
    values = {"health_window": 7.0}
    give(led, ThresholdsCommand("t-1", values, "test", time.time_ns() // 1_000_000))

    eventually(lambda: answers(led, "t-1"), "an answer")

    (changed,) = led.told(ThresholdsChanged)
    assert (changed.event.source, changed.event.health_window) == ("command", 7)


def test_a_command_that_is_impossible_is_refused(led, eventually):
    give(led, activation("unknown", "v99"))

    eventually(lambda: answers(led, "unknown"), "an answer")

    assert answers(led, "unknown") == ["unknown_version"]


def test_an_unsigned_command_is_refused_with_an_event_and_changes_nothing(led, eventually):
    epoch = led.registry().active.epoch
    give(led, activation("unsigned"), signer=None)

    eventually(
        lambda: "unsigned" in {told.event.reason for told in led.told(CommandRefused)}, "a refusal"
    )

    assert led.registry().active.epoch == epoch


def test_a_replayed_command_is_refused_with_an_event_and_changes_nothing(led, eventually):
    command = activation("replayed")
    give(led, command)
    eventually(lambda: answers(led, "replayed"), "an answer")
    epoch = led.registry().active.epoch

    give(led, command)
    eventually(lambda: len(answers(led, "replayed")) == 2, "another answer")

    assert answers(led, "replayed") == ["executed", "repeated"]
    assert led.registry().active.epoch == epoch


def test_a_command_that_an_earlier_leader_answered_is_not_carried_out_again(deployment, eventually):
    deployment.publish(*different_adapters(2))
    first = deployment.start_healer(policy="none")
    for id_, version in (("a", "v1"), ("b", "v2")):
        give(deployment, activation(id_, version))
    eventually(lambda: answers(deployment, "b"), "both are answered")
    epoch = deployment.registry().active.epoch

    kill(first)
    give(deployment, activation("c", "base"))  # while nobody leads
    deployment.start_healer("healer-2", policy="none")
    eventually(lambda: answers(deployment, "c"), "the next leader carries it out")

    assert [answers(deployment, id_) for id_ in "abc"] == [["executed"]] * 3
    assert deployment.registry().active.epoch == epoch + 1


def test_without_a_healer_an_operator_takes_over_and_the_next_healer_follows(
    deployment, eventually
):
    deployment.publish(*different_adapters(2))

    code, answer = operate(deployment, "activate", "v1", "--takeover")
    healer = deployment.start_healer(policy="none")
    ready(healer)
    give(deployment, activation("next", "v2"))
    eventually(lambda: answers(deployment, "next"), "the healer leads")

    assert (code, answer["by"], answer["version"], answer["epoch"]) == (0, "takeover", "v1", 3)
    assert deployment.registry().active.epoch == 4
    assert deployment.told(VersionActivated)[-1].event.previous_version == "v1"


def test_an_edited_threshold_file_is_applied_or_refused_with_an_event(deployment, eventually):
    deployment.thresholds.write_text(json.dumps(VALID))
    deployment.start_healer(policy="none")

    def changed():
        return [told.event.rollback_f1_drop for told in deployment.told(ThresholdsChanged)]

    def refused():
        return [told.event.field for told in deployment.told(ThresholdsRefused)]

    eventually(lambda: changed() == [0.05], "the file that was there")
    deployment.thresholds.write_text(json.dumps(VALID | {"rollback_f1_drop": 0.03}))
    eventually(lambda: changed() == [0.05, 0.03], "a valid change")
    deployment.thresholds.write_text(json.dumps(VALID | {"rollback_f1_drop": 3}))
    eventually(lambda: refused() == ["rollback_f1_drop"], "an invalid one")
    deployment.thresholds.write_text(json.dumps(VALID)[:20])
    eventually(lambda: len(refused()) == 2, "one half written")
    deployment.thresholds.write_text(json.dumps(VALID | {"rollback_f1_drop": 0.04}))
    eventually(lambda: len(changed()) == 3, "and whole again")

    last = deployment.told(ThresholdsChanged)[-1].event
    assert (last.rollback_f1_drop, last.previous_rollback_f1_drop) == (0.04, 0.03)
    assert {told.event.source for told in deployment.told(ThresholdsChanged)} == {"file"}
