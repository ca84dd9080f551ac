import numpy as np
import pytest

from consumer import live
from consumer.decoding import Transactions
from consumer.sampling import Sampler
from consumer.scoring import feedback, predictions, score
from registry.feed import Swap
from registry.snapshot import HealingWindow, Snapshot, SnapshotInfo, dump_snapshot, parse_snapshot
from selfheal.model.compiled import compile_model
from selfheal.records import Prediction, decode, decode_feedback, encode
from selfheal.records.feedback import Conflict, Sample
from tests.consumer.serving import ADAPTER, SHIFT, pointer_to

CONFLICT_MIN = 0.3
ALL = Sampler(1.0)


def test_the_base_scores_as_its_own_shadow_bit_by_bit(base, transactions):
    scored = score(transactions, base, CONFLICT_MIN)

    np.testing.assert_array_equal(scored.score, scored.shadow_score)
    np.testing.assert_array_equal(scored.aligned, transactions.values)


def test_an_adapter_changes_the_score_and_never_the_shadow(base, healed, transactions):
    before, after = (score(transactions, serving, CONFLICT_MIN) for serving in (base, healed))

    np.testing.assert_array_equal(after.shadow_score, before.score)
    assert np.abs(after.score - before.score).max() > 0.1
    np.testing.assert_allclose(after.aligned[:, 0], transactions.values[:, 0] + SHIFT)


def test_each_decision_is_taken_at_the_threshold_of_the_version(healed, transactions):
    scored = score(transactions, healed, CONFLICT_MIN)

    np.testing.assert_array_equal(scored.decision, scored.score >= 0.7)
    assert 0 < scored.decision.sum() < (scored.score >= 0.5).sum()


def test_a_rule_fires_on_raw_or_on_aligned_values_as_it_says(healed, transactions):
    scored = score(transactions, healed, CONFLICT_MIN)

    v14, amount = transactions.values[:, 0], transactions.values[:, 2]
    for name, fires in {
        "low_raw": v14 < -1.5,
        "low_aligned": v14 + SHIFT < -1.5,
        "small_shop": (transactions.values[:, 1] == 1) & (amount < 10),
    }.items():
        assert fires.any()
        np.testing.assert_array_equal([name in fired for fired in scored.rules], fires)


def test_a_conflict_is_a_row_that_a_fraud_rule_flags_and_the_score_does_not(healed, transactions):
    scored = score(transactions, healed, CONFLICT_MIN)

    is_flagged = np.array(["low_raw" in fired or "low_aligned" in fired for fired in scored.rules])
    np.testing.assert_array_equal(scored.conflict, is_flagged & (scored.score < CONFLICT_MIN))
    assert scored.conflict.any()


def test_a_rule_that_says_legitimate_makes_no_conflict(base, transactions):
    scored = score(transactions, base, conflict_min=1.1)

    only_small = [fired == ("small_shop",) for fired in scored.rules]
    assert any(only_small)
    assert not scored.conflict[only_small].any()


def test_an_empty_batch_is_scored_to_nothing(healed):
    empty = Transactions(np.arange(0), [], np.arange(0), np.empty((0, 3)))

    scored = score(empty, healed, CONFLICT_MIN)

    assert predictions(scored, healed, 5) == []
    assert feedback(scored, healed, ALL, ALL, 5) == []


def test_each_prediction_can_be_recomputed_from_the_version_that_it_names(
    model, base, healed, transactions
):
    info = SnapshotInfo(
        version="v1",
        parent="base",
        backbone_hash=model.hash,
        policy="selfheal",
        trigger="drift",
        window=HealingWindow(0, 1, 1, 0),
        threshold=0.7,
        created_ms=1,
    )
    stored = dump_snapshot(Snapshot(info, ADAPTER))
    published = {"base": None, "v1": parse_snapshot(stored).adapter}

    for serving in (base, healed):
        written = predictions(score(transactions, serving, CONFLICT_MIN), serving, 5)
        read = [decode(Prediction, value) for value in written]
        assert {each.version for each in read} == {serving.version}
        again = compile_model(model, published[read[0].version]).score(transactions.values)
        np.testing.assert_allclose([each.score for each in read], again.score, atol=1e-6)
        np.testing.assert_allclose(
            [each.shadow_score for each in read], again.shadow_score, atol=1e-6
        )


def test_a_row_is_scored_alike_whatever_batch_it_comes_in(healed, transactions):
    whole = score(transactions, healed, CONFLICT_MIN)

    for rows in (slice(0, 1), slice(17, 60), slice(599, 600)):
        part = Transactions(
            transactions.positions[rows],
            transactions.ids[rows],
            transactions.event_ms[rows],
            transactions.values[rows],
        )
        alone = score(part, healed, CONFLICT_MIN)
        np.testing.assert_allclose(alone.score, whole.score[rows], atol=1e-6)
        np.testing.assert_array_equal(alone.conflict, whole.conflict[rows])


def test_a_sample_says_what_was_served_and_how_likely_it_was_drawn(model, healed, transactions):
    scored = score(transactions, healed, CONFLICT_MIN)

    records = feedback(scored, healed, Sampler(0.5, b"k"), Sampler(0.25, b"k"), now_ms=77)

    samples = [record for record in records if isinstance(record, Sample)]
    assert 200 < len(samples) < 400
    row = transactions.ids.index(samples[0].id)
    assert (samples[0].version, samples[0].epoch, samples[0].scored_ms) == ("v1", 4, 77)
    assert samples[0].inclusion_probability == 0.5
    assert samples[0].score == scored.score[row]
    assert samples[0].event_ms == transactions.event_ms[row]
    conflicts = [record for record in records if isinstance(record, Conflict)]
    assert {record.inclusion_probability for record in conflicts} == {0.25}


def test_what_is_sampled_reads_back_to_the_values_that_were_scored(model, healed, transactions):
    scored = score(transactions, healed, CONFLICT_MIN)

    records = [decode_feedback(encode(r)) for r in feedback(scored, healed, ALL, ALL, 5)]

    samples = [record for record in records if isinstance(record, Sample)]
    read = np.array([model.schema.row(sample.features) for sample in samples])
    np.testing.assert_array_equal(read, transactions.values)


def test_all_conflicts_are_told_where_all_are_asked_for_each_with_its_rules(healed, transactions):
    scored = score(transactions, healed, CONFLICT_MIN)

    records = feedback(scored, healed, Sampler(0.01, b"k"), ALL, now_ms=5)

    told = {record.id: record.rules for record in records if isinstance(record, Conflict)}
    rows = np.flatnonzero(scored.conflict).tolist()
    assert told == {transactions.ids[row]: scored.rules[row] for row in rows}


def test_a_rollback_to_base_serves_what_the_base_served(base, healed, transactions):
    pointer = pointer_to("base", epoch=5, threshold=0.4)

    rolled_back = live.swapped(healed, Swap(pointer, None))

    scored = score(transactions, rolled_back, CONFLICT_MIN)
    np.testing.assert_array_equal(scored.score, score(transactions, base, CONFLICT_MIN).score)
    assert (rolled_back.version, rolled_back.epoch, rolled_back.threshold) == ("base", 5, 0.4)
    assert (healed.version, healed.epoch) == ("v1", 4)


@pytest.mark.parametrize("rows", [1, 600])
def test_scoring_leaves_the_values_as_they_came(healed, transactions, rows):
    before = transactions.values.copy()

    score(transactions, healed, CONFLICT_MIN)

    np.testing.assert_array_equal(transactions.values[:rows], before[:rows])
