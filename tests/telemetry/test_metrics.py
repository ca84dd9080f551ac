import re

import numpy as np
import prometheus_client
import pytest
from prometheus_client.parser import text_string_to_metric_families

from selfheal.telemetry.errors import MetricError
from selfheal.telemetry.histograms import ArrayHistogram
from selfheal.telemetry.meters import Meters
from selfheal.telemetry.metric_kinds import Counter, Gauge, Histogram, Metric
from selfheal.telemetry.metrics import (
    ACTIVE_VERSION,
    BATCH_ROWS,
    DEAD_LETTERS,
    END_TO_END_SECONDS,
    HEALS,
    METRICS,
    METRICS_OF,
    PARTITION_POSITION,
    SCORED,
    STAGE_SECONDS,
)

BASE_UNITS = ("_seconds", "_ratio", "_rows", "_info", "_epoch", "_position", "_statistic",
              "_threshold", "_is_leader", "_scorers", "_scorers_behind")  # fmt: skip


def samples(meters: Meters) -> dict[tuple[str, tuple[str, ...]], float]:
    families = text_string_to_metric_families(meters.text().decode())
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_a_metric_is_named_and_explained_by_the_conventions(metric: Metric):
    assert re.fullmatch(r"selfheal_[a-z0-9_]+", metric.name)
    assert metric.name.endswith("_total") is isinstance(metric, Counter)
    assert isinstance(metric, Counter) or metric.name.endswith(BASE_UNITS)
    assert metric.meaning.endswith(".")
    assert not isinstance(metric, Counter) or not metric.values or len(metric.labels) == 1


def test_names_are_unique():
    assert len({metric.name for metric in METRICS}) == len(METRICS)


@pytest.mark.parametrize("service", METRICS_OF)
def test_a_service_exposes_its_metrics_and_nothing_else_but_the_process(service: str):
    families = text_string_to_metric_families(Meters(service).text().decode())

    ours = {
        family.name
        for family in families
        if not family.name.startswith("process_")
        and not family.name.endswith("_created")  # when each counter began: the library adds it
    }
    assert ours == {metric.name.removesuffix("_total") for metric in METRICS_OF[service]}


def test_two_services_in_one_process_do_not_share_their_counts():
    first, second = Meters("scorer"), Meters("scorer")

    first.add(SCORED, 100)

    assert samples(second)["selfheal_transactions_scored_total", ()] == 0.0
    assert "selfheal" not in prometheus_client.generate_latest().decode()


def test_known_outcomes_start_at_zero():
    meters = Meters("healer")

    meters.add(HEALS, outcome="held")

    counts = samples(meters)
    assert counts["selfheal_heals_total", ("held",)] == 1.0
    assert counts["selfheal_heals_total", ("published",)] == 0.0


def test_an_info_metric_has_one_series_whatever_came_before():
    meters = Meters("scorer")

    for version in ("base", "v1", "v2"):
        meters.set_only(ACTIVE_VERSION, version=version)

    series = [key for key in samples(meters) if key[0] == "selfheal_active_version_info"]
    assert series == [("selfheal_active_version_info", ("v2",))]


def test_a_partition_given_away_is_forgotten():
    meters = Meters("scorer")
    meters.set(PARTITION_POSITION, 500, topic="transactions", partition="3")

    meters.forget(PARTITION_POSITION, topic="transactions", partition="3")
    meters.forget(PARTITION_POSITION, topic="transactions", partition="4")

    assert "selfheal_partition_position{" not in meters.text().decode()


def test_a_batch_of_latencies_is_counted_row_by_row():
    meters = Meters("scorer")

    meters.observe(END_TO_END_SECONDS, np.array([0.0005, 0.001, 0.3, 100.0, np.nan]))

    counts = samples(meters)
    assert counts["selfheal_end_to_end_seconds_bucket", ("0.001",)] == 2
    assert counts["selfheal_end_to_end_seconds_bucket", ("0.2",)] == 2
    assert counts["selfheal_end_to_end_seconds_bucket", ("0.5",)] == 3
    assert counts["selfheal_end_to_end_seconds_bucket", ("60.0",)] == 3
    assert counts["selfheal_end_to_end_seconds_bucket", ("+Inf",)] == 4
    assert counts["selfheal_end_to_end_seconds_count", ()] == 4
    assert counts["selfheal_end_to_end_seconds_sum", ()] == pytest.approx(100.3015)


def test_the_array_histogram_counts_as_the_librarys_own(rng: np.random.Generator):
    values = rng.exponential(0.1, 500)
    bounds = (0.01, 0.05, 0.1, 0.5)
    registry = prometheus_client.CollectorRegistry()
    ours = ArrayHistogram("ours_seconds", "Ours.", bounds)
    registry.register(ours)
    theirs = prometheus_client.Histogram(
        "theirs_seconds", "Theirs.", buckets=bounds, registry=registry
    )

    ours.observe(values, ())
    for value in values:
        theirs.observe(value)

    for suffix, labels in [("_bucket", {"le": str(bound)}) for bound in bounds] + [("_count", {})]:
        ours_count = registry.get_sample_value("ours_seconds" + suffix, labels)
        assert ours_count == registry.get_sample_value("theirs_seconds" + suffix, labels)
    assert registry.get_sample_value("ours_seconds_sum") == pytest.approx(values.sum())


def test_an_unlabelled_histogram_shows_zero_before_its_first_observation():
    assert samples(Meters("scorer"))["selfheal_batch_rows_count", ()] == 0.0


def test_stages_are_counted_apart():
    meters = Meters("scorer")

    meters.observe(STAGE_SECONDS, 0.002, stage="score")
    meters.observe(STAGE_SECONDS, 0.2, stage="commit")

    counts = samples(meters)
    assert counts["selfheal_batch_stage_seconds_sum", ("score",)] == 0.002
    assert counts["selfheal_batch_stage_seconds_sum", ("commit",)] == 0.2


@pytest.mark.parametrize("labels", [{}, {"stage": "decode"}, {"account": "1", "topic": "t"}])
def test_labels_that_a_metric_does_not_have_are_refused(labels: dict[str, str]):
    with pytest.raises(MetricError, match="expected topic, stage, error_class"):
        Meters("scorer").add(DEAD_LETTERS, **labels)


@pytest.mark.parametrize(
    "metric",
    [
        Counter("selfheal_imagined_total", "No."),
        Gauge("selfheal_imagined_ratio", "No."),
        Histogram("selfheal_imagined_seconds", "No.", (1.0,)),
    ],
    ids=lambda metric: type(metric).__name__,
)
def test_a_metric_outside_the_list_is_refused(metric: Metric):
    meters = Meters("scorer")
    verbs = {Counter: meters.add, Gauge: meters.set, Histogram: meters.observe}

    with pytest.raises(MetricError, match="scorer has no metric selfheal_imagined"):
        verbs[type(metric)](metric, 1.0)  # type: ignore[arg-type]


def test_a_metric_of_another_service_is_refused():
    with pytest.raises(MetricError, match="healer has no metric"):
        Meters("healer").observe(BATCH_ROWS, 100)


def test_an_unknown_service_is_refused():
    with pytest.raises(MetricError, match="expected scorer, healer, producer"):
        Meters("consumer")
