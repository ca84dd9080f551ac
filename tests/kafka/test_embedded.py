"""The embedded broker: starts, stops, keeps what it is to keep and leaves nothing else behind."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from selfheal.bus.embedded import EmbeddedBroker
from selfheal.bus.errors import BrokerStartError, JarsUnavailable
from selfheal.bus.message import Outgoing
from selfheal.bus.reader import LogReader
from selfheal.bus.settings import BusSettings
from selfheal.bus.topic_admin import create_topics
from selfheal.bus.topics import TopicSpec
from selfheal.bus.writer import Writer

EMBEDDING = Path(__file__).parent / "embedding.py"
UNREACHABLE = "http://127.0.0.1:9"


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_whatever_ends_its_parent_nothing_is_left(number, eventually):
    parent = subprocess.Popen(
        [sys.executable, str(EMBEDDING)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    pid, folder = parent.stdout.readline().split()
    was_there = is_alive(int(pid)) and Path(folder).exists()

    os.killpg(parent.pid, number)  # the group, as Ctrl-C in a terminal does
    parent.wait()
    parent.stdout.close()

    assert was_there
    eventually(lambda: not is_alive(int(pid)), "the Java process ends")
    eventually(lambda: not Path(folder).exists(), "the temporary folder is removed")


def test_a_given_folder_keeps_its_records_and_starts_without_a_network(tmp_path, monkeypatch):
    with EmbeddedBroker(tmp_path) as broker:
        bus = BusSettings(broker.bootstrap)
        create_topics(bus, [TopicSpec("kept", 1)])
        with Writer(bus) as writer:
            writer.send(Outgoing("kept", b"v"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, UNREACHABLE)

    with (
        EmbeddedBroker(tmp_path) as again,
        LogReader(BusSettings(again.bootstrap), ["kept"]) as reader,
    ):
        assert [message.value for message in reader.read_to_end()] == [b"v"]


def test_a_broker_that_ends_at_its_start_shows_the_end_of_its_log(tmp_path):
    broken = EmbeddedBroker(tmp_path, server_properties={"num.partitions": "many"})

    with pytest.raises(BrokerStartError, match=r"(?s)ended at its start.*num\.partitions"):
        broken.start()


def test_a_port_in_use_is_named():
    with socket.socket() as occupied:
        occupied.bind(("127.0.0.1", 0))
        occupied.listen()
        port = occupied.getsockname()[1]

        with pytest.raises(BrokerStartError, match=f"port {port} of 127.0.0.1 is not to be had"):
            EmbeddedBroker(port=port).start()


def test_archives_that_cannot_be_had_are_an_error_that_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("JGO_CACHE_DIR", str(tmp_path / "jgo"))
    monkeypatch.setenv("M2_REPO", str(tmp_path / "m2"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, UNREACHABLE)

    with pytest.raises(JarsUnavailable, match="--bootstrap"):
        EmbeddedBroker().start()


def test_stopping_twice_or_before_the_start_is_harmless():
    broker = EmbeddedBroker()

    broker.stop()
    broker.stop()

    with pytest.raises(RuntimeError, match="no address"):
        _ = broker.bootstrap
