"""Somebody's own file, from training to predictions, with the commands that the README gives.

The file is the phishing data set of the package river: 1,250 web sites, 9 features, no id, no time.
"""

import csv
import json
import re
import socket
import subprocess
import sys
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from river.datasets import Phishing

from selfheal.bus.reader import LogReader
from selfheal.bus.topics import Topics
from selfheal.records import Prediction, decode

SELFHEAL = (sys.executable, "-m", "cli.main")
TRAINING_ROWS = 500


class Shell:
    """Where the commands are typed; `place` says on which broker."""

    def __init__(self, folder, place):
        self.folder, self.place, self.running = folder, place, []

    def run(self, *command):
        """A command that ends; what it printed."""
        done = subprocess.run(
            [*SELFHEAL, *command], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, *command):
        """A service, in the background; the port of its metrics."""
        port = free_port()
        arguments = [*command, *self.place, "--metrics-port", str(port)]
        with (self.folder / f"{command[0]}.log").open("w") as output:
            self.running.append(
                subprocess.Popen([*SELFHEAL, *arguments], cwd=self.folder, stdout=output)
            )
        return port


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def shell(bus, tmp_path):
    shell = Shell(tmp_path, ("--bootstrap", bus.bootstrap, "--prefix", bus.prefix))
    yield shell
    for service in shell.running:
        service.kill()
        service.wait()


@pytest.fixture
def labels(tmp_path):
    """The truth of each row of phishing.csv, which it writes."""
    rows = [(features, int(label)) for features, label in Phishing()]
    with (tmp_path / "phishing.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0][0], "is_phishing"])
        writer.writeheader()
        writer.writerows({**features, "is_phishing": label} for features, label in rows)
    return [label for _, label in rows]


def metric(port, name):
    """The sum of a metric over its labels; 0 while the service is not there."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            found = re.findall(rf"^{name}(?:{{.*}})? (\S+)$", answer.read().decode(), re.MULTILINE)
    except URLError:
        return 0.0
    return sum(map(float, found))


def test_a_file_of_ones_own_is_trained_scored_and_its_labels_joined(shell, bus, labels, eventually):
    shell.run(*f"train phishing.csv --target is_phishing --rows {TRAINING_ROWS}".split())
    shell.run("topics", "create", *shell.place)
    keys = json.loads(shell.run("keys", "new", "--out", "keys", "--json"))
    scorer = shell.start("score", "--model", "model", "--public-keys", "keys")
    healer = shell.start(
        *("heal", "--model", "model", "--public-keys", "keys", "--signing-key", keys["private"])
    )

    shell.run(
        *("replay", "phishing.csv", "--model", "model", "--target", "is_phishing"),
        *("--rate", "0", "--label-rate", "0.5", "--label-delay", "100", *shell.place),
    )
    scored, joined = "selfheal_transactions_scored_total", "selfheal_labels_joined_total"
    eventually(lambda: metric(scorer, scored) == len(labels), "all is scored")
    eventually(lambda: metric(healer, joined) > 400, "labels are joined")
    for service in shell.running:
        service.terminate()

    predictions = predictions_of(bus)
    later = range(TRAINING_ROWS, len(labels))
    right = [labels[row] == predictions[f"row-{row}"].decision for row in later]
    majority = max(sum(labels[row] == label for row in later) for label in (0, 1))
    assert sorted(predictions) == sorted(f"row-{row}" for row in range(len(labels)))
    assert sum(right) > majority + 0.2 * len(later)
    assert [service.wait(20) for service in shell.running] == [0, 0]


def predictions_of(bus):
    """By id. Each id must be there once."""
    with LogReader(bus, [Topics(bus.prefix).predictions]) as reader:
        found = [decode(Prediction, message.value) for message in reader.read_to_end()]
    by_id = {prediction.id: prediction for prediction in found}
    assert len(by_id) == len(found)
    return by_id
