"""What comes on `feedback`: records for the core, the rest for the dead letters."""

import pytest

from healer.feedback_log import FeedbackLog
from selfheal.bus.message import Message
from selfheal.records import encode
from selfheal.records.authenticity import CODE_HEADER, feedback_code
from tests.healer.rows import label, sample

SECRET = b"shared by scorers and healer"
FEATURES = {f"V{number}": 0.5 for number in (1, 2, 3, 4, 10, 11, 12, 14, 16, 17)}


def message(record, headers=()) -> Message:
    value = record if isinstance(record, bytes) else encode(record)
    return Message("feedback", 1, 7, b"a", value, tuple(headers), 1_000)


def coded(record, secret=SECRET) -> Message:
    """As a scorer writes it."""
    return message(record, [(CODE_HEADER, feedback_code(secret, b"a", encode(record)))])


class Log:
    """The log of a healer, and the dead letters that it wrote."""

    def __init__(self, driver, secret=b""):
        self.letters = []
        self.healer = driver.healer
        self.log = FeedbackLog(
            driver.healer,
            "feedback.dlq",
            secret,
            lambda letter, error_class: self.letters.append((letter, error_class)),
        )

    def take(self, *messages, buries=True):
        return self.log.take(list(messages), buries=buries)


def test_samples_and_labels_reach_the_core(driver):
    log = Log(driver)

    taken = log.take(message(sample("a", features=FEATURES)), message(label("a", 1)))

    assert [record.kind for record in taken] == ["sample", "label"]
    assert log.healer.window.joined(0).label.tolist() == [1.0]
    assert log.letters == []


@pytest.mark.parametrize(
    ("record", "error_class"),
    [
        (b"{", "DecodingError"),
        (b'{"kind": "gossip"}', "DecodingError"),
        (sample("a", features={"x": 0.0}), "FeatureError"),
    ],
)
def test_what_cannot_be_used_is_buried_with_its_origin_and_the_others_go_on(
    driver, record, error_class
):
    log = Log(driver)

    taken = log.take(message(record), message(label("b")))

    assert [each.id for each in taken] == ["b"]
    ((letter, kind),) = log.letters
    assert (letter.topic, kind) == ("feedback.dlq", error_class)
    assert dict(letter.headers)["selfheal.errors.offset"] == b"7"


def test_a_healer_on_standby_buries_nothing(driver):
    log = Log(driver)

    assert log.take(message(b"{"), buries=False) == []
    assert log.letters == []


def test_a_scorers_code_is_demanded_of_all_but_labels(driver):
    log = Log(driver, SECRET)
    true, false = sample("a", features=FEATURES), sample("b", features=FEATURES)

    taken = log.take(coded(true), message(false), coded(false, b"guessed"), message(label("a")))

    assert [record.id for record in taken] == ["a", "a"]
    assert [kind for _, kind in log.letters] == ["UnauthenticError"] * 2
    assert log.healer.window.rows == 1
