"""Has the share of frauds moved, though no feature shows it yet?

Where the training rows are normal within each class, each row has its odds of being a fraud, and
the newest rows together say how large their share is. A tenth more frauds moves no single feature
by more than chance for thousands of rows, but all of them a little, and in one direction.
"""

from dataclasses import dataclass, field
from math import sqrt

import numpy as np

from healer.anchors import Anchors, anchors_of
from healer.evidence import Floats, Integers
from healer.policy import Evidence
from healer.regime import Regime
from healer.regime_check import RegimeCheck
from selfheal.drift.alarms import normal_limit

SUFFIXES = (250, 500, 1000, 2000, 4000)
"""Newest rows that are asked, lengths."""

SMALLEST_CHANGE = 0.3
"""Of the log-odds of fraud, that matters."""

_WORTH_A_LOOK = 3.0
"""Standard errors of the score test from which the likelihood is asked, which takes longer."""

_RANGE = 30.0
"""Log-odds of one row are kept within this."""

_BISECTIONS = 30


@dataclass(frozen=True, slots=True, eq=False)
class FraudOdds:
    """Of the newest rows, in the order in which they became known, as a version aligns them.

    epoch:    of the pointer to the version; -1 before the first
    seen:     samples that had come by then
    lift:     (n,) density of the row as a fraud over that as a legitimate one, less 1; none where
              the model has no anchors
    event_ms: (n,) int64
    """

    epoch: int = -1
    seen: int = 0
    lift: Floats = field(default_factory=lambda: np.zeros(0))
    event_ms: Integers = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def since(self, event_ms: int) -> tuple[Floats, Integers]:
        """Lifts and times (m,) of what happened then or later, the oldest first."""
        lift, times = self.lift, self.event_ms
        if not bool((times[1:] >= times[:-1]).all()):
            order = np.argsort(times, kind="stable")
            lift, times = lift[order], times[order]
        first = int(times.searchsorted(event_ms))
        return lift[first:], times[first:]


def fraud_odds(before: FraudOdds, regime: Regime | None, evidence: Evidence) -> FraudOdds:
    """The odds of the newest rows of the window, as many as a heal may learn from.

    before: of the last test; what it has of the same epoch is not computed again
    None are known of a regime that no alignment leads back to the anchors.
    """
    window, most, served = evidence.window, evidence.settings.window_rows, evidence.served
    anchors = anchors_of(evidence.model)
    if anchors is None or (regime is not None and regime.quantiles is not None):
        return FraudOdds(served.epoch, window.samples_seen)
    if before.epoch != served.epoch:
        before = FraudOdds(served.epoch)
    rows = window.newest(min(most, window.samples_seen - before.seen))
    numeric = evidence.model.schema.numeric
    values = served.adapter.align(rows.values, numeric) if served.adapter else rows.values
    lift = lift_of(values[:, numeric], anchors)
    return FraudOdds(
        epoch=served.epoch,
        seen=window.samples_seen,
        lift=np.concatenate([before.lift, lift])[-most:],
        event_ms=np.concatenate([before.event_ms, rows.event_ms])[-most:],
    )


def prior_check(lift: Floats, prior: float, known_rows: float, alarm_rate: float) -> RegimeCheck:
    """Test the newest rows, the last one the newest, against a share of frauds.

    lift:       (n,), see `FraudOdds`
    known_rows: that this share was measured on
    alarm_rate: chance that one length alarms on a clean stream, in (0, 1)
    Names no feature. Quiet where there are fewer rows than the shortest suffix.
    """
    limit = normal_limit(alarm_rate)
    found = RegimeCheck(0.0, 0.0, limit, (), 0)
    if len(lift) < SUFFIXES[0]:
        return found
    slope = lift / (1.0 + prior * lift)
    for rows in SUFFIXES:
        if rows > len(lift):
            break
        newest = slope[-rows:]
        score = abs(float(newest.sum())) / sqrt(float(newest @ newest) + 1e-12)
        if score > _WORTH_A_LOOK:
            z = _errors_from(prior, lift[-rows:]) / sqrt(1.0 + rows / known_rows)
            if z > found.distance:
                found = RegimeCheck(z / limit, z, limit, (), rows)
    return found


def _errors_from(prior: float, lift: Floats) -> float:
    """Root of twice the likelihood that the likeliest share gains; 0 for a small change."""
    share = _likeliest(lift)
    change = np.log(share / (1.0 - share)) - np.log(prior / (1.0 - prior))
    if abs(change) < SMALLEST_CHANGE:
        return 0.0
    gain = float(np.log1p(share * lift).sum() - np.log1p(prior * lift).sum())
    return sqrt(max(0.0, 2.0 * gain))


def _likeliest(lift: Floats) -> float:
    """The share of frauds at which the likelihood, concave in it, is greatest; in (0, 1)."""
    low, high = 1e-6, 1.0 - 1e-6
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        is_low = float((lift / (1.0 + middle * lift)).sum()) > 0.0
        low, high = (middle, high) if is_low else (low, middle)
    return 0.5 * (low + high)


def lift_of(values: Floats, anchors: Anchors) -> Floats:
    """(n,) of numeric features (n, k) as a version aligns them."""
    densities = anchors.log_densities(values)
    return np.expm1(np.clip(densities[:, 1] - densities[:, 0], -_RANGE, _RANGE))
