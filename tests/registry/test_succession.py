"""One model after another: what follows it, and what belonged to the one before."""

from dataclasses import replace

import pytest

from registry.acceptance import Acceptance
from registry.cleanup import Retention, superfluous_keys
from registry.errors import OtherBackboneError, RecordRefused, Refusal
from registry.feed import AdapterFeed, Swap
from registry.model_record import dump_model
from registry.operators import previous_version, publisher_in_service
from registry.publish import Publisher
from registry.record import snapshot_key
from registry.refused_record import RefusedRecord
from registry.stored_model import require_same_schema
from registry.view import RegistryView
from selfheal.model.adapter import Adapter, Output
from selfheal.model.schema import Categorical, Fields, Numeric, Schema
from tests.registry.small_models import SCHEMA, small_model

OLD, NEW = small_model(seed=1), small_model(seed=2, threshold=0.6)
OTHER_SHOPS = Categorical("shop", ("a", "b", "c"))
DAY_MS = 24 * 3600 * 1000


@pytest.fixture
def served(story):
    """Model OLD with v1 and v2, the latter serving; its scorers began with OLD's folder."""
    story.publisher = Publisher(story.signer, OLD.hash, OLD.threshold)
    story.acceptance = Acceptance.running(OLD, story.verifier)
    story.view = RegistryView(story.acceptance)
    story.activate("base")
    story.publish(backbone_hash=OLD.hash, gate={"f1": 0.9})
    story.publish(backbone_hash=OLD.hash, gate={"f1": 0.8})
    return story


@pytest.fixture
def feed(served):
    return AdapterFeed(served.acceptance)


def refusals(steps):
    return [(step.record, step.kind) for step in steps if isinstance(step, RefusedRecord)]


def test_a_new_model_serves_without_an_adapter_and_at_its_own_threshold(served, feed):
    feed.update(served.log)

    (swap,) = feed.update(served.succeed(NEW))

    assert isinstance(swap, Swap)
    assert (swap.model.hash, swap.adapter) == (NEW.hash, None)
    assert (swap.pointer.version, swap.pointer.epoch, swap.pointer.threshold) == ("base", 4, 0.6)


def test_a_scorer_that_starts_with_the_old_folder_serves_the_new_model_at_once(served, feed):
    served.succeed(NEW)

    (swap,) = feed.update(served.log)

    assert swap.model.hash == NEW.hash


def test_a_model_alone_changes_nothing_before_a_pointer_names_it(served, feed):
    feed.update(served.log)

    new = replace(served.publisher, backbone_hash=NEW.hash)
    steps = feed.update(served.append(new.keep_model(dump_model(NEW))))

    assert steps == ()
    assert served.view.active.version == "v2"


def test_an_adapter_of_the_new_model_is_served_with_it(served, feed):
    served.succeed(NEW)
    served.publish(backbone_hash=NEW.hash)

    (swap,) = feed.update(served.log)

    assert (swap.model.hash, swap.pointer.version) == (NEW.hash, "v3")


def test_an_adapter_that_the_new_model_cannot_carry_is_refused_wherever_its_model_stands(
    served, feed, make_snapshot
):
    wide = Adapter(output=Output(skip=NEW.backbone["head.weight"].ravel()))
    served.succeed(NEW)
    model, *pointers = served.log[-3:]
    snapshot = replace(make_snapshot("v3", backbone_hash=NEW.hash), adapter=wide)
    publication = served.append(served.publisher.publish(served.view, snapshot, "heal", 1))

    late = AdapterFeed(served.acceptance).update([*pointers, *publication, model])

    assert ("snapshot", Refusal.OTHER_SHAPE) in refusals(late)
    assert ("snapshot", Refusal.OTHER_SHAPE) in refusals(feed.update(served.log))
    assert (served.view.active.version, served.view.active.epoch) == ("base", 4)


def test_adapters_of_the_old_model_cannot_be_activated(served):
    served.succeed(NEW)

    with pytest.raises(OtherBackboneError, match="publish its folder again"):
        publisher_in_service(served.view, served.signer).activate(served.view, "v1", "", 1)


def test_a_signed_pointer_to_an_adapter_of_the_old_model_is_refused(served, feed):
    old = served.publisher
    served.succeed(NEW)
    feed.update(served.log)

    steps = feed.update(served.append(old.activate(served.view, "v1", "by mistake", 1)))

    assert refusals(steps) == [("pointer", Refusal.OTHER_BACKBONE)]
    assert served.view.active.version == "base"


def test_the_old_model_serves_again_once_its_folder_is_published_again(served, feed):
    served.succeed(NEW)
    feed.update(served.log)

    (swap,) = feed.update(served.succeed(OLD))
    served.activate("v2")

    assert (swap.model, swap.pointer.backbone_hash) == (None, OLD.hash)  # the folder's
    assert served.view.active.version == "v2"


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (lambda record: replace(record, headers=()), Refusal.UNSIGNED),
        (lambda record: replace(record, value=record.value[:-9]), Refusal.BAD_SIGNATURE),
        (lambda record: None, None),
    ],
)
def test_without_a_sound_model_its_pointer_is_refused_and_what_served_goes_on(
    served, feed, damage, kind
):
    feed.update(served.log)
    model, *pointers = served.succeed(NEW)
    records = [record for record in [damage(model), *pointers] if record]

    steps = feed.update(records)

    expected = [("model", kind)] if kind else []
    assert refusals(steps) == [*expected, ("pointer", Refusal.OTHER_BACKBONE)]
    assert feed.view.active.version == "v2"


def test_a_model_that_is_truncated_is_refused_even_if_it_is_signed(served, feed):
    feed.update(served.log)
    publisher = Publisher(served.signer, NEW.hash)

    steps = feed.update(served.append(publisher.keep_model(dump_model(NEW)[:-9])))

    assert refusals(steps) == [("model", Refusal.NOT_A_MODEL)]


def test_a_model_that_reads_other_fields_is_refused_with_what_to_do(served, feed):
    other = small_model(schema=Schema((Numeric("amount"), Numeric("hour"))))

    steps = feed.update(served.succeed(other))

    assert refusals(steps)[0] == ("model", Refusal.OTHER_SCHEMA)
    assert "feature 1 is hour (numeric), expected age (numeric)" in steps[0].message
    assert "another --prefix" in steps[0].message


@pytest.mark.parametrize(
    "schema",
    [
        Schema((Numeric("age"), Numeric("amount"))),
        Schema((Numeric("amount"), Categorical("age", ("young", "old")))),
        Schema((Numeric("amount"),)),
        Schema(SCHEMA.features, Fields(id="key")),
        Schema(SCHEMA.features, Fields(time=None)),
        Schema(SCHEMA.features, Fields(time_unit="s")),
    ],
)
def test_every_difference_in_what_is_read_counts(schema):
    with pytest.raises(RecordRefused):
        require_same_schema(schema, SCHEMA)


def test_levels_and_the_name_of_the_target_may_differ():
    shops = Schema((Numeric("amount"), Categorical("shop", ("a", "b"))), Fields(target="fraud"))

    require_same_schema(shops, Schema((shops.features[0], OTHER_SHOPS)))


def test_what_is_best_or_was_before_is_asked_within_the_model_in_service(served):
    served.succeed(NEW)

    assert (served.view.best, previous_version(served.view)) == (None, "base")


def test_the_model_in_service_is_known_with_the_epoch_at_which_it_came(served):
    began = served.view.in_service_since
    served.succeed(NEW)
    served.publish(backbone_hash=NEW.hash)

    assert began == 0
    assert (served.view.backbone_hash, served.view.in_service_since) == (NEW.hash, 4)
    assert served.view.model(OLD).hash == NEW.hash


def test_models_that_no_prediction_can_name_go_and_the_one_before_stays(served):
    third = small_model(seed=3)
    for model in (OLD, NEW, third):
        served.succeed(model)
        served.now_ms += DAY_MS

    keys = superfluous_keys(served.view, Retention(served.now_ms))

    assert f"model/{OLD.hash}" in keys
    assert snapshot_key("v1") in keys
    assert not {f"model/{NEW.hash}", f"model/{third.hash}"} & {*keys}
