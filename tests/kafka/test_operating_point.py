"""With costs, the healer moves the threshold and the scorers decide by it."""

from selfheal.records.operating_point_events import ThresholdMoved
from tests.deployment import ready
from tests.traffic import clean


def test_after_a_move_every_decision_follows_the_threshold_of_the_pointer_that_it_names(
    deployment, eventually
):
    costs = deployment.folder / "costs.toml"
    costs.write_text("missed_fraud = 5000\nfalse_alarm = 200\n")
    ready(deployment.start_healer(costs=costs), deployment.start_scorer())
    before, after = clean(1_500, seed=1), clean(500, seed=2)

    deployment.send(before.transactions(deployment.topics))
    eventually(lambda: deployment.told(ThresholdMoved), "a move")
    (moved, *_) = deployment.told(ThresholdMoved)
    deployment.send(after.transactions(deployment.topics))
    eventually(lambda: len(deployment.predictions()) == 2_000, "all predictions")

    view = deployment.registry()
    pointers = {each.epoch: each for each in view.pointers}
    predictions = deployment.predictions()
    late = [each for each in predictions if each.id in set(after.ids)]
    model_threshold = deployment.model.threshold
    assert view.versions == ()
    assert {each.version for each in view.pointers} == {"base"}
    assert [served.pointer.reason for served in view.history][:2] == ["first start", "threshold"]
    assert pointers[moved.event.epoch].threshold == moved.event.decision_threshold < 0.2
    assert min(each.epoch for each in late) >= moved.event.epoch
    for each in predictions:
        threshold = pointers[each.epoch].threshold if each.epoch else model_threshold
        assert each.decision == int(each.score >= threshold)
