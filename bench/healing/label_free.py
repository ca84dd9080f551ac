"""T1: a drift that an alignment undoes, and no label."""

from bench.healing.gaussian import Window, judged, random_affine
from bench.healing.report import HealingTable, Round, Target
from producer.operators import everyone
from producer.regimes import G2, Regime

_DRIFTS = ("everyone 2.2", "everyone 3.5", "affine, all features")
_ROWS = (500, 100)


def measure(seed: int, is_quick: bool) -> Round:
    """Each drift, after so many unlabelled rows of it."""
    cases = {
        f"{name}, {rows} rows": judged(window.served(), window)
        for rows in _ROWS[: 1 if is_quick else None]
        for name, drifted in _drifted(seed).items()
        for window in [Window("G2", drifted, rows, seed)]
    }
    measures = {
        f"{figure}, {case}": found["healed"][figure] or 0.0
        for case, found in cases.items()
        for figure in ("accuracy", "f1")
    }
    return Round(cases, measures)


def _drifted(seed: int) -> dict[str, Regime]:
    moved = (everyone(G2, 2.2), everyone(G2, 3.5), random_affine(G2, seed))
    return dict(zip(_DRIFTS, moved, strict=True))


T1 = HealingTable(
    "T1",
    "Without labels: G2 after a shift or a random affine map, judged on 20,000 fresh rows",
    measure,
    (
        *(Target(f"accuracy, {name}, 500 rows", "at least", 0.943) for name in _DRIFTS),
        *(Target(f"f1, {name}, 500 rows", "at least", 0.81) for name in _DRIFTS),
        *(Target(f"accuracy, {name}, 100 rows", "at least", 0.937) for name in _DRIFTS),
    ),
)
