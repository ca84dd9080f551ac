"""Commands whose Kafka is not as it must be: one line that says so, and the exit code for it."""

import json
import signal
import socket
import subprocess
import sys

import pytest

from selfheal.bus.message import Outgoing
from selfheal.bus.reader import LogReader
from selfheal.bus.settings import BusSettings
from selfheal.bus.topic_admin import create_topics
from selfheal.bus.topics import Topics, TopicSpec
from selfheal.bus.writer import Writer

SELFHEAL = (sys.executable, "-m", "cli.main")
NOWHERE = ("--bootstrap", "127.0.0.1:1")


def start(*command):
    return subprocess.Popen(
        [*SELFHEAL, *map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def ended(process):
    """Exit code, and what it said on standard error."""
    _, said = process.communicate(timeout=60)
    return process.returncode, said.strip()


def test_every_command_says_in_a_line_that_no_broker_answers(model_folder, tmp_path):
    model = ("--model", model_folder, "--no-require-signature")
    commands = {
        "score": ("score", *model),
        "heal": ("heal", *model),
        "replay": ("replay", "--transactions", "10"),
        "topics": ("topics", "create"),
        "registry": ("registry", "history"),
        "export": ("export", "--out", tmp_path / "out"),
    }

    running = {name: start(*command, *NOWHERE) for name, command in commands.items()}
    results = {name: ended(process) for name, process in running.items()}

    assert {name: code for name, (code, _) in results.items()} == dict.fromkeys(commands, 3)
    for _, said in results.values():
        assert said.startswith("error: no Kafka broker answered at 127.0.0.1:1 within 10 s")
        assert "\n" not in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("missing", ["transactions", "transactions.dlq"])
def test_a_service_names_the_topic_that_is_missing(bus, model_folder, missing):
    names = [spec.name for spec in Topics(bus.prefix).specs() if spec.name != bus.prefix + missing]
    create_topics(bus, [TopicSpec(name, 1) for name in names])

    place = ("--bootstrap", bus.bootstrap, "--prefix", bus.prefix)
    code, said = ended(start("score", "--model", model_folder, "--no-require-signature", *place))

    assert code == 1
    assert said == (
        f"error: missing topic: {bus.prefix}{missing}; "
        "create the topics with `selfheal topics create`"
    )


def test_a_client_property_that_cannot_be_is_named(bus, topics, model_folder):
    place = ("--bootstrap", bus.bootstrap, "--prefix", bus.prefix)
    wrong = ("--set", "properties.session.timeout.ms=soon")

    code, said = ended(
        start("score", "--model", model_folder, "--no-require-signature", *place, *wrong)
    )

    assert code == 2
    assert said.startswith("error: properties: ")
    assert "session.timeout.ms" in said


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_broker_in_the_foreground_keeps_its_records_in_its_folder(tmp_path):
    port = free_port()
    bus = BusSettings(f"127.0.0.1:{port}")

    def run(use):
        process = start("broker", "--folder", tmp_path / "kafka", "--port", port)
        assert f"serves 127.0.0.1:{port}" in process.stdout.readline()
        found = use()
        process.send_signal(signal.SIGINT)
        return found, ended(process)

    def write():
        create_topics(bus, [TopicSpec("kept", 1)])
        with Writer(bus) as writer:
            writer.send(Outgoing("kept", b"v"))

    def read():
        with LogReader(bus, ["kept"]) as reader:
            return [message.value for message in reader.read_to_end()]

    _, first = run(write)
    found, second = run(read)

    assert (first, second) == ((0, ""), (0, ""))
    assert found == [b"v"]


def test_a_broker_whose_port_is_taken_says_so():
    with socket.socket() as occupied:
        occupied.bind(("127.0.0.1", 0))
        occupied.listen()

        code, said = ended(start("broker", "--port", occupied.getsockname()[1]))

    assert code == 1
    assert "is not to be had" in said
    assert "\n" not in said


def test_describe_says_what_is_wrong_with_the_topics(bus):
    create_topics(bus, [TopicSpec(f"{bus.prefix}adapters", 3)])

    process = start(
        *("topics", "describe", "--json", "--bootstrap", bus.bootstrap, "--prefix", bus.prefix)
    )
    output, _ = process.communicate(timeout=60)

    problems = {each["topic"]: each["problems"] for each in json.loads(output)}
    assert process.returncode == 1
    assert any("3 partition" in problem for problem in problems[f"{bus.prefix}adapters"])
    assert any("topics create" in problem for problem in problems[f"{bus.prefix}transactions"])
