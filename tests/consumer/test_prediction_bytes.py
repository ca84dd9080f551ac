"""What the scorer writes is what the record type says, byte for byte."""

from pathlib import Path

import numpy as np
import pytest

from consumer import live
from consumer.decoding import Transactions
from consumer.scoring import Scored, predictions
from producer.scenarios import SCHEMA
from selfheal.model.folder import read_folder
from selfheal.records import Prediction, decode, encode

AWKWARD_IDS = ['"', "\\", "\x00\x1f\x7f", "\u2028 é 😀", "</script>", ""]
AWKWARD_SCORES = [0.0, 1.0, 5e-324, 1e-7, 0.1 + 0.2, 1.0 - 2**-53]


@pytest.fixture
def scored(rng: np.random.Generator) -> Scored:
    """Rows with ids and scores that encoders could disagree on."""
    ids = AWKWARD_IDS + [f"id-{row}" for row in range(500)]
    score = np.concatenate([AWKWARD_SCORES, 10.0 ** rng.uniform(-300, 0, 500)])
    rows = len(ids)
    return Scored(
        transactions=Transactions(
            positions=np.arange(rows),
            ids=ids,
            event_ms=rng.integers(0, 2**53, rows),
            values=np.zeros((rows, len(SCHEMA.features))),
        ),
        score=score,
        shadow_score=score[::-1].copy(),
        logit=np.zeros(rows),
        aligned=np.zeros((rows, len(SCHEMA.features))),
        decision=score >= 0.5,
        conflict=rng.random(rows) < 0.5,
        rules=[("low_v14", 'a "rule"')[: row % 3] for row in range(rows)],
    )


@pytest.fixture(scope="module")
def serving(model_folder: Path) -> live.Live:
    """The backbone alone."""
    return live.base(read_folder(model_folder))


def test_a_prediction_is_the_record_encoded(scored: Scored, serving: live.Live):
    written = predictions(scored, serving, now_ms=1_700_000_000_000)

    assert written == [
        encode(
            Prediction(
                id=scored.transactions.ids[row],
                event_ms=int(scored.transactions.event_ms[row]),
                scored_ms=1_700_000_000_000,
                score=float(scored.score[row]),
                decision=int(scored.decision[row]),
                version=serving.version,
                epoch=serving.epoch,
                shadow_score=float(scored.shadow_score[row]),
                rules=scored.rules[row],
                conflict=bool(scored.conflict[row]),
            )
        )
        for row in range(len(scored.score))
    ]


def test_a_prediction_is_read_back_as_it_was_made(scored: Scored, serving: live.Live):
    written = predictions(scored, serving, now_ms=5)

    read = [decode(Prediction, value) for value in written]

    assert [each.id for each in read] == scored.transactions.ids
    assert [each.score for each in read] == scored.score.tolist()
