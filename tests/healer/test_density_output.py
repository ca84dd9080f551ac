"""What the densities of normal classes decide, served as a correction of the network's logit."""

from dataclasses import replace

import numpy as np
import pytest

from healer.anchors import anchors_of
from healer.density_output import densities_tell_more, output_of
from healer.label_free import label_free_heal
from healer.policy import Serving
from healer.policy_settings import HealingSettings
from producer.operators import everyone, prior
from producer.regimes import G2
from selfheal.model.adapter import Adapter
from selfheal.model.compiled import compile_model
from selfheal.model.metrics import measure
from tests.healer.rows import rows_of


def drawn(regime, rows, seed=900):
    return regime.draw(np.random.default_rng(seed), np.arange(rows), np.zeros(rows))


@pytest.mark.parametrize("share", [0.05, 0.15, 0.4])
def test_the_correction_decides_nearly_as_well_as_can_be(g2_model, share):
    anchors = replace(anchors_of(g2_model), prior=share)
    fresh = drawn(prior(G2, share), 20_000)

    corrected = Adapter(output=output_of(anchors, g2_model))

    found = measure(fresh.labels, compile_model(g2_model, corrected).score(fresh.values).score)
    best = measure(fresh.labels, fresh.probabilities)
    assert found.accuracy > best.accuracy - 0.002
    assert found.log_loss < best.log_loss + 0.005


def test_it_is_the_same_each_time(g2_model):
    first, second = (output_of(anchors_of(g2_model), g2_model) for _ in range(2))

    assert (first.scale, first.shift) == (second.scale, second.shift)
    np.testing.assert_array_equal(first.skip, second.skip)


def test_densities_are_believed_where_the_network_falls_short_of_them(g2_model):
    assert densities_tell_more(anchors_of(g2_model), g2_model)


def test_a_network_that_does_better_on_held_out_rows_knows_what_they_miss(g2_model):
    anchors = anchors_of(g2_model)
    blind = replace(anchors, mean=np.stack([anchors.mean[0], anchors.mean[0]]))

    assert not densities_tell_more(blind, g2_model)


def test_a_shift_is_healed_to_better_than_before_it(g2_model):
    rows, fresh = drawn(everyone(G2, 2.2), 500), drawn(everyone(G2, 2.2), 20_000, seed=901)
    before = drawn(G2, 20_000, seed=902)

    found = label_free_heal(
        g2_model,
        Serving(threshold=g2_model.threshold),
        None,
        rows_of(rows.values),
        HealingSettings(),
    )

    healed = measure(fresh.labels, compile_model(g2_model, found.adapter).score(fresh.values).score)
    undrifted = measure(before.labels, compile_model(g2_model, None).score(before.values).score)
    assert healed.accuracy > undrifted.accuracy
    assert healed.log_loss < undrifted.log_loss
