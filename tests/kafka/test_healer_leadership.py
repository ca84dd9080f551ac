"""One healer acts: who takes over, who stands by, and that nothing is written twice."""

import signal
import time

import pytest

from registry.commands import sign_command
from registry.topic import take_over
from selfheal.bus.message import Outgoing
from selfheal.records.control import ActivateCommand
from selfheal.records.healing_events import CommandExecuted
from selfheal.records.service_events import LeadershipLost, LeadershipTaken
from tests.deployment import different_adapters, kill, metric, ready


@pytest.fixture
def leader(deployment, eventually):
    """healer-1, which leads over a registry with two versions."""
    deployment.publish(*different_adapters(2))
    healer = deployment.start_healer("healer-1", policy="none")
    eventually(lambda: leaders(deployment) == ["healer-1"], "healer-1 leads")
    return healer


@pytest.fixture
def standby(deployment, leader):
    """healer-2, which does not."""
    healer = deployment.start_healer("healer-2", policy="none")
    ready(healer)
    return healer


def leaders(deployment):
    """Who took the lead, in order."""
    return [told.instance for told in deployment.told(LeadershipTaken)]


def ask_for(deployment, version):
    """Give whoever leads a reason to write."""
    command = ActivateCommand(f"serve {version}", version, "test", time.time_ns() // 1_000_000)
    value, headers = sign_command(command, deployment.publisher.signer)
    deployment.send([Outgoing(deployment.topics.control, value, headers=headers)])


def executors(deployment):
    """Which healer carried out each command, in order."""
    return [(t.event.command_id, t.instance) for t in deployment.told(CommandExecuted)]


def test_the_standby_takes_over_from_a_killed_leader_and_goes_on_where_it_was(
    deployment, leader, standby, eventually
):
    ask_for(deployment, "v1")
    eventually(lambda: executors(deployment), "the leader writes")

    kill(leader)
    ask_for(deployment, "base")
    eventually(lambda: len(executors(deployment)) == 2, "the standby takes over")

    assert executors(deployment) == [("serve v1", "healer-1"), ("serve base", "healer-2")]
    assert leaders(deployment) == ["healer-1", "healer-2"]
    assert deployment.registry().active.epoch == 4
    assert deployment.written_twice() == []


def test_a_leader_that_hung_stands_by_when_it_wakes_up(deployment, leader, standby, eventually):
    leader.process.send_signal(signal.SIGSTOP)
    ask_for(deployment, "v1")
    eventually(lambda: executors(deployment), "the standby takes over")

    leader.process.send_signal(signal.SIGCONT)
    eventually(lambda: deployment.told(LeadershipLost, "healer-1"), "the zombie steps down")
    ask_for(deployment, "base")
    eventually(lambda: len(executors(deployment)) == 2, "commands go on being carried out")

    assert executors(deployment) == [("serve v1", "healer-2"), ("serve base", "healer-2")]
    assert [metric(each, "selfheal_is_leader") for each in (leader, standby)] == [0, 1]
    assert deployment.registry().active.epoch == 4
    assert deployment.written_twice() == []


def test_a_leader_that_an_operator_fenced_writes_no_more_before_it_leads_anew(
    deployment, leader, eventually
):
    take_over(
        deployment.bus,
        deployment.acceptance,
        lambda view: deployment.publisher.activate(view, "v1", "took over", 1_000),
    )
    ask_for(deployment, "base")
    eventually(lambda: executors(deployment), "it leads anew")

    assert [told.event.cause for told in deployment.told(LeadershipLost)] == ["fenced"]
    assert leaders(deployment) == ["healer-1", "healer-1"]
    assert executors(deployment) == [("serve base", "healer-1")]
    assert deployment.registry().active.epoch == 4
    assert deployment.written_twice() == []


def test_a_leader_that_stops_hands_over_at_once(deployment, leader, standby, eventually):
    assert leader.stop() == 0

    eventually(lambda: leaders(deployment) == ["healer-1", "healer-2"], "healer-2 leads", 5.0)

    assert [told.event.cause for told in deployment.told(LeadershipLost)] == ["stopped"]
