"""What the healer costs does not grow with the traffic."""

from bench.overhead import OverheadPlan, measure_overhead, overhead_table


def test_each_traffic_is_measured_and_shown():
    plan = OverheadPlan(seconds=5, samples_per_s=50, rows_per_s=100, factors=(1, 10))

    report = measure_overhead(plan, lambda _: None)

    assert [row["rows_per_s"] for row in report["traffic"]] == [100, 1_000]
    assert all(row["cpu_ms_per_s"] > 0.0 for row in report["traffic"])
    assert overhead_table(report).row_count == 2
