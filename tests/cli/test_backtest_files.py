"""`selfheal backtest` on files: any columns, any packing, and one line for what cannot be."""

import csv
import gzip
import json

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from selfheal.model.metrics import measure

ROWS, TRAIN = 1_200, 400
FIGURES = {"accuracy", "precision", "recall", "f1", "auc_pr", "log_loss"}


@pytest.fixture(scope="module")
def table():
    """Numbers, integers, a category with levels that come later, a boolean, gaps; drift at 800."""
    rng = np.random.default_rng(7)
    label = (rng.random(ROWS) < 0.3).astype(int)
    row = np.arange(ROWS)
    amount = np.where(rng.random(ROWS) < 0.1, np.nan, rng.lognormal(3 + label, 0.5))
    amount = np.where(row >= 800, amount * 100, amount)
    channel = np.where(rng.random(ROWS) < 0.3, "web", "shop").astype(object)
    channel[(row > 600) & (row % 5 == 0)] = "moon"
    channel[row % 17 == 0] = None
    return pa.table(
        {
            "ref": [f'c"{i % 50},x' for i in row],
            "amount": pa.array(amount, from_pandas=True),
            "items": rng.poisson(2 + 2 * label),
            "channel": pa.array(channel.tolist(), pa.string()),
            "is_new": (rng.random(ROWS) < 0.2 + 0.4 * label).tolist(),
            "note": ["same"] * ROWS,
            "said": np.where(rng.random(ROWS) < 0.3, 1 - label, label),
            "fraud": label,
        }
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory, table):
    """The same table as CSV, compressed CSV and Parquet."""
    folder = tmp_path_factory.mktemp("files")
    pyarrow.csv.write_csv(table, folder / "rows.csv")
    (folder / "rows.csv.gz").write_bytes(gzip.compress((folder / "rows.csv").read_bytes()))
    pyarrow.parquet.write_table(table, folder / "rows.parquet", row_group_size=170)
    return folder


COLUMNS = ("--target", "fraud", "--id", "ref", "--ignore", "said")
USUAL = (*COLUMNS, "--train-rows", TRAIN, "--label-delay", 100, "--label-rate", 0.5)


@pytest.fixture
def backtest(selfheal):
    """Run it and give the report."""

    def run(*arguments):
        result = selfheal("backtest", *arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return run


def test_the_report_has_what_scripts_may_count_on(backtest, folder, tmp_path):
    report = backtest(folder / "rows.csv", *USUAL, "--out", tmp_path / "out")

    assert (report["rows"], report["train_rows"]) == (ROWS - TRAIN, TRAIN)
    for name in ("no_heal", "healed", "always_majority"):
        assert set(report[name]) == FIGURES
    assert [set(part) for part in report["segments"]] == [{"from", "to", "no_heal", "healed"}] * 10
    assert set(report["heals"]) == {"attempted", "published", "refused"}
    assert report["verdict"] in {"stable", "healed", "labels_needed"}
    assert report["baselines"] == {}
    assert isinstance(report["rollbacks"], int)
    assert isinstance(report["alarms"], list)
    assert report["seconds"] > 0
    assert json.loads((tmp_path / "out" / "report.json").read_text()) == report


def test_every_figure_can_be_worked_out_from_the_predictions(backtest, folder, table, tmp_path):
    report = backtest(
        *(folder / "rows.csv", *USUAL, "--policy", "article"),
        *("--set", "fidi_threshold=0.01", "--set", "batch_rows=30"),
        *("--out", tmp_path / "deep" / "out"),
    )

    with (tmp_path / "deep" / "out" / "predictions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    column = {name: [row[name] for row in rows] for name in rows[0]}
    labels, decided = (np.array(column[name], dtype=int) for name in ("label", "decision"))
    frozen, healed = (np.array(column[name], dtype=float) for name in ("frozen", "healed"))
    assert list(rows[0]) == ["row", "id", "label", "frozen", "healed", "decision", "version"]
    assert column["row"] == [str(row) for row in range(TRAIN, ROWS)]
    assert column["id"] == table["ref"].to_pylist()[TRAIN:]
    assert labels.tolist() == table["fraud"].to_pylist()[TRAIN:]
    assert set(column["version"]) > {"base"}
    no_heal, ranked, served = (
        measure(labels, frozen),
        measure(labels, healed),
        measure(labels, decided),
    )
    for name in FIGURES:
        assert report["no_heal"][name] == pytest.approx(getattr(no_heal, name))
    for name in ("accuracy", "precision", "recall", "f1"):
        assert report["healed"][name] == pytest.approx(getattr(served, name))
    for name in ("auc_pr", "log_loss"):
        assert report["healed"][name] == pytest.approx(getattr(ranked, name))


@pytest.mark.parametrize("name", ["rows.csv.gz", "rows.parquet"])
def test_how_a_file_is_packed_changes_nothing(backtest, folder, name, tmp_path):
    plain = backtest(folder / "rows.csv", *USUAL, "--out", tmp_path / "plain")
    packed = backtest(folder / name, *USUAL, "--out", tmp_path / "packed")

    assert {**packed, "seconds": 0} == {**plain, "seconds": 0}
    plain_rows, packed_rows = (
        (tmp_path / which / "predictions.csv").read_bytes() for which in ("plain", "packed")
    )
    assert packed_rows == plain_rows


def test_the_same_seed_gives_the_same_and_another_seed_another(backtest, folder):
    first, again, other = (
        backtest(folder / "rows.csv", *USUAL, "--seed", seed)["no_heal"] for seed in (1, 1, 2)
    )

    assert first == again != other


def test_labels_that_learning_may_see_are_not_the_truth_that_judges(backtest, folder):
    usual = (folder / "rows.csv", "--target", "fraud", "--id", "ref", "--train-rows", TRAIN)
    learned = ("--label-delay", 50, "--label-rate", 1, "--policy", "article")

    ignored = backtest(*usual, *learned, "--ignore", "said")
    misled = backtest(*usual, *learned, "--labels", "said")

    assert misled["no_heal"] == ignored["no_heal"]
    assert misled["healed"] != ignored["healed"]
    assert misled["always_majority"] == ignored["always_majority"]


def test_without_labels_those_of_the_truth_make_no_difference(backtest, folder):
    usual = (folder / "rows.csv", *COLUMNS, "--train-rows", TRAIN)

    report = backtest(*usual, "--label-rate", 0, "--policy", "article")

    assert report["heals"]["attempted"] == 0
    assert report["healed"] == report["no_heal"]


def test_a_trained_model_replays_the_whole_file_or_what_it_was_not_trained_on(
    selfheal, backtest, folder, tmp_path
):
    model = tmp_path / "model"
    trained = selfheal(
        "train", folder / "rows.csv", *COLUMNS, "--rows", TRAIN, "--out", model, "--seed", 0
    )
    assert trained.exit_code == 0, trained.output
    rest = ("--label-delay", 100, "--label-rate", 0.5)

    whole = backtest(folder / "rows.csv", *COLUMNS, *rest, "--model", model)
    later = backtest(folder / "rows.csv", *COLUMNS, *rest, "--model", model, "--train-rows", TRAIN)
    own = backtest(folder / "rows.csv", *USUAL)

    assert (whole["rows"], whole["train_rows"]) == (ROWS, 0)
    assert {**later, "seconds": 0} == {**own, "seconds": 0}


def test_people_get_tables_and_what_got_worse(selfheal, folder):
    result = selfheal("backtest", folder / "rows.csv", *USUAL, "--policy", "none")

    assert result.exit_code == 0, result.output
    for words in ("frozen", "always the majority", "tenths", "healing changed nothing"):
        assert words in result.stdout


def test_costs_are_reported_beside_the_figures(backtest, folder, tmp_path):
    (tmp_path / "costs.toml").write_text("missed_fraud = 5000\nfalse_alarm = 15\n")

    report = backtest(folder / "rows.csv", *USUAL, "--costs", tmp_path / "costs.toml")

    frauds = 1 - report["always_majority"]["accuracy"]
    assert set(report["costs"]) == {"no_heal", "healed", "always_majority"}
    assert report["costs"]["always_majority"] == pytest.approx(5000 * 1000 * frauds)


GOOD = "a,b,is_fraud\n" + "".join(f"{i},{i % 7},{i % 2}\n" for i in range(60))


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        (None, (), ("rows.csv", "no such file")),
        ("", (), ("rows.csv", "empty")),
        ("a,is_fraud\n", (), ("no rows",)),
        (GOOD, ("--target", "fraud"), ('no column "fraud"', "a, b, is_fraud")),
        (GOOD, ("--id", "ref"), ('no column "ref"',)),
        (GOOD, ("--time", "when"), ('no column "when"',)),
        (GOOD, ("--labels", "said"), ('no column "said"',)),
        (GOOD, ("--ignore", "c"), ('no column "c"',)),
        (GOOD, ("--target", "b"), ('"b"', "row 2", "0 or 1")),
        (GOOD.replace("\n59,3,1", "\n59,3,maybe"), (), ('"is_fraud"', "row 59", "0 or 1")),
        (GOOD.replace("\n59,3,1", "\nmuch,3,1"), (), ('"a"', "row 59")),
        (GOOD, ("--train-rows", 60), ("60 rows are for training", "none is left")),
        (GOOD, ("--train-rows", 100), ("100 rows are for training", "has 60")),
        (GOOD, ("--train-rows", 1), ("one class only", "--train-rows")),
        (GOOD, ("--train-rows", 0), ("one class only", "--train-rows")),
        (GOOD, ("--train-rows", 3), ("fewer than two rows of a class",)),
        ("a,is_fraud\n" + "1,0\n2,0\n" * 30, (), ("one class only",)),
        ("a,is_fraud\n" + "1,0\n1,1\n" * 30, (), ("no column is left", "never changes")),
        ("a,b,is_fraud\n1,2,0\n1,0\n", (), ("line 3 has 2 columns, expected 3",)),
        (GOOD, ("--label-rate", 1.5), ("coverage is 1.5",)),
        (GOOD, ("--set", "heal_stepps=1"), ("heal_stepps", "no such setting")),
        (GOOD, ("--set", "heal_steps=many"), ("heal_steps",)),
        (GOOD, ("--model", "nowhere"), ("nowhere", "model folder")),
        (GOOD, ("--costs", "nowhere.toml"), ("nowhere.toml", "cannot be read")),
        (GOOD, ("--out", "rows.csv/out"), ("rows.csv", "cannot be written")),
    ],
)
def test_what_cannot_be_backtested(selfheal, tmp_path, monkeypatch, content, options, words):
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / "rows.csv").write_text(content)
    target = () if "--target" in options else ("--target", "is_fraud")

    result = selfheal("backtest", "rows.csv", *target, *options)

    line = result.stderr.strip()
    assert result.exit_code == 2, result.output
    assert line.startswith("error: ")
    assert "\n" not in line
    for word in words:
        assert word in line
    assert [path.name for path in tmp_path.iterdir()] == (
        ["rows.csv"] if content is not None else []
    )
