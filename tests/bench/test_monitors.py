"""The monitors' bench counts looks and alarms, and finds what drifts."""

import pytest

from bench.monitors import MonitorsPlan, measure_monitors
from bench.tables import monitors_tables


@pytest.fixture(scope="module")
def report():
    plan = MonitorsPlan(seeds=1, rows=((1_000, 3_000),), shifts=(2.2,), onset=3_000)
    return measure_monitors(plan)


def test_every_look_is_counted_and_ours_are_quiet_without_drift(report):
    assert [row["looks"] for row in report["clean"]] == [3, 3]
    assert [row.get("traffic", 0) for row in report["clean"]] == [0, 0]


def test_the_hour_of_day_alarms_the_published_limits_at_every_look(report):
    cards = report["clean"][1]

    assert cards["scenario"] == "cards-null"
    assert cards["ks_p_05"] == cards["psi_25"] == 3


def test_a_large_shift_is_told_at_its_second_look(report):
    assert report["delays"] == [{"shift_sd": 2.2, "rows": [2_000]}]


def test_the_tables_have_every_figure(report):
    clean, delays = monitors_tables(report)

    assert (clean.row_count, delays.row_count) == (2, 1)
