"""Do categories and missing values come as often as the serving version's regime has them?

The share of every level, the unknown ones together, and of what is missing of every feature, over
the suffixes of `regime_check.py`, against the class mixture of the regime's prior: a change of the
share of frauds alone is no drift. The threshold follows from the same false-alarm rate a test and
from the same smallest effect; what varies within a day is allowed for.
"""

from dataclasses import replace

import numpy as np

from healer.regime_check import SMALLEST_EFFECT, RegimeCheck, tested_lengths
from selfheal.drift.binned_shares import Cells, Integers
from selfheal.drift.ks import critical_distance
from selfheal.model.repeated_rows import Repetition

_QUIET = RegimeCheck(0.0, 0.0, 1.0, (), 0)


def share_check(
    codes: Integers,
    cells: Cells,
    present: Integers,
    alarm_rate: float,
    repeated: Repetition | None = None,
) -> RegimeCheck:
    """Test the newest rows against what each share should be.

    codes:      (n, categorical features), in event order, in the cells of the regime
    present:    (suffixes, k) rows in which each numeric feature has a value; of no suffix where
                there is no numeric feature
    alarm_rate: chance that one test of one feature alarms on a clean stream, in (0, 1): of its
                levels, and of its missing values
    repeated:   which of the rows repeat others, and tell nothing new; None for none
    Names no numeric feature as moved. Quiet where there are fewer rows than the shortest suffix.
    """
    lengths = tested_lengths(len(codes))
    if not lengths or _is_complete(cells, present, lengths):
        return _QUIET
    if not present.size:
        present = np.zeros((len(lengths), 0), dtype=np.int64)
    found = cells.counted(codes, present, lengths)
    if repeated is not None:
        found = replace(found, rows=found.rows * repeated.new_shares(lengths)[:, None])
    changes = cells.changes(found)
    # A share above the smallest effect by chance is none: half of it has to be certain.
    errors = cells.errors(found, SMALLEST_EFFECT / 2.0) / critical_distance(alarm_rate)
    excess = np.minimum(errors, changes / SMALLEST_EFFECT)
    suffix, worst = np.unravel_index(excess.argmax(), excess.shape)
    highest = float(excess[suffix, worst])
    above = np.flatnonzero(excess[suffix] > 1.0)
    above = above[np.argsort(-excess[suffix, above])]
    return RegimeCheck(
        excess=highest,
        distance=float(changes[suffix, worst]),
        threshold=float(changes[suffix, worst]) / highest if highest > 0.0 else 1.0,
        features=(),
        rows=lengths[suffix],
        shares=tuple(dict.fromkeys(cells.features[above].tolist())),
    )


def joined(of_values: RegimeCheck, of_shares: RegimeCheck) -> RegimeCheck:
    """Both checks as one: that of the values speaks where it alarms, since it can be answered."""
    speaks = of_values
    if not of_values.is_alarm and of_shares.excess > of_values.excess:
        speaks = of_shares
    return replace(
        speaks,
        excess=max(of_values.excess, of_shares.excess),
        shares=of_shares.shares,
        excess_of_values=of_values.excess,
    )


def _is_complete(cells: Cells, present: Integers, lengths: list[int]) -> bool:
    """No categories, nothing missing, and nothing expected to be: nothing to test."""
    if len(cells.features) > len(cells.schema.features) or cells.shares.any():
        return False
    return bool((present == np.array(lengths)[:, None]).all())
