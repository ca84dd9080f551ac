"""Operations edit threshold_config.json while the healer runs."""

import orjson
import pytest

from healer.threshold_file import ThresholdFile
from selfheal.records import DecodingError
from selfheal.records.thresholds import Thresholds

STRICT = Thresholds(rollback_f1_drop=0.03, rollback_acc_drop=0.05, health_window=7)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "threshold_config.json"


def write(path, thresholds):
    path.write_bytes(orjson.dumps(thresholds))


def test_a_file_that_is_not_there_changes_nothing(path):
    assert ThresholdFile(path).look() is None


def test_a_file_that_appears_is_read_once(path):
    file = ThresholdFile(path)
    file.look()
    write(path, STRICT)

    assert file.look() == STRICT
    assert file.look() is None


def test_a_change_is_seen_at_the_next_look(path):
    file = ThresholdFile(path)
    write(path, STRICT)
    file.look()

    write(path, Thresholds())

    assert file.look() == Thresholds()


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"rollback_f1_drop": 0.03}'])
def test_a_content_that_cannot_be_is_refused_once(path, content):
    file = ThresholdFile(path)
    path.write_bytes(content)

    assert isinstance(file.look(), DecodingError)
    assert file.look() is None


def test_a_file_that_is_mended_holds_again(path):
    file = ThresholdFile(path)
    path.write_bytes(b"{")
    file.look()

    write(path, STRICT)

    assert file.look() == STRICT


def test_a_file_that_is_taken_away_leaves_what_held(path):
    file = ThresholdFile(path)
    write(path, STRICT)
    file.look()

    path.unlink()

    assert file.look() is None


def test_a_folder_in_its_place_changes_nothing(path):
    path.mkdir()

    assert ThresholdFile(path).look() is None
