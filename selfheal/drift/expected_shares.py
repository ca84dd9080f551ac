"""What summaries should hold under a prior, by the model's reference."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from selfheal.drift.mixture import Floats
from selfheal.drift.shares import Shares, shares_under
from selfheal.model.model import Model


@dataclass(frozen=True, slots=True, eq=False)
class ExpectedShares:
    """Expected shares under one prior.

    features:   of the 20 bins of each of the k numeric features
    score:      of the 20 bins of the backbone's own logit
    categories: of the levels of each categorical feature, the last of all unknown ones
    missing:    of (there, missing), for each of the f features
    wander:     (k,) K-S distance by which clean blocks of any size stray, where those of one size
                alone do not: a look at all traffic may be one minute of the day, however many rows
                it has
    """

    features: tuple[Shares, ...]
    score: Shares
    categories: tuple[Shares, ...]
    missing: tuple[Shares, ...]
    wander: tuple[float, ...]


@lru_cache(maxsize=16)
def expected_shares(model: Model, prior: float) -> ExpectedShares:
    """The shares under a prior in [0, 1]. Kept: each look asks for the same again."""
    schema, reference = model.schema, model.reference
    rows = reference.rows.astype(np.float64)
    present = rows[:, None] * (1.0 - reference.missing)  # (2, f)
    numeric, columns = schema.numeric, range(len(schema.features))
    return ExpectedShares(
        features=tuple(
            shares_under(prior, reference.bin_shares[:, i], present[:, column])
            for i, column in enumerate(numeric.tolist())
        ),
        score=shares_under(
            prior, reference.logit_bin_shares, reference.logit_rows.astype(np.float64)
        ),
        categories=tuple(
            shares_under(prior, shares, present[:, column])
            for shares, (column, _) in zip(reference.categories, schema.categories, strict=True)
        ),
        missing=tuple(
            shares_under(prior, _there_or_not(reference.missing[:, column]), rows)
            for column in columns
        ),
        wander=tuple(_strays(reference.wander).tolist()),
    )


def _strays(wander: Floats) -> Floats:
    """(k,) of (blocks, k): the furthest, or 0 where only one size of block strayed, by chance."""
    return np.where((wander > 0.0).sum(axis=0) > 1, wander.max(axis=0), 0.0)


def _there_or_not(missing: Floats) -> Floats:
    """(2, 2): of each class, the share of values that are there, and of those that are not."""
    return np.stack([1.0 - missing, missing], axis=1)
