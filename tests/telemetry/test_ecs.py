"""The categorisation follows the Elastic Common Schema, and each event has its shape."""

from dataclasses import fields
from string import Formatter

import pytest

from selfheal.records import EVENTS
from selfheal.telemetry.ecs import SHAPES

KINDS = {"alert", "event", "metric", "state"}
OUTCOMES = {"success", "failure", "unknown"}
TYPES_OF_CATEGORY = {
    "process": {"access", "change", "end", "info", "start"},
    "configuration": {"access", "change", "creation", "deletion", "info"},
    "intrusion_detection": {"allowed", "denied", "info"},
}


def test_every_event_has_a_shape_and_no_other():
    assert list(SHAPES) == list(EVENTS)


@pytest.mark.parametrize("action", SHAPES)
def test_the_class_of_an_event_is_one_that_ecs_allows(action):
    shape = SHAPES[action]

    assert shape.kind in KINDS
    assert shape.outcome in OUTCOMES
    assert shape.type in TYPES_OF_CATEGORY[shape.category]


@pytest.mark.parametrize("action", SHAPES)
def test_the_sentence_names_only_fields_of_its_event(action):
    named = {name for _, name, _, _ in Formatter().parse(SHAPES[action].message) if name}

    assert named <= {field.name for field in fields(EVENTS[action])}
