"""Which version was made for the rows that are here now?"""

from dataclasses import replace

import numpy as np
import pytest

from healer.known_regimes import known_version
from healer.policy import Evidence, Serving, Stored
from healer.policy_settings import HealingSettings
from healer.regime import Regime, own_quantiles
from healer.window import FeedbackWindow, ScoredRows
from producer.operators import everyone, legit_only
from producer.regimes import G2
from selfheal.drift.change_window import NEWEST_ROWS
from selfheal.model.adapter import Adapter, InputAlignment, Output
from selfheal.records.thresholds import Thresholds

MOVED, LOST = everyone(G2, 2.2), legit_only(G2, 1.5)
BACK = Adapter(alignment=InputAlignment(np.ones(10), np.r_[np.zeros(7), 2.2, np.zeros(2)]))


def drawn(regime, rows, seed):
    return regime.draw(np.random.default_rng(seed), np.arange(rows), np.zeros(rows)).values


def stored(adapter, regime):
    figures = {name: np.asarray(value) for name, value in regime.stored().items()}
    return Stored(adapter, regime=figures)


VERSIONS = {
    "v1": stored(BACK, Regime(0.15, 2_000, 0)),
    "v2": stored(
        Adapter(output=Output(0.5, -1.0)),
        Regime(0.15, 2_000, 0, own_quantiles(drawn(LOST, 2_000, 1))),
    ),
    "v3": Stored(Adapter(output=Output(shift=1.0))),  # of another policy
}


def window_of(values, order):
    """Rows that came in this order, the first one of `values` being the oldest transaction."""
    count = len(values)
    window = FeedbackWindow(10_000, 10)
    window.add_rows(
        ScoredRows(
            ids=[f"row-{row}" for row in order],
            event_ms=order,
            values=values[order],
            score=np.full(count, 0.5),
            shadow_score=np.full(count, 0.5),
            epoch=np.zeros(count, dtype=np.int64),
            weight=np.ones(count),
            conflict=np.zeros(count, dtype=np.bool_),
        )
    )
    return window


def serving_version(name, versions):
    """A version that serves, made for a regime; one that is not among those that are known."""
    known = versions.get(name) or stored(BACK, Regime(0.15, 2_000, 0))
    return Serving(name, 5, adapter=known.adapter, regime=known.regime)


def evidence(model, regime, serving, versions=VERSIONS, seed=2, is_shuffled=False):
    """The newest rows of a regime after others of another one."""
    parts = [drawn(everyone(G2, -9.0), 1_000, 0), drawn(regime, NEWEST_ROWS, seed)]
    values = np.concatenate(parts)
    order = np.arange(len(values))
    if is_shuffled:
        order = np.random.default_rng(seed).permutation(order)
    served = Serving() if serving == "base" else serving_version(serving, versions)
    window = window_of(values, order)
    return Evidence(model, HealingSettings(), Thresholds(), window, served, versions, False)


@pytest.mark.parametrize(
    ("regime", "serving", "version"),
    [
        (MOVED, "base", "v1"),
        (MOVED, "v2", "v1"),
        (LOST, "base", "v2"),
        (LOST, "v1", "v2"),
        (G2, "v1", "base"),
        (G2, "v2", "base"),
    ],
    ids=["aligned", "aligned after own", "own", "own after aligned", "clean", "clean after own"],
)
def test_a_returning_regime_gets_its_version(g2_model, regime, serving, version):
    found = [known_version(evidence(g2_model, regime, serving, seed=s)) for s in range(900, 920)]

    assert found.count(version) >= 18
    assert set(found) <= {version, None}


@pytest.mark.parametrize("serving", ["base", "v1", "v2"])
def test_rows_of_no_known_regime_get_none(g2_model, serving):
    assert known_version(evidence(g2_model, everyone(G2, -3.0), serving)) is None


@pytest.mark.parametrize(("regime", "serving"), [(G2, "base"), (MOVED, "v1"), (LOST, "v2")])
def test_the_version_that_serves_already_is_not_restored(g2_model, regime, serving):
    assert known_version(evidence(g2_model, regime, serving)) is None


def test_without_any_version_only_the_first_regime_is_known(g2_model):
    assert known_version(evidence(g2_model, G2, "base", versions={})) is None
    assert known_version(evidence(g2_model, G2, "v9", versions={})) == "base"


def test_too_few_rows_fit_nothing(g2_model):
    window = window_of(drawn(G2, NEWEST_ROWS - 1, 2), np.arange(NEWEST_ROWS - 1))

    few = replace(evidence(g2_model, G2, "v1"), window=window)

    assert known_version(few) is None


def test_a_regime_is_known_by_its_newest_transactions_in_whatever_order_they_came(g2_model):
    assert known_version(evidence(g2_model, MOVED, "base", is_shuffled=True)) == "v1"


def test_of_two_near_regimes_the_one_that_more_rows_look_like_goes_on(g2_model):
    """A hundred rows fit both; the rows that alarm are nearer to what serves."""
    near = Adapter(alignment=InputAlignment(np.ones(10), np.r_[np.zeros(7), 1.8, np.zeros(2)]))
    versions = {"v1": VERSIONS["v1"], "v2": stored(near, Regime(0.15, 2_000, 0))}
    values = drawn(everyone(G2, 2.25), 1_600, 2)
    here = replace(
        evidence(g2_model, MOVED, "v1", versions), window=window_of(values, np.arange(1_600))
    )

    fitting = [known_version(replace(here, served=serving_version("v2", versions)), 1_600)]
    assert fitting == ["v1"]
    assert known_version(here, 1_600) is None


def test_a_version_that_labels_taught_is_not_left_for_one_with_the_same_inputs(g2_model):
    taught = stored(Adapter(output=Output(-1.0, 0.5)), Regime(0.15, 2_000, 0, is_taught=True))
    versions = {"v1": taught}

    found = [known_version(evidence(g2_model, G2, "v1", versions, seed=s)) for s in range(20)]

    assert found == [None] * 20
