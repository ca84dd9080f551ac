import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfheal.model.compiled import compile_model
from selfheal.model.errors import FolderError
from selfheal.model.folder import FILES, from_files, read_folder, to_files, write_folder


@pytest.fixture
def files(model):
    return to_files(model)


def test_a_model_scores_the_same_after_its_folder(model, values, tmp_path):
    write_folder(tmp_path / "model", model)

    again = read_folder(tmp_path / "model")

    np.testing.assert_array_equal(
        compile_model(again).score(values).logit, compile_model(model).score(values).logit
    )
    assert again.hash == model.hash
    assert again.threshold == model.threshold
    assert [rule.when for rule in again.rules] == ["V14 < -1.5"]
    assert again.metrics["held_out"] == model.metrics["held_out"]


def test_the_same_model_always_writes_the_same_bytes(model, files):
    assert to_files(model) == files
    assert to_files(from_files(files)) == files


def test_a_folder_holds_the_documented_files_alone(model, tmp_path):
    write_folder(tmp_path / "a" / "model", model)

    assert sorted(path.name for path in (tmp_path / "a" / "model").iterdir()) == sorted(FILES)
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["model"]


def test_a_model_folder_is_replaced(model, tmp_path):
    write_folder(tmp_path / "model", model)

    write_folder(tmp_path / "model", model)

    assert read_folder(tmp_path / "model").hash == model.hash
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_folder_of_other_files_is_never_replaced(model, tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")

    with pytest.raises(FolderError, match="is no model folder"):
        write_folder(tmp_path, model)

    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_what_cannot_be_written_leaves_the_old_folder_alone(model, tmp_path, monkeypatch):
    write_folder(tmp_path / "model", model)

    def disk_is_full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", disk_is_full)
    with pytest.raises(FolderError, match="No space left on device"):
        write_folder(tmp_path / "model", model)

    assert read_folder(tmp_path / "model").hash == model.hash


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(model, tmp_path, name):
    write_folder(tmp_path / "model", model)
    (tmp_path / "model" / name).unlink()

    with pytest.raises(FolderError, match=name):
        read_folder(tmp_path / "model")


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(FolderError, match="No such file or directory"):
        read_folder(tmp_path / "nowhere")


@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_is_named(files, name):
    with pytest.raises(FolderError, match=name):
        from_files({**files, name: b"\xff[[rule"})


def test_a_schema_with_other_features_is_refused(files):
    changed = files["schema.json"].replace(b'"amount"', b'"amounts"')

    with pytest.raises(FolderError, match="was changed: they are not of one model"):
        from_files({**files, "schema.json": changed})


def test_the_names_of_other_fields_and_the_rules_may_be_edited(files, model):
    changed = files["schema.json"].replace(b'"timestamp"', b'"booked_at"')

    edited = from_files({**files, "schema.json": changed, "rules.toml": b""})

    assert edited.hash == model.hash
    assert edited.schema.fields.time == "booked_at"
    assert edited.rules == ()


def test_a_threshold_outside_of_0_to_1_is_refused(files):
    with pytest.raises(FolderError, match=r"metrics\.json: threshold"):
        from_files({**files, "metrics.json": b'{"threshold": 2, "metrics": {}}'})


def test_another_weight_is_another_hash(model):
    from dataclasses import replace

    changed = dict(model.backbone)
    changed["head.bias"] = changed["head.bias"] + np.float32(1)

    assert replace(model, backbone=changed).hash != model.hash


@settings(max_examples=60)
@given(st.data())
def test_damaged_files_are_a_model_or_a_folder_error(model, data):
    files = to_files(model)
    name = data.draw(st.sampled_from(FILES))
    content = bytearray(files[name])
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))

    try:
        from_files({**files, name: bytes(content)})
    except FolderError as error:
        assert name in str(error) or "backbone.safetensors" in str(error)  # noqa: PT017
