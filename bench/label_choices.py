"""Other ways to choose whose label to ask for, beside the healer's own."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np

from healer.evidence import Floats, Integers, Rows

Choice: TypeAlias = Callable[[Rows, int, np.random.Generator], Integers]
"""Positions of so many of the rows."""


def at_random(rows: Rows, count: int, rng: np.random.Generator) -> Integers:
    """Each row as likely as any other."""
    return rng.permutation(len(rows))[:count]


def near_threshold(rows: Rows, count: int, rng: np.random.Generator) -> Integers:
    """Where the serving model is least sure."""
    del rng
    return np.argsort(np.abs(rows.score - 0.5), kind="stable")[:count]


def by_score(rows: Rows, count: int, rng: np.random.Generator) -> Integers:
    """Evenly over the score, each row as likely as any other."""
    order = np.argsort(rows.score, kind="stable")
    places = (np.arange(count) + rng.random()) * len(rows) / count
    return order[places.astype(np.int64)]


def score_bands(rows: Rows, count: int, rng: np.random.Generator) -> Integers:
    """As many from each tenth of the range of the score: rare scores far more often."""
    band = np.minimum((rows.score * 10).astype(np.int64), 9)
    size = np.bincount(band, minlength=10)[band]
    return np.argsort(rng.exponential(size), kind="stable")[:count]


def far_apart(rows: Rows, count: int, rng: np.random.Generator) -> Integers:
    """The row farthest from all that are chosen, again and again (k-center, Gonzalez 1985)."""
    spread = np.nanstd(rows.values, axis=0) + 1e-9
    scaled: Floats = np.nan_to_num((rows.values - np.nanmean(rows.values, axis=0)) / spread)
    chosen = [int(rng.integers(len(rows)))]
    distance = np.full(len(rows), np.inf)
    while len(chosen) < count:
        distance = np.minimum(distance, ((scaled - scaled[chosen[-1]]) ** 2).sum(axis=1))
        chosen.append(int(distance.argmax()))
    return np.array(chosen)


RIVALS: Mapping[str, Choice] = {
    "at random": at_random,
    "evenly over the score": by_score,
    "score bands": score_bands,
    "near the threshold": near_threshold,
    "far apart": far_apart,
}
