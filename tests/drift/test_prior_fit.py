"""The prior that explains binned scores."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from selfheal.drift.prior_fit import prior_of_bins

CLASSES = np.array([[0.4, 0.3, 0.2, 0.1], [0.05, 0.1, 0.25, 0.6]])
MANY = np.array([1e9, 1e9])


def counts_at(prior, rows, rng, classes=CLASSES):
    return rng.multinomial(rows, (1 - prior) * classes[0] + prior * classes[1])


@pytest.mark.parametrize("prior", [0.0, 0.02, 0.3, 1.0])
def test_it_is_the_maximum_of_the_likelihood(rng, prior):
    counts = counts_at(prior, 3_000, rng)

    found = prior_of_bins(counts, CLASSES, MANY, start=0.15)

    def loss(p):
        return -(counts * np.log((1 - p) * CLASSES[0] + p * CLASSES[1])).sum()

    best = minimize_scalar(loss, bounds=(0, 1), method="bounded", options={"xatol": 1e-9})
    assert found.prior == pytest.approx(best.x, abs=1e-5)


@pytest.mark.parametrize(("rows", "reference_rows"), [(500, 1e9), (20_000, 400.0)])
def test_its_standard_error_counts_both_samples(rng, rows, reference_rows):
    z = []
    for _ in range(400):
        classes = CLASSES
        if reference_rows < 1e9:
            drawn = [rng.multinomial(int(reference_rows), row) for row in CLASSES]
            classes = np.array(drawn) / reference_rows
        counts = counts_at(0.2, rows, rng)
        fit = prior_of_bins(counts, classes, np.full(2, reference_rows), start=0.15)
        z.append(fit.z_from(0.2))

    assert np.std(z) == pytest.approx(1.0, abs=0.2)
    assert abs(np.mean(z)) < 0.3


@pytest.mark.parametrize(
    ("counts", "classes"),
    [
        (np.zeros(4, dtype=np.int64), CLASSES),
        (np.full(4, 10), np.stack([CLASSES[0]] * 2)),
        (np.full(4, 10), np.full((2, 4), np.nan)),
    ],
    ids=["no rows", "classes alike", "classes unknown"],
)
def test_where_nothing_tells_the_prior_stays_and_is_uncertain(counts, classes):
    found = prior_of_bins(counts, classes, MANY, start=0.15)

    assert (found.prior, found.z_from(0.4)) == (0.15, 0.0)
