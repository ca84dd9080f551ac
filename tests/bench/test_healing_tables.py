"""Tables on Gaussian regimes: figures that can be computed again, and the command."""

import numpy as np
import orjson
import pytest
from typer.testing import CliRunner

from bench.healing.gaussian import Window, judged, model_at, random_affine
from bench.healing.labelled import T4
from bench.healing.long_stream import regret
from bench.healing.prequential import serve
from cli.main import app
from producer.operators import everyone
from producer.regimes import G2

SEED = 900


@pytest.fixture(scope="module")
def window():
    return Window("G2", everyone(G2, 2.2), 500, SEED)


@pytest.fixture(scope="module")
def served(window):
    return window.served()


def test_nothing_learns_from_the_rows_that_judge(window, served):
    streamed = {tuple(row) for row in window.stream.rows(0, 1_500).values}
    fresh = {tuple(row) for row in window.stream.fresh(1, 20_000).values}

    assert len(served.trace) == 1_500
    assert not streamed & fresh


def test_a_window_is_judged_beside_a_constant_the_frozen_model_and_the_best_possible(
    window, served
):
    found = {who: figures["accuracy"] for who, figures in judged(served, window).items()}

    assert list(found) == ["always_majority", "frozen", "healed", "before_the_drift", "bayes"]
    assert found["frozen"] < found["always_majority"] < found["before_the_drift"] < found["bayes"]


def test_figures_of_a_stream_are_those_of_its_decisions(window):
    rows = window.stream.rows(0, 400)
    model = model_at("G2", SEED)

    served = serve(model, rows.values, rows.labels, SEED)

    late = slice(100, 400)
    right = (served.trace.frozen[late] >= model.threshold) == rows.labels[late]
    assert served.case(late)["frozen"]["accuracy"] == pytest.approx(right.mean())
    assert served.gain(late) == 0.0


def test_the_regret_is_the_sum_over_equal_batches():
    best, found = np.array([0.95, 0.90, 0.97]), np.array([0.90, 0.90, 0.50])

    assert regret(best.mean(), found.mean(), 3) == pytest.approx((best - found).sum())


def test_an_affine_drift_is_another_one_for_another_seed():
    assert not np.array_equal(random_affine(G2, 0).mu0, random_affine(G2, 1).mu0)


def test_the_command_writes_what_it_prints(tmp_path):
    out = tmp_path / "healing.json"
    command = ["bench", "healing", "--tables", "t4", "--seeds", "900", "--json", "--out", str(out)]

    result = CliRunner().invoke(app, command)

    assert result.exit_code == 0, result.output
    report = orjson.loads(result.stdout)
    assert report == orjson.loads(out.read_bytes())
    assert list(report["tables"]) == ["T4"]
    targets = report["tables"]["T4"]["targets"]
    assert [target["measure"] for target in targets] == [each.measure for each in T4.targets]
    assert set(targets[0]) == {
        *("measure", "sense", "bound", "over", "is_met"),
        *("mean", "sd", "worst", "seeds"),
    }


@pytest.mark.parametrize("wrong", [["--tables", "T0"], ["--seeds", "9-0"], ["--seeds", "9,900"]])
def test_a_table_or_seed_that_there_is_not_ends_with_code_2(wrong: list[str]):
    result = CliRunner().invoke(app, ["bench", "healing", *wrong])

    assert result.exit_code == 2
