"""A summary counts what was scored, each row once, and merges by addition."""

import numpy as np
import pytest

from consumer.decoding import Transactions
from consumer.scoring import score
from consumer.summaries import LAYER_ROWS, SummaryBuilder, Traffic
from selfheal.model.calibration import activation_level
from selfheal.model.columns import BINS
from selfheal.records import decode_feedback, encode
from selfheal.records.feedback import Moments, Summary
from tests.consumer.serving import raw_values

STILL = Traffic(rate_per_s=0.0, lag_records=0)


def part(transactions: Transactions, rows: slice) -> Transactions:
    return Transactions(
        transactions.positions[rows],
        transactions.ids[rows],
        transactions.event_ms[rows],
        transactions.values[rows],
    )


def summary_of(live, *batches: Transactions, traffic: Traffic = STILL) -> Summary:
    builder = SummaryBuilder("scorer-1", live)
    for batch in batches:
        builder.add(score(batch, live, conflict_min=0.3))
    return builder.build(traffic)


def test_every_row_is_counted_once_in_each_feature(healed, transactions):
    summary = summary_of(healed, transactions)

    assert summary.rows == 600
    for name in ("V14", "amount"):
        assert sum(summary.bins[name]) + summary.missing[name] == 600
        assert summary.moments[name].count + summary.missing[name] == 600
    assert sum(summary.categories["channel"].values()) + summary.missing["channel"] == 600
    assert sum(summary.score_bins) == 600


def test_the_counts_are_those_of_the_rows(healed, transactions):
    summary = summary_of(healed, transactions)

    values = transactions.values
    assert summary.missing == {"V14": 5, "channel": 1, "amount": int(np.isnan(values[:, 2]).sum())}
    assert summary.categories["channel"] == {
        "web": int((values[:, 1] == 0).sum()),
        "shop": int((values[:, 1] == 1).sum()),
        "": 5,
    }
    assert summary.conflicts == int(score(transactions, healed, 0.3).conflict.sum())
    assert (summary.first_event_ms, summary.last_event_ms) == (1_000, 1_599)


def test_bins_count_aligned_values_and_moments_are_of_raw_ones(model, healed, transactions):
    summary = summary_of(healed, transactions)

    raw = transactions.values[:, 0]
    aligned = score(transactions, healed, 0.3).aligned[:, 0]
    edges = [-np.inf, *model.reference.edges[0], np.inf]
    expected, _ = np.histogram(aligned[~np.isnan(aligned)], edges)
    assert summary.bins["V14"] == expected.tolist()
    assert summary.moments["V14"].mean == pytest.approx(np.nanmean(raw))
    assert summary.moments["V14"].squared_deviation == pytest.approx(
        np.nansum((raw - np.nanmean(raw)) ** 2)
    )


def test_moments_know_the_extremes_and_a_column_of_nothing_has_none(healed, transactions):
    raw = transactions.values[:, 0]
    transactions.values[:, 2] = np.nan

    summary = summary_of(healed, transactions)

    assert summary.moments["V14"].lowest == np.nanmin(raw)
    assert summary.moments["V14"].highest == np.nanmax(raw)
    assert summary.moments["amount"] == Moments(0, 0.0, 0.0, None, None)


def test_layers_are_those_of_the_network_that_serves(model, base, healed, transactions):
    few = part(transactions, slice(0, 100))

    summary = summary_of(healed, few)

    assert list(summary.layers) == list(model.layers)
    level = activation_level(healed.compiled.layers(few.values)["backbone"])
    assert summary.layers["backbone"].count == 100
    assert summary.layers["backbone"].mean == pytest.approx(level.mean())
    assert summary.layers["backbone"].mean != summary_of(base, few).layers["backbone"].mean


def test_layers_are_looked_at_on_a_bounded_number_of_rows_from_all_of_them(base, rng):
    values, _ = raw_values(5_000, rng)
    values[2_500:, 0] += 100.0
    ids = [f"t{i}" for i in range(5_000)]
    batch = Transactions(np.arange(5_000), ids, np.arange(5_000), values)

    level = summary_of(base, batch).layers["backbone"]

    assert LAYER_ROWS / 2 <= level.count <= LAYER_ROWS
    everything = activation_level(base.compiled.layers(values)["backbone"])
    assert level.mean == pytest.approx(everything.mean(), rel=0.1)


def test_one_absurd_value_leaves_a_summary_that_can_be_read(base, transactions):
    transactions.values[0] = 1e300, 0.0, -1e300

    summary = summary_of(base, transactions)

    assert decode_feedback(encode(summary)) == summary


def test_clean_rows_fill_every_bin_alike(model, base, rng):
    values, _ = raw_values(20_000, rng)
    batch = Transactions(
        np.arange(20_000), [f"t{i}" for i in range(20_000)], np.arange(20_000), values
    )

    bins = np.array(summary_of(base, batch).bins["V14"])

    assert len(bins) == BINS
    np.testing.assert_allclose(bins / bins.sum(), 1 / BINS, atol=0.03)


def test_the_summaries_of_two_scorers_add_up_to_that_of_all_their_rows(healed, transactions):
    halves = [part(transactions, slice(0, 250)), part(transactions, slice(250, 600))]

    first, second = (summary_of(healed, half) for half in halves)
    together = summary_of(healed, transactions)

    assert first.rows + second.rows == together.rows
    assert first.conflicts + second.conflicts == together.conflicts
    for field in ("bins", "categories"):
        for name, counts in getattr(together, field).items():
            one, other = getattr(first, field)[name], getattr(second, field)[name]
            if field == "bins":
                assert [a + b for a, b in zip(one, other, strict=True)] == counts
            else:
                assert {level: one[level] + other[level] for level in one} == counts
    assert min(first.first_event_ms, second.first_event_ms) == together.first_event_ms
    assert max(first.last_event_ms, second.last_event_ms) == together.last_event_ms


def test_batches_add_up_whatever_their_size(healed, transactions):
    cut = [part(transactions, slice(first, first + 37)) for first in range(0, 600, 37)]

    whole, pieces = summary_of(healed, transactions), summary_of(healed, *cut)

    assert pieces.bins == whole.bins
    assert pieces.categories == whole.categories
    for name, moments in whole.moments.items():
        assert pieces.moments[name].count == moments.count
        assert pieces.moments[name].mean == pytest.approx(moments.mean)
        assert pieces.moments[name].squared_deviation == pytest.approx(moments.squared_deviation)


def test_an_empty_batch_changes_nothing(healed, transactions):
    empty = part(transactions, slice(0, 0))

    assert summary_of(healed, empty, transactions, empty) == summary_of(healed, transactions)


def test_a_summary_names_the_one_version_it_is_of_and_its_traffic(base, healed, transactions):
    before = summary_of(base, transactions)
    after = summary_of(healed, transactions, traffic=Traffic(rate_per_s=1500.0, lag_records=7))

    assert (before.version, before.epoch) == ("base", 0)
    assert (after.version, after.epoch) == ("v1", 4)
    assert (after.instance, after.rate_per_s, after.lag_records) == ("scorer-1", 1500.0, 7)


def test_a_summary_is_read_back_as_it_was_made_in_a_few_kilobytes(healed, transactions):
    summary = summary_of(healed, transactions)

    written = encode(summary)

    assert decode_feedback(written) == summary
    assert len(written) < 4_000
