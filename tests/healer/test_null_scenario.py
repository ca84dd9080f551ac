"""Where nothing drifts, the policy `selfheal` leaves every prediction as it is."""

import numpy as np
import pytest

from cli.demo.backbone import trained
from cli.in_process import InProcess
from healer.policies import SELFHEAL
from healer.policy_settings import HealingSettings
from producer.labels import Labeller
from producer.scenarios import scenario
from producer.stream import Stream, transaction_id
from selfheal.records.feedback import Label

ROWS, BATCH = 20_000, 500


class Run:
    """The scenario `null`, its labels late and for a tenth of the rows."""

    def __init__(self, seed):
        stream = Stream(scenario("null"), seed, ROWS)
        self.system = InProcess(trained(stream), SELFHEAL, HealingSettings())
        rows, place = stream.rows(0, ROWS), np.arange(ROWS)
        given = Labeller(stream.scenario.labels, seed).give(rows, place, place)
        self.scored = []
        for first in range(0, ROWS, BATCH):
            part = slice(first, first + BATCH)
            ids = [transaction_id(seed, row) for row in place[part]]
            is_due = (given.due >= first) & (given.due < first + BATCH)
            labels = [
                Label(transaction_id(seed, row), int(label), int(due))
                for row, label, due in zip(
                    given.position[is_due], given.labels[is_due], given.due[is_due], strict=True
                )
            ]
            self.scored.append(self.system.feed(ids, place[part], rows.values[part], labels))


@pytest.fixture(scope="module", params=[0, 1])
def run(request) -> Run:
    return Run(request.param)


def test_nothing_is_published_and_nothing_alarms(run):
    assert run.system.healer.heals.published == 0
    assert run.system.healer.served.version == "base"
    assert run.system.healer.verdict == "stable"


def test_every_prediction_is_that_of_the_frozen_network_bit_by_bit(run):
    for scored in run.scored:
        np.testing.assert_array_equal(scored.score, scored.shadow_score)


def test_the_labels_did_come(run):
    assert run.system.healer.window.labels_joined == pytest.approx(0.1 * (ROWS - 2_000), rel=0.1)
