"""What a scorer's metrics say of where its time goes."""

import pytest

from bench.errors import BenchError
from bench.scrape import NOTHING, STAGES, parse_scrape
from selfheal.telemetry import metrics
from selfheal.telemetry.meters import Meters


@pytest.fixture
def meters() -> Meters:
    """Of a scorer that has scored one batch of 1,000."""
    meters = Meters("scorer")
    meters.observe(metrics.BATCH_ROWS, 1000)
    for stage in STAGES:
        meters.observe(metrics.STAGE_SECONDS, 0.002, stage=stage)
    meters.add(metrics.SCORED, 900)
    meters.add(metrics.FEEDBACK_SENT, 15, kind="sample")
    meters.add(metrics.FEEDBACK_SENT, 7, kind="conflict")
    meters.set(metrics.PARTITION_POSITION, 500, topic="transactions", partition="4")
    return meters


def test_every_figure_is_read_from_prometheus_text(meters: Meters):
    scrape = parse_scrape(meters.text().decode())

    assert (scrape.rows, scrape.committed, scrape.samples) == (1000, 900, 15)
    assert scrape.partitions == {4}
    assert scrape.cpu_us(NOTHING) == pytest.approx(scrape.cpu_s * 1000)
    assert scrape.cpu_s > 0
    assert scrape.sample_share(NOTHING) == 0.015
    assert scrape.stages_us(NOTHING) == pytest.approx(dict.fromkeys(STAGES, 2.0))


def test_stages_are_of_the_rows_between_two_scrapes(meters: Meters):
    earlier = parse_scrape(meters.text().decode())
    meters.observe(metrics.BATCH_ROWS, 500)
    meters.observe(metrics.STAGE_SECONDS, 0.004, stage="score")

    stages = parse_scrape(meters.text().decode()).stages_us(earlier)

    assert stages == pytest.approx({**dict.fromkeys(STAGES, 0.0), "score": 8.0})


def test_stages_of_no_rows_are_an_error(meters: Meters):
    scrape = parse_scrape(meters.text().decode())

    with pytest.raises(BenchError, match="nothing was scored"):
        scrape.stages_us(scrape)
