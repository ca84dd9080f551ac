"""`selfheal demo`, as somebody runs it: the result, and what is left of it when things go wrong."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
import pytest
from confluent_kafka.admin import AdminClient

from producer.scenarios import scenario
from producer.stream import Stream, transaction_id
from selfheal.bus.message import Message
from selfheal.bus.reader import LogReader
from selfheal.bus.settings import BusSettings
from selfheal.bus.topics import Topics

DEMO = (sys.executable, "-m", "cli.main", "demo")


class Demo:
    """A running demo, in a session of its own so that a signal for it reaches no one else."""

    def __init__(self, out: Path, *options: str) -> None:
        self.process = subprocess.Popen(
            [*DEMO, "--out", str(out), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def wait_until_scored(self, rows: int) -> None:
        """Return once its progress says so."""
        for line in self.process.stderr:
            progress = re.search(r"([\d,]+) of [\d,]+ scored", line)
            if progress and int(progress[1].replace(",", "")) >= rows:
                return
        pytest.fail(f"the demo ended before it had scored {rows} rows")

    def result(self) -> dict:
        """Its JSON; fails with what it said where it failed."""
        output, said = self.process.communicate(timeout=100)
        assert self.process.returncode == 0, said
        return json.loads(output)

    def services(self) -> dict[int, str]:
        """Command lines of the processes that it started, directly or not, by id."""
        listing = subprocess.check_output(["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], text=True)
        rows = [line.split(None, 2) for line in listing.splitlines()]
        family = {self.process.pid}
        for _ in range(4):  # the broker's Java is the child of a child
            family |= {int(pid) for pid, parent, _ in rows if int(parent) in family}
        family.discard(self.process.pid)
        return {int(pid): command for pid, _, command in rows if int(pid) in family}


@dataclass
class Run:
    """What a demo on the session's broker left behind."""

    report: dict
    out: Path
    predictions: list[Message]
    events: list[Message]


def topics_of_a_new_demo(bootstrap, known):
    """The names of the topics of the demo that was run last."""
    prefixes = {name.split(".")[0] for name in _topics(bootstrap) - known if "demo-" in name}
    (prefix,) = prefixes
    return Topics(f"{prefix}.")


def _topics(bootstrap):
    return set(AdminClient({"bootstrap.servers": bootstrap}).list_topics().topics)


def kill_a_scorer(demo: Demo) -> int:
    """End one of the two as a power cut would; its process id."""
    scorers = [pid for pid, line in demo.services().items() if "-m consumer" in line]
    os.kill(scorers[0], signal.SIGKILL)
    return len(scorers)


@pytest.fixture(scope="module")
def run(broker, tmp_path_factory) -> Run:
    """9,000 transactions with an abrupt drift at one third; one of two scorers dies before it."""
    out = tmp_path_factory.mktemp("demo") / "out"
    known = _topics(broker.bootstrap)
    stream = ("--transactions", "9000", "--rate", "900", "--seed", "3")
    quick = ("--set", "transaction_timeout_s=3")
    demo = Demo(out, "--json", "--bootstrap", broker.bootstrap, *stream, *quick)
    demo.wait_until_scored(500)
    assert kill_a_scorer(demo) == 2
    report = demo.result()
    topics = topics_of_a_new_demo(broker.bootstrap, known)
    with LogReader(BusSettings(broker.bootstrap), [topics.predictions, topics.events]) as reader:
        messages = reader.read_to_end()
    return Run(
        report,
        out,
        predictions=[m for m in messages if m.topic == topics.predictions],
        events=[m for m in messages if m.topic == topics.events],
    )


def test_every_transaction_is_predicted_once_though_a_scorer_was_killed(run):
    ids = Counter(orjson.loads(message.value)["id"] for message in run.predictions)

    assert ids == Counter(transaction_id(3, row) for row in range(9_000))
    assert (run.report["predictions"], run.report["lost"], run.report["doubled"]) == (9_000, 0, 0)


def test_it_heals(run):
    stages = run.report["stages"]

    assert run.report["verdict"] == "healed"
    assert stages["clean"]["accuracy"] > 0.92
    assert stages["healed"]["accuracy"] > stages["drifted"]["accuracy"] + 0.2
    assert stages["healed"]["accuracy"] > stages["always_majority"]["accuracy"]


def test_swaps_are_timed(run):
    assert 0 < run.report["swap_ms"]["p50"] <= run.report["swap_ms"]["p99"] < 10_000


def test_every_other_service_stopped_as_it_was_asked(run):
    last = [json.loads(log.read_text().splitlines()[-1]) for log in run.out.glob("logs/*.log")]

    stopped = [line for line in last if line.get("event", {}).get("action") == "service.stopped"]
    assert (len(last), len(stopped)) == (4, 3)


def test_the_results_are_written(run):
    with (run.out / "monitoring_export" / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))

    assert len(rows) == 90
    assert json.loads((run.out / "report.json").read_text()) == run.report
    assert (run.out / "monitoring_export" / "events.json").exists()
    assert (run.out / "monitoring_export" / "threshold_config.json").exists()
    assert len(list(run.out.glob("plots/*.png"))) == 8


def test_no_event_log_or_report_holds_a_feature_value_or_an_id(run):
    files = [*run.out.glob("logs/*"), *run.out.glob("monitoring_export/*.json")]
    told = b"".join(message.value for message in run.events).decode()
    texts = [told, (run.out / "report.json").read_text(), *(file.read_text() for file in files)]
    values = Stream(scenario("abrupt"), 3, 9_000).rows(0, 9_000).values
    # Shares and seconds below 1 are told to six digits as well, and some equal a value by chance.
    large = values[np.abs(values) >= 1.0].tolist()
    long_values = {text for text in map(repr, large) if len(text) >= 8}

    said = {number for text in texts for number in re.findall(r"-?\d+\.\d+", text)}

    assert len(long_values) > 30_000
    assert not said & long_values
    assert not any(re.search(r"\bs3-\d+", text) for text in texts)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_whatever_ends_a_demo_none_of_its_processes_is_left(tmp_path, eventually, number):
    demo = Demo(tmp_path / "out", "--rate", "500", "--policy", "none")
    demo.wait_until_scored(1)
    services = demo.services()

    os.kill(demo.process.pid, number)
    demo.process.communicate(timeout=60)

    kinds = ("-m consumer", "-m healer", "-m producer", "kafka.Kafka")
    assert [k for k in kinds if not any(k in line for line in services.values())] == []
    for pid, command in services.items():
        eventually(lambda pid=pid: not is_running(pid), f"{command[:60]} ends")


def is_running(pid):
    """Whether the process is there and no zombie that nobody waits for."""
    listing = ["ps", "-o", "stat=", "-p", str(pid)]
    state = subprocess.run(listing, capture_output=True, text=True, check=False)
    return bool(state.stdout.strip()) and not state.stdout.startswith("Z")
