"""Evidence by betting: useless contenders all but never win, useful ones soon do."""

import numpy as np
import pytest
from scipy.special import logsumexp

from healer.betting import BETS, STAKE_EVERY, Wager

RUNS, LABELS = 300, 4_000

USELESS = {
    "no gain": lambda rng, n: rng.uniform(-1.0, 1.0, n),
    "a loss": lambda rng, n: rng.uniform(-1.0, 0.9, n),
    "wrong as often as right": lambda rng, n: rng.choice([-1.0, 0.0, 1.0], n, p=[0.1, 0.8, 0.1]),
    "rarely wrong by much": lambda rng, n: np.where(rng.random(n) < 0.1, -0.9, 0.1),
    "rarely right by much": lambda rng, n: np.where(rng.random(n) < 0.01, 0.99, -0.01),
    "heavy tails": lambda rng, n: np.clip(0.05 * rng.standard_t(2, n), -1.0, 1.0),
    "none at all": lambda _rng, n: np.zeros(n),
}


def labels_until(gains, alpha):
    """Labels after which the evidence passes 1 / alpha; None where it never does."""
    wager = Wager()
    for label in range(0, len(gains), 10):
        wager = wager.after(gains[label : label + 10])
        if wager.log_evidence > -np.log(alpha):
            return label + 10
    return None


def evidence_over(gains):
    """(runs, labels) log evidence after each label, by the definition: every stake on its own."""
    starts = np.arange(0, gains.shape[1], STAKE_EVERY)
    number = starts / STAKE_EVERY + 1
    capitals = []
    for bet in BETS:
        growth = np.cumsum(np.log1p(bet * gains), axis=1)
        before = np.column_stack([np.zeros(len(gains)), growth[:, starts[1:] - 1]])
        stakes = np.logaddexp.accumulate(-np.log(number * (number + 1)) - before, axis=1)
        capitals.append(growth + np.repeat(stakes, STAKE_EVERY, axis=1)[:, : gains.shape[1]])
    return logsumexp(capitals, axis=0) - np.log(len(BETS))


def test_the_capital_is_that_of_every_stake_on_its_own(rng):
    gains = rng.uniform(-0.8, 1.0, (3, 260))

    for run, expected in zip(gains, evidence_over(gains), strict=True):
        wager = Wager()
        for gain, evidence in zip(run, expected, strict=True):
            wager = wager.after(np.array([gain]))
            assert wager.log_evidence == pytest.approx(evidence)


@pytest.mark.parametrize("kind", USELESS)
def test_useless_contenders_win_in_no_more_runs_than_stated_however_often_one_looks(rng, kind):
    gains = np.array([USELESS[kind](rng, LABELS) for _ in range(RUNS)])

    highest = evidence_over(gains).max(axis=1)

    for alpha in (0.1, 0.05, 0.01):
        share = (highest > -np.log(alpha)).mean()
        assert share <= alpha + 3.0 * np.sqrt(alpha * (1.0 - alpha) / RUNS)


@pytest.mark.parametrize(("gain", "within"), [(0.3, 100), (0.1, 300), (0.05, 800)])
@pytest.mark.parametrize("onset", [0, 1_000])
def test_a_contender_that_becomes_better_is_found_within_so_many_labels(rng, gain, within, onset):
    delays = []
    for _ in range(20):
        gains = rng.uniform(-0.4, 0.4, onset + 2_000)
        gains[onset:] += gain
        delays.append(labels_until(gains, alpha=0.01) - onset)

    # later stakes are smaller: what was held back is not found quite as soon
    assert np.median(delays) <= within * (1.5 if onset else 1.0)


def test_a_sum_of_losses_before_it_does_not_hide_a_late_gain(rng):
    gains = np.concatenate([rng.uniform(-0.5, 0.3, 1_000), rng.uniform(-0.2, 0.5, 1_000)])

    assert gains.sum() < 100
    assert 1_000 < labels_until(gains, alpha=0.01) < 1_500


def test_the_same_labels_in_other_portions_give_the_same_capital(rng):
    gains = rng.uniform(-1.0, 1.0, 237)

    at_once = Wager().after(gains)
    in_portions = Wager()
    for portion in np.split(gains, [1, 1, 30, 50, 51, 120, 200]):
        in_portions = in_portions.after(portion)

    np.testing.assert_allclose(in_portions.log_capital, at_once.log_capital)
    assert (in_portions.labels, in_portions.gain) == (237, pytest.approx(at_once.gain))


def test_within_one_stake_the_order_does_not_matter_and_beyond_it_late_gains_count_more():
    early = np.r_[np.full(STAKE_EVERY, 0.5), np.full(STAKE_EVERY, -0.5)]

    def evidence(gains):
        return Wager().after(gains).log_evidence

    first, late = early[:STAKE_EVERY].copy(), early[::-1]
    first[::2] = -0.5
    assert evidence(first) == pytest.approx(evidence(first[::-1]))
    assert evidence(late) > evidence(early)


def test_before_the_first_label_there_is_no_evidence_and_no_gain():
    nothing = Wager().after(np.zeros(0))

    assert (nothing.log_evidence, nothing.mean_gain, nothing.labels) == (-np.inf, 0.0, 0)


def test_the_mean_gain_is_that_of_all_labels():
    assert Wager().after(np.array([0.5, -0.1])).after(np.array([0.2])).mean_gain == pytest.approx(
        0.2
    )


def test_even_total_losses_leave_a_finite_capital():
    ruined = Wager().after(np.full(5_000, -1.0))

    assert np.isfinite(ruined.log_capital).all()
    assert ruined.log_evidence < -5
