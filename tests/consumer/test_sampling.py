"""Which rows are drawn: the keyed hash of the id alone decides."""

import numpy as np
import pytest

from consumer.sampling import Sampler, uniform

IDS = [f"s0-{row}" for row in range(20_000)]
RANDOM_KEYS = [bytes(key) for key in np.random.default_rng(3).integers(0, 256, (20, 32), np.uint8)]


def test_the_batch_around_an_id_makes_no_difference():
    together = uniform([*IDS, "a-much-longer-id-than-the-others", "x" * 500], b"key")

    alone = np.array([uniform([id_], b"key")[0] for id_ in IDS[:200]])

    assert (together[:200] == alone).all()


def test_a_row_drawn_at_one_share_is_drawn_at_every_greater_one():
    few, many = Sampler(1 / 64, b"key").draw(IDS), Sampler(1 / 8, b"key").draw(IDS)

    assert few.any()
    assert not (few & ~many).any()


@pytest.mark.parametrize("share", [1 / 2, 1 / 16, 1 / 128])
def test_the_share_is_the_probability_of_being_drawn(share: float):
    drawn = np.mean([Sampler(share, key).draw(IDS).mean() for key in RANDOM_KEYS])

    # 400,000 draws: five standard errors, were they independent
    assert drawn == pytest.approx(share, abs=5 * np.sqrt(share / 400_000))


def test_two_ids_are_drawn_independently_of_each_other():
    keys = [bytes(key) for key in np.random.default_rng(4).integers(0, 256, (4000, 16), np.uint8)]

    pairs = np.array([Sampler(1 / 4, key).draw(["s0-1234", "s0-1235"]) for key in keys])

    assert pairs.all(axis=1).mean() == pytest.approx(1 / 16, abs=5 * np.sqrt(1 / 16 / 4000))


def test_another_key_draws_other_rows():
    one, other = Sampler(1 / 4, b"one").draw(IDS), Sampler(1 / 4, b"other").draw(IDS)

    assert (one & other).mean() == pytest.approx(1 / 16, abs=0.01)


def test_ids_longer_than_the_hash_takes_differ_by_their_ends():
    start = "x" * 200

    numbers = uniform([start + "a", start + "b"], b"key")

    assert numbers[0] != numbers[1]
