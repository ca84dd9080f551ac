import json

import pytest

from registry.errors import ExportError
from registry.export import export_files, write_files
from registry.snapshot import hash_of, parse_snapshot


@pytest.fixture
def folder(story, tmp_path):
    story.publish(gate={"f1": 0.5})
    story.publish(gate={"f1": 0.8})
    story.pin("v1")
    write_files(tmp_path / "out", export_files(story.view))
    return tmp_path / "out"


def read(folder, name):
    return json.loads((folder / name).read_text())


def test_every_version_is_a_file_of_weights_and_one_of_facts(folder):
    assert sorted(path.name for path in folder.iterdir()) == [
        "active.json",
        "history.json",
        "pins.json",
        "v1.json",
        "v1.safetensors",
        "v2.json",
        "v2.safetensors",
    ]


def test_weights_are_the_bytes_that_were_signed(folder):
    value = (folder / "v2.safetensors").read_bytes()

    assert hash_of(value) == read(folder, "active.json")["snapshot_hash"]
    assert parse_snapshot(value).info.version == "v2"


def test_facts_say_what_a_version_is(folder):
    first, second = read(folder, "v1.json"), read(folder, "v2.json")

    assert (first["is_pinned"], first["is_best"], first["is_active"]) == (True, False, False)
    assert (second["is_pinned"], second["is_best"], second["is_active"]) == (False, True, True)
    assert second["lineage"] == ["v2", "base"]
    assert second["regime"] == {"means": [0.1, -2.2]}
    assert second["parts"]["alignment.scale"] == [2]


def test_history_says_what_served_when(folder):
    assert [(h["version"], h["until_ms"]) for h in read(folder, "history.json")] == [
        ("v1", 11_000),
        ("v2", None),
    ]


def test_export_again_replaces_and_leaves_other_files_alone(folder, story):
    (folder / "notes.txt").write_text("mine")
    story.activate("base")

    write_files(folder, export_files(story.view))

    assert read(folder, "active.json")["version"] == "base"
    assert (folder / "notes.txt").read_text() == "mine"
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_empty_registry_exports_null_and_empty_lists(story, tmp_path):
    write_files(tmp_path, export_files(story.view))

    assert read(tmp_path, "active.json") is None
    assert read(tmp_path, "history.json") == []


def test_folder_that_cannot_be_written_is_an_error(story, tmp_path):
    (tmp_path / "taken").write_text("a file")

    with pytest.raises(ExportError, match="taken: cannot write the registry"):
        write_files(tmp_path / "taken", export_files(story.view))
