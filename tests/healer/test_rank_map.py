"""Known affine maps are found again whatever the shape of the distribution."""

import numpy as np
import pytest

from healer.rank_map import fit_rank_map
from selfheal.drift.mixture import Classes, Mixture

PRIOR = 0.15
ROWS = 4_000

SHAPES = {
    "normal": lambda rng, n, move: rng.normal(-2.5 * move, 1.0, n),
    "skewed": lambda rng, n, move: rng.lognormal(3.0 + move, 1.0, n),
    "heavy tails": lambda rng, n, move: 2.0 * move + rng.standard_t(2, n),
    "two humps": lambda rng, n, move: 10.0 * move + rng.gamma(1.5, 2.0, n),
}


def rows_of(shape: str, rng: np.random.Generator, count: int = ROWS) -> np.ndarray:
    """Rows of both classes, fraud the second one."""
    is_fraud = rng.random(count) < PRIOR
    draw = SHAPES[shape]
    return np.where(is_fraud, draw(rng, count, 1.0), draw(rng, count, 0.0))


def mixture_of(shape: str) -> Mixture:
    """What those rows should look like, from 50,000 rows of each class."""
    rng = np.random.default_rng(900)
    steps = np.linspace(0.0, 1.0, 257)
    classes = [np.quantile(SHAPES[shape](rng, 50_000, move), steps) for move in (0.0, 1.0)]
    return Classes(np.stack(classes), (50_000, 50_000)).mixture(PRIOR)


@pytest.mark.parametrize(("scale", "shift"), [(1.5, 2.0), (0.6, -3.0), (1.0, 4.0), (1.0, 0.0)])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_known_affine_map_is_undone(rng, shape, scale, shift):
    clean = rows_of(shape, rng)
    low, high = np.quantile(clean, [0.25, 0.75])

    found = fit_rank_map(scale * clean + shift, mixture_of(shape))

    total_scale, total_shift = found.scale * scale, found.scale * shift + found.shift
    assert total_scale == pytest.approx(1.0, abs=0.06)
    assert total_shift == pytest.approx(0.0, abs=0.06 * (high - low))
    assert found.distance < 0.01


@pytest.mark.parametrize("factor", [0.01, 1.5, 100.0])
@pytest.mark.parametrize("shape", ["skewed", "two humps"])
def test_a_change_of_unit_is_found_to_be_one(rng, shape, factor):
    found = fit_rank_map(factor * rows_of(shape, rng), mixture_of(shape))

    assert found.shift == 0.0
    assert found.scale * factor == pytest.approx(1.0, rel=0.06)


def test_a_shift_is_not_mistaken_for_a_change_of_unit(rng):
    found = fit_rank_map(rows_of("two humps", rng) + 20.0, mixture_of("two humps"))

    assert found.shift == pytest.approx(-20.0, abs=1.0)


def test_a_hundredth_of_wild_values_does_not_move_the_map(rng):
    values = rows_of("normal", rng)
    wild = values.copy()
    wild[::100] = 1e9

    calm, bold = (fit_rank_map(v, mixture_of("normal")) for v in (values, wild))

    assert bold.scale == pytest.approx(calm.scale, abs=0.05)
    assert bold.shift == pytest.approx(calm.shift, abs=0.05)


def test_the_map_never_turns_the_order_around(rng):
    mirrored = -rows_of("skewed", rng)

    assert fit_rank_map(mirrored, mixture_of("skewed")).scale > 0.0


@pytest.mark.parametrize("values", [[3.0], [3.0] * 50, [0.0] * 50])
def test_values_without_any_spread_give_a_finite_map(values):
    found = fit_rank_map(np.array(values), mixture_of("normal"))

    assert np.isfinite([found.scale, found.shift]).all()
    assert 0.0 <= found.distance <= 0.5


def test_the_input_is_left_alone_and_the_same_input_gives_the_same_map(rng):
    values = rows_of("heavy tails", rng) * 2.0
    before = values.copy()

    first, second = (fit_rank_map(values, mixture_of("heavy tails")) for _ in range(2))

    assert first == second
    np.testing.assert_array_equal(values, before)
