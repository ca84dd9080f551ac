"""The drift profile is drawn whole, and says what the newest look says."""

import io

import numpy as np
import pytest

from selfheal.drift.layers import LayerMean, LayerMonitor
from selfheal.telemetry.errors import ExportError
from selfheal.telemetry.figures_layers import drift_profile_figure

NAMES = ("block1", "block2", "block3")


@pytest.fixture
def reports(rng):
    """Thirty looks; the middle layer leaves its baseline at the twentieth."""
    monitor = LayerMonitor({name: LayerMean(5_000, 0.0, 1.0) for name in NAMES})
    found = []
    for look in range(30):
        shifts = np.array([0.0, 0.6 if look >= 20 else 0.0, 0.1])
        means = rng.normal(shifts, 256**-0.5)
        looked = {n: LayerMean(256, float(m), 1.0) for n, m in zip(NAMES, means, strict=True)}
        found.append(monitor.update(looked))
    return found


def test_every_layer_and_look_is_in_it(reports):
    figure = drift_profile_figure(reports)

    ax = figure.axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == list(NAMES)
    assert ax.get_images()[0].get_array().shape == (3, 30)
    figure.savefig(io.BytesIO(), format="png")


def test_its_words_are_the_newest_look_s(reports):
    last, early = (drift_profile_figure(part).texts[-1] for part in (reports, reports[:5]))

    assert "critical, block2; hint: spurious correlation" in last.get_text()
    assert "calm" in early.get_text()


def test_without_a_look_there_is_no_profile():
    with pytest.raises(ExportError, match="at least one"):
        drift_profile_figure([])
