"""What people read at the end of a demo."""

from dataclasses import asdict
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from cli.demo.article_study import PUBLISHED, Spread
from cli.demo.costs import judge_costs
from cli.demo.judge import Truth, judge
from cli.demo.tables import final_table, story_lines, study_table, watch_lines
from cli.demo.trace import Trace


@pytest.fixture
def report():
    """Of a run in which nothing was predicted."""
    truth = Truth(np.array([0.0, 1.0, 0.0, 1.0]), onsets=(2,), prior=0.25)
    asked = {"scenario": "abrupt", "policy": "selfheal", "seed": 7, "seconds": 1.25}
    trace = Trace(4, seed=7)
    judged = judge(trace, truth)
    costs = judge_costs(trace, truth, judged, None)
    return asked | judged | {"rollback_watch": None, "costs": costs}


def lines_of(table) -> list[str]:
    output = StringIO()
    Console(file=output, width=140).print(table)
    return output.getvalue().splitlines()


def test_the_frozen_model_the_healed_one_and_the_constant_stand_side_by_side(report):
    lines = lines_of(final_table(report))

    for name in ("frozen, judged rows", "healed, judged rows", "always legitimate, judged"):
        assert any(name in line and "3-4" in line for line in lines)


def test_a_figure_that_is_undefined_is_a_dash_and_never_a_number(report):
    (healed,) = [line for line in lines_of(final_table(report)) if "healed, judged" in line]

    assert healed.count("–") == 7


def test_the_story_says_what_was_lost(report):
    assert any("4 lost, 0 doubled" in line for line in story_lines(report))


def test_the_story_leaves_out_a_swap_that_was_not(report):
    assert not any("new version" in line for line in story_lines(report))
    report["swap_ms"] = {"p50": 12.0, "p99": 40.0}
    assert any("p50 12 ms, p99 40 ms" in line for line in story_lines(report))


def test_the_story_says_what_deciding_by_costs_won_and_lost(report):
    assert not any("by costs" in line for line in story_lines(report))
    report["costs"]["threshold"] = {
        "model_threshold": 0.5,
        "recall": [0.788, None],
        "false_alarms_per_1000": [22.4, 151.0],
        "cost_per_1000": [164_120.0, 59_940.0],
    }

    assert story_lines(report)[-1] == (
        "deciding by costs and not from 0.5 on, of 1,000 rows: recall 0.788 → –, "
        "false alarms 22 → 151, cost 164,120 → 59,940"
    )


def test_the_watch_says_how_near_it_came_where_it_could_judge(report):
    assert watch_lines(report) == []
    measured = {"baseline": 0.7, "largest_drop": 0.041, "limit": 0.08}
    report["rollback_watch"] = {"f1": measured, "accuracy": measured | {"largest_drop": None}}

    (line,) = watch_lines(report)

    assert "f1 fell at most +0.041 below its baseline 0.700, the limit is 0.08" in line


def test_the_study_stands_beside_the_published_figures():
    spread = asdict(Spread(mean={"accuracy": 0.716, "f1": 0.181}, sd={"accuracy": 0.089}))
    names = ("clean", "frozen", "recipe", "full", "always_legit")
    study = {"seeds": [0, 10], "figures": dict.fromkeys(names, spread), "published": PUBLISHED}

    lines = lines_of(study_table({"study": study}))

    assert any("seeds 0-9" in line for line in lines)
    assert any("the recipe alone" in line and "0.716 ± 0.089" in line for line in lines)
    assert any("healed, published" in line and "0.724" in line for line in lines)
