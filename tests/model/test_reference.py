import numpy as np
import pytest

from selfheal.model.errors import ReferenceInvalid
from selfheal.model.reference import Reference
from selfheal.model.schema import Categorical, Numeric, Schema

SCHEMA = Schema((Numeric("a"), Categorical("c", ("x", "y")), Numeric("b")))


@pytest.fixture
def rows(rng):
    """Values with missing ones, labels, logits of the second half."""
    n = 1_000
    labels = (rng.random(n) < 0.2).astype(int)
    values = np.column_stack([rng.normal(labels), rng.integers(0, 3, n), rng.lognormal(size=n)])
    values[rng.random(n) < 0.1, 2] = np.nan
    logits = np.where(np.arange(n) < 500, np.nan, rng.normal(labels * 2))
    return values, labels, logits


@pytest.fixture
def reference(rows):
    return Reference.measure(SCHEMA, *rows, layers={"backbone": np.arange(1_000.0)})


def test_the_prior_is_the_share_of_fraud(reference, rows):
    assert reference.prior == pytest.approx(rows[1].mean())


def test_moments_and_quantiles_are_of_each_class_without_missing_values(reference, rows):
    values, labels, _ = rows
    fraud_b = values[labels == 1, 2]
    present = fraud_b[~np.isnan(fraud_b)]

    assert reference.class_mean[1, 1] == pytest.approx(present.mean())
    assert reference.class_sd[1, 1] == pytest.approx(present.std())
    np.testing.assert_allclose(
        reference.quantiles[1, 1], np.quantile(present, np.linspace(0, 1, 257))
    )


def test_rows_without_a_logit_are_left_out_of_its_statistics_alone(reference, rows):
    _, labels, logits = rows

    assert reference.rows.tolist() == [(labels == 0).sum(), (labels == 1).sum()]
    assert reference.logit_rows.sum() == 500
    held_out = logits[500:][labels[500:] == 0]
    assert reference.logit_quantiles[0, 128] == pytest.approx(np.median(held_out))


def test_class_shares_of_the_bins_mix_to_equal_masses(reference):
    weights = reference.rows / reference.rows.sum()

    mixed = np.tensordot(weights, reference.bin_shares[:, 0], axes=1)

    np.testing.assert_allclose(mixed, 0.05, atol=1e-3)


def test_categories_and_missing_values_are_counted_by_class(reference, rows):
    values, labels, _ = rows

    unknown = (values[labels == 0, 1] == 2).mean()
    assert reference.categories[0][0, 2] == pytest.approx(unknown)
    assert reference.missing[1, 2] == pytest.approx(np.isnan(values[labels == 1, 2]).mean())


def test_a_layer_has_the_moments_of_its_level(reference):
    levels = np.arange(1_000.0)

    np.testing.assert_allclose(reference.layers["backbone"], [levels.mean(), levels.std()])


def test_arrays_round_trip(reference):
    arrays = reference.to_arrays()

    again = Reference.from_arrays(SCHEMA, arrays).to_arrays()

    assert again.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(again[name], array, strict=True)


def test_one_class_alone_is_no_reference(rows):
    values, labels, logits = rows

    with pytest.raises(ReferenceInvalid, match="a class has no rows"):
        Reference.measure(SCHEMA, values, np.zeros_like(labels), logits)


def test_a_feature_that_a_class_never_has_is_nan_there(rows):
    values, labels, logits = rows
    values[labels == 1, 0] = np.nan

    reference = Reference.measure(SCHEMA, values, labels, logits)

    assert np.isnan(reference.quantiles[1, 0]).all()
    assert np.isfinite(reference.quantiles[0, 0]).all()
    assert Reference.from_arrays(SCHEMA, reference.to_arrays()).missing[1, 0] == 1.0


@pytest.mark.parametrize(
    "change",
    [
        {"mean": np.zeros(3)},
        {"mean": np.zeros(2, np.float32)},
        {"sd": np.array([1.0, np.inf])},
        {"rows": np.array([0, 5])},
        {"categories.1": np.zeros((2, 3))},
        {"layers.backbone": np.zeros(3)},
    ],
)
def test_arrays_that_make_no_reference_are_refused(reference, change):
    with pytest.raises(ReferenceInvalid):
        Reference.from_arrays(SCHEMA, reference.to_arrays() | change)


def test_a_missing_array_is_named(reference):
    arrays = reference.to_arrays()
    del arrays["logit_edges"]

    with pytest.raises(ReferenceInvalid, match="logit_edges"):
        Reference.from_arrays(SCHEMA, arrays)
