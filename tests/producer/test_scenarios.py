import numpy as np
import pytest

from producer.errors import ScenarioError
from producer.regimes import V14
from producer.scenarios import scenario, scenario_names
from producer.stream import Stream


def run(name: str, **settings: float) -> Stream:
    chosen = scenario(name, **settings)
    return Stream(chosen, 1, chosen.transactions)


@pytest.mark.parametrize(
    ("name", "onsets"),
    [
        ("article", (1_000,)),
        ("abrupt", (20_000,)),
        ("gradual", (20_000,)),
        ("recurring", (15_000, 30_000, 45_000)),
        ("prior", (20_000,)),
        ("concept", (20_000,)),
        ("null", ()),
        ("long", (500, 6_000, 12_000, 16_000)),
        ("cards-prior", (20_000, 40_000)),
        ("cards-rotation", (20_000,)),
    ],
)
def test_onsets_are_where_the_table_says(name, onsets):
    assert run(name).onsets == onsets


def test_onsets_move_with_the_length_of_the_stream():
    assert Stream(scenario("abrupt"), 1, 6_000).onsets == (2_000,)


def test_the_default_stream_has_sixty_thousand_rows_and_late_labels_for_a_tenth():
    abrupt = scenario("abrupt")

    assert (abrupt.transactions, abrupt.rate_per_s) == (60_000, 1_500.0)
    assert (abrupt.labels.coverage, abrupt.labels.delay.longest) == (0.1, 2_000)


def test_the_article_has_25_drifted_batches_and_every_label_at_once():
    article = run("article")

    assert article.transactions - article.onsets[0] == 25 * 100
    assert article.scenario.labels.coverage == 1.0
    assert article.scenario.labels.delay.longest == 0
    assert article.scenario.sample_share == 1.0


def test_drift_strength_scales_the_shift():
    rows = run("article", drift_strength=3.5).fresh(1, 20_000)

    assert rows.values[rows.labels == 0, V14].mean() == pytest.approx(-3.5, abs=0.03)


def test_prior_scenario_ends_at_forty_percent():
    assert run("prior").fresh(1, 20_000).labels.mean() == pytest.approx(0.40, abs=0.015)


@pytest.mark.parametrize("name", ["null", "concept", "cards-unit"])
def test_a_strength_is_refused_where_it_means_nothing(name):
    with pytest.raises(ScenarioError, match=f"scenario {name} has no drift_strength"):
        scenario(name, drift_strength=2.2)


def test_an_unknown_scenario_is_refused_with_the_list_of_those_that_are():
    with pytest.raises(ScenarioError, match="no scenario abrubt; there are article, abrupt"):
        scenario("abrubt")


def test_a_structure_is_refused_where_there_is_one_only():
    with pytest.raises(ScenarioError, match="scenario null has no structure"):
        scenario("null", structure=2)


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_begins_clean_and_gives_rows_that_fit_its_schema(name):
    stream = run(name)

    rows = stream.training()
    schema = stream.scenario.schema
    assert stream.scenario.segments[0].is_onset is False
    assert rows.values.shape == (stream.scenario.training_rows, len(schema.names))
    assert set(np.unique(rows.labels)) == {0, 1}
    codes = rows.values[:, schema.categorical]
    assert np.all(np.isnan(codes) | (codes == np.floor(codes)))
