"""Figures over rounds: medians, and ratios that are taken within a round."""

import pytest

from bench.draining import Drain
from bench.errors import BenchError
from bench.swap import percentiles
from bench.tables import swap_table, throughput_table
from bench.throughput import Echo, Round, summary


def round_of(echo: float, exactly_once: float, at_least_once: float, score_us: float) -> Round:
    stages = {"score": score_us, "other": 1.0}
    return Round(
        Echo(echo, cpu_us=2.0),
        Drain(exactly_once, stages, cpu_us=6.0, sample_share=0.01),
        Drain(at_least_once, stages, cpu_us=5.0, sample_share=0.01),
    )


ROUNDS = [
    round_of(400_000, 200_000, 210_000, 3.0),
    round_of(100_000, 60_000, 60_000, 1.0),  # a busy moment of the machine
    round_of(500_000, 225_000, 250_000, 2.0),
]


def test_a_ratio_is_taken_within_its_round_before_the_median():
    report = summary(ROUNDS)

    assert report["scorer_over_echo"] == 0.5
    assert report["exactly_once_over_at_least_once"] == 0.952
    assert (report["echo_per_s"], report["scorer_per_s"]) == (400_000, 200_000)
    assert report["stages_us"] == {"score": 2.0, "other": 1.0}
    assert report["cpu_us"] == {"echo": 2.0, "exactly_once": 6.0, "at_least_once": 5.0}


def test_one_round_is_its_own_summary():
    assert summary(ROUNDS[:1])["rounds"] == [
        {"echo_per_s": 400_000, "exactly_once_per_s": 200_000, "at_least_once_per_s": 210_000}
    ]


def test_percentiles_of_no_swap_are_an_error():
    with pytest.raises(BenchError, match="no swap was seen"):
        percentiles([])


def test_the_tables_hold_every_figure():
    machine = {"cores": 2, "load_1m": 0.3}
    conditions = {"transactions": 1000, "message_bytes": 190, "machine": machine}
    swaps = {"swaps": 3, "scorers": 2, "rate_per_s": 5000.0}
    figures = dict.fromkeys(("scored_ms", "readable_ms", "pause_ms"), percentiles([1.0, 2.0]))

    throughput, swap = throughput_table(summary(ROUNDS) | conditions), swap_table(swaps | figures)

    assert throughput.row_count == 6
    assert swap.row_count == 3
