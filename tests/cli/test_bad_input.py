"""Input that cannot be right: one line that says what and where, exit code 2, nothing written."""

import numpy as np
import pytest

from producer.scenarios import SCHEMA
from selfheal.model.folder import write_folder
from selfheal.model.training import train

GOOD = "a,b,is_fraud\n" + "".join(f"{i},{i % 7},{i % 2}\n" for i in range(40))


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A model folder."""
    rng = np.random.default_rng(1)
    folder = tmp_path_factory.mktemp("model") / "model"
    values, labels = rng.normal(size=(40, len(SCHEMA.names))), np.arange(40) % 2
    write_folder(folder, train(SCHEMA, values, labels, seed=0, epochs=1))
    return folder


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def assert_refused(result, *words, code=2):
    line = result.stderr.strip()
    assert result.exit_code == code, result.output
    assert line.startswith("error: ")
    assert "\n" not in line
    for word in words:
        assert word in line


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, ("rows.csv", "no such file")),
        (b"", ("rows.csv", "empty")),
        (b"a,is_fraud\n", ("no rows",)),
        (b"\xff\xfe\x00\x01,is_fraud\n1,\xff\n", ("not UTF-8",)),
        (b"a,is_fraud\n1,0,5\n", ("columns",)),
        (b"a,b\n1,0\n", ('no column "is_fraud"', "a, b")),
        (b"a,is_fraud\n1,0\n2,0\n3,0\n", ("one class",)),
        (b"a,is_fraud\n1,maybe\n2,0\n", ("is_fraud",)),
        (b"a,is_fraud\n1,0\n2,1\n", ("rows",)),
    ],
)
def test_a_file_that_nothing_can_be_learned_from(selfheal, here, content, words):
    if content is not None:
        (here / "rows.csv").write_bytes(content)
    before = sorted(here.iterdir())

    result = selfheal("train", "rows.csv", "--target", "is_fraud")

    assert_refused(result, *words)
    assert sorted(here.iterdir()) == before


@pytest.mark.parametrize(
    ("out", "words"),
    [("there", ("there", "exists already")), ("rows.csv/model", ("cannot be written",))],
)
def test_a_folder_that_a_model_cannot_be_written_to(selfheal, here, out, words):
    (here / "rows.csv").write_text(GOOD)
    (here / "there").mkdir()

    result = selfheal("train", "rows.csv", "--target", "is_fraud", "--epochs", 1, "--out", out)

    assert_refused(result, *words)
    assert sorted(path.name for path in here.rglob("*")) == ["rows.csv", "there"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), ("model: missing", "SELFHEAL_SCORER_MODEL")),
        (("--model", "nowhere"), ("nowhere", "No such file")),
        (("--model", "MODEL"), ("public_keys: missing", "require_signature")),
        (("--model", "MODEL", "--public-keys", "."), ("no *.public.pem",)),
        (("--model", "MODEL", "--set", "batch_rows=5"), ("batch_rows: no such setting",)),
        (("--model", "MODEL", "--set", "batch_records=many"), ("batch_records", "integer")),
        (("--model", "MODEL", "--set", "conflict_min=7"), ("conflict_min", "less than")),
        (("--model", "MODEL", "--set", "delivery=maybe"), ("delivery", "exactly_once")),
        (("--model", "MODEL", "--set", "batch_records"), ("NAME=VALUE",)),
        (("--model", "MODEL", "--set", "a=1", "--set", "a.b=1"), ("a", "whole and in part")),
        (("--model", "MODEL", "--config", "gone.toml"), ("gone.toml", "cannot be read")),
        (("--model", "MODEL", "--metrics-port", "70000"), ("metrics_port",)),
    ],
)
def test_settings_with_which_no_scorer_can_start(selfheal, here, model, options, words):
    given = [str(model) if option == "MODEL" else option for option in options]

    assert_refused(selfheal("score", *given), *words)


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        (("enable.auto.commit=true",), ("enable.auto.commit cannot be set",)),
        (("no.such.property=1",), ("no.such.property",)),
    ],
)
def test_client_properties_that_cannot_be(selfheal, here, model, properties, words):
    given = [text for each in properties for text in ("--set", f"properties.{each}")]

    result = selfheal("score", "--model", model, "--no-require-signature", *given)

    assert_refused(result, *words)


def test_a_settings_file_that_is_no_toml(selfheal, here):
    (here / "scorer.toml").write_text("model = ")

    assert_refused(selfheal("score", "--config", "scorer.toml"), "scorer.toml", "not TOML")


def test_an_environment_that_cannot_be_read(selfheal, here, monkeypatch):
    monkeypatch.setenv("SELFHEAL_SCORER_PROPERTIES", "sasl.password=hunter2")

    result = selfheal("score")

    assert_refused(result, "properties", "JSON")
    assert "hunter2" not in result.output


def test_a_model_folder_with_a_broken_file(selfheal, here, model):
    broken = here / "broken"
    broken.mkdir()
    for file in model.iterdir():
        (broken / file.name).write_bytes(file.read_bytes()[:-20])

    result = selfheal("score", "--model", broken, "--no-require-signature")

    assert_refused(result, "schema.json")


def test_a_healer_that_cannot_sign(selfheal, here, model):
    result = selfheal("heal", "--model", model, "--public-keys", here)

    assert_refused(result, "signing_key: missing")


def test_a_healer_whose_key_is_no_key(selfheal, here, model):
    (here / "key.pem").write_text("no key")

    result = selfheal(
        "heal", "--model", model, "--no-require-signature", "--signing-key", "key.pem"
    )

    assert_refused(result, "key.pem")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("gone.csv",), ("gone.csv", "no such file")),
        (("rows.csv", "--target", "label"), ('no column "label"',)),
        (("--scenario", "abrubt"), ("no scenario abrubt",)),
        (("--label-rate", "2"), ("label_rate",)),
        (("rows.csv", "--model", "nowhere"), ("schema.json", "cannot be read")),
    ],
)
def test_what_cannot_be_replayed(selfheal, here, options, words):
    (here / "rows.csv").write_text(GOOD)

    assert_refused(selfheal("replay", *options), *words)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--scenario", "abrubt"), ("no scenario abrubt",)),
        (("--set", "heal_stepps=3"), ("heal_stepps", "no such setting")),
        (("--set", "heal_steps=few"), ("heal_steps", "integer")),
        (("--set", "heal_lr=-1"), ("heal_lr is -1", "more than 0")),
        (("--set", "batch_records=many"), ("batch_records", "integer")),
        (("--set", "drift_strength=much"), ("drift_strength", "number")),
        (("--set", "rollback_f1_drop=much"), ("rollback_f1_drop", "number")),
        (("--set", "rollback_f1_drop=7"), ("rollback_f1_drop",)),
        (("--out", "rows.csv/out"), ("rows.csv/out", "cannot be made")),
        (("--out", "rows.csv"), ("rows.csv", "cannot be made")),
    ],
)
def test_a_demo_that_cannot_be(selfheal, here, options, words):
    (here / "rows.csv").write_text(GOOD)

    assert_refused(selfheal("demo", *options), *words)
    assert [path.name for path in here.iterdir()] == ["rows.csv"]


def test_a_broker_in_a_file(selfheal, here):
    (here / "rows.csv").write_text(GOOD)

    assert_refused(selfheal("broker", "--folder", "rows.csv"), "rows.csv", "no folder")


def test_a_model_that_cannot_be_published(selfheal, here):
    assert_refused(selfheal("registry", "publish-model", "nowhere"), "nowhere")
