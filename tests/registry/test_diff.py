import numpy as np
import pytest

from registry.diff import diff
from registry.snapshot import Snapshot
from selfheal.model.adapter import Adapter, HeadDelta, Output


def test_changed_arrays_are_measured(make_snapshot):
    old, new = make_snapshot("v1"), make_snapshot("v4")

    arrays = {array.name: array for array in diff(old, new).arrays}

    assert arrays["alignment.scale"].old_norm == pytest.approx(np.sqrt(2))
    assert arrays["alignment.scale"].new_norm == pytest.approx(np.sqrt(17))
    assert arrays["alignment.scale"].distance == pytest.approx(3.0)
    assert arrays["alignment.shift"].distance == 0.0


def test_part_that_one_lacks_has_no_distance(make_snapshot):
    new = make_snapshot("v1")

    arrays = {array.name: array for array in diff(None, new).arrays}

    assert arrays["output.shift"].old_norm is None
    assert arrays["output.shift"].distance is None
    assert arrays["output.shift"].new_norm == 1.0


def test_part_that_changed_its_shape_has_no_distance(make_snapshot):
    info = make_snapshot("v1").info
    old = Snapshot(info, Adapter(head=HeadDelta(np.ones(4, np.float32), 0.0)))
    new = Snapshot(info, Adapter(head=HeadDelta(np.ones(9, np.float32), 0.0), output=Output()))

    arrays = {array.name: array for array in diff(old, new).arrays}

    assert (arrays["head.weight"].old_norm, arrays["head.weight"].new_norm) == (2.0, 3.0)
    assert arrays["head.weight"].distance is None


def test_facts_that_differ_are_named(make_snapshot):
    old = make_snapshot("v1", gate={"f1": 0.5, "rows": 40.0})
    new = make_snapshot("v2", gate={"f1": 0.7, "rows": 40.0})

    facts = {fact.name: (fact.old, fact.new) for fact in diff(old, new).facts}

    assert facts == {"version": ("v1", "v2"), "gate.f1": (0.5, 0.7)}


def test_version_does_not_differ_from_itself(make_snapshot):
    same = diff(make_snapshot("v1"), make_snapshot("v1"))

    assert same.facts == ()
    assert all(array.distance == 0.0 for array in same.arrays)
