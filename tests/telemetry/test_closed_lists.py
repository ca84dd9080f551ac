"""The closed lists hold nothing that no service counts or tells."""

import re
from pathlib import Path

import pytest

from selfheal.records.events import EVENTS
from selfheal.telemetry import metrics

ROOT = Path(__file__).parents[2]
SERVICES = "\n".join(
    path.read_text(encoding="utf-8")
    for folder in ("consumer", "healer", "producer", "registry", "selfheal")
    for path in (ROOT / folder).rglob("*.py")
    if path.name != "metrics.py"
)
METRICS = [name for name in dir(metrics) if getattr(metrics, name) in metrics.METRICS]


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_is_counted_somewhere(name):
    assert re.search(rf"\b{name}\b", SERVICES)


@pytest.mark.parametrize("action", EVENTS)
def test_every_event_is_told_somewhere(action):
    assert re.search(rf"\b{EVENTS[action].__name__}\(", SERVICES)
