"""The report says plainly what is met and what is missed, and every table has its targets."""

import numpy as np
import orjson
import pytest

from bench.healing.report import HealingTable, Round, Target, summary
from bench.healing.screen import healing_tables, verdict_line
from bench.healing.seeds import DEVELOPMENT, JUDGING, parse_seeds
from bench.healing.tables import QUICK_TABLES, TABLES, report, tables_named

TARGETS = (
    Target("accuracy", "at least", 0.9),
    Target("alarms", "at most", 1.0, "every seed"),
    Target("asked", "at least", 0.95),
)


def a_round(accuracy: float, alarms: float, asked: float = np.nan) -> Round:
    case = {"frozen": {"accuracy": 0.5, "f1": None}, "healed": {"accuracy": accuracy, "f1": 0.7}}
    return Round({"a drift": case}, {"accuracy": accuracy, "alarms": alarms, "asked": asked})


def summarised(*rounds: Round):
    return summary(HealingTable("T1", "a table", lambda *_: rounds[0], TARGETS), rounds)


def test_a_target_is_judged_by_its_mean_or_by_its_worst_seed():
    found = summarised(a_round(0.88, 0.0), a_round(0.94, 3.0))

    accuracy, alarms, _ = found["targets"]
    assert accuracy["mean"] == pytest.approx(0.91)
    assert accuracy["sd"] == pytest.approx(0.03)
    assert accuracy["is_met"] is True
    assert alarms["worst"] == 3.0
    assert alarms["is_met"] is False


def test_what_no_seed_could_say_is_neither_met_nor_missed():
    found = summarised(a_round(0.9, 0.0))

    assert found["targets"][0]["is_met"] is True, "exactly at the bound counts"
    assert found["targets"][2]["is_met"] is None
    assert found["targets"][2]["mean"] is None


def test_figures_are_means_over_what_is_defined():
    cases = summarised(a_round(0.8, 0.0), a_round(1.0, 0.0))["cases"]["a drift"]

    assert cases["healed"]["accuracy"] == {"mean": 0.9, "sd": pytest.approx(0.1)}
    assert cases["frozen"]["f1"] == {"mean": None, "sd": None}


def test_a_measure_that_a_quick_round_leaves_out_has_no_target():
    found = summarised(Round({}, {"accuracy": 1.0}))

    assert [target["measure"] for target in found["targets"]] == ["accuracy"]


def test_every_table_is_there_and_has_targets_of_its_own():
    judged = [f"T{number}" for number in range(1, 10)]
    assert list(TABLES) == [*judged, "C"]
    for name, table in TABLES.items():
        measures = [target.measure for target in table.targets]
        assert table.name == name
        assert bool(measures) == (name in judged)
        assert len(set(measures)) == len(measures)
    assert set(QUICK_TABLES) < set(TABLES)


def test_the_report_is_json_and_counts_what_is_met():
    found = report({"T4": [a_round(0.9, 0.0)]}, (900,), is_quick=True)

    assert set(found) == {"seeds", "is_development", "is_quick", "met", "judged", "tables"}
    assert found["is_development"]
    assert orjson.loads(orjson.dumps(found)) == found
    assert verdict_line(found) == "0 of 0 targets met, development seeds 900"


def test_targets_are_shown_first_and_what_has_none_by_its_figures_alone():
    case = {"everyone": {"frozen": {"accuracy": 0.5, "cost": 86.7}}}
    rounds = {"T5": [Round(case, {"accuracy": 0.9})], "C": [Round(case, {})]}

    tables = list(healing_tables(report(rounds, (900,), is_quick=False)))

    headings = [[str(column.header) for column in table.columns] for table in tables]
    assert headings[0] == ["target", "wanted", "measured", ""]
    assert headings[1:] == [["", "", "accuracy, %", "cost a row"]] * 2


def test_tables_are_named_in_any_case_and_an_unknown_one_is_refused():
    assert tables_named("t8, T1,t8") == ("T8", "T1")
    with pytest.raises(ValueError, match="'T10' is no table"):
        tables_named("T10")


def test_seeds_that_judge_and_development_seeds_are_kept_apart():
    assert parse_seeds("0-9") == JUDGING
    assert not set(JUDGING) & set(DEVELOPMENT)
    with pytest.raises(ValueError, match="mixes development seeds"):
        parse_seeds("0-9,900")


@pytest.mark.parametrize("text", ["", "x", "3-1", "-1", "0-", "1.5"])
def test_what_is_no_seed_is_refused(text: str):
    with pytest.raises(ValueError, match="seed"):
        parse_seeds(text)
