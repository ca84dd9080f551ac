"""T2: the share of fraud changes, with and without a shift of the features; no label."""

from bench.healing.gaussian import Window, judged
from bench.healing.report import HealingTable, Round, Target
from producer.operators import everyone, prior
from producer.regimes import G2, Regime

_BOUNDS = {0.05: 0.967, 0.40: 0.919}
_ROWS = (500, 2_000)


def measure(seed: int, is_quick: bool) -> Round:
    """Each share of fraud after 500 unlabelled rows; after 2,000 rows for comparison."""
    cases = {
        f"{name}, {rows} rows": judged(window.served(), window)
        for rows in _ROWS[: 1 if is_quick else None]
        for name, drifted in _drifted().items()
        for window in [Window("G2", drifted, rows, seed)]
    }
    measures: dict[str, float] = {}
    for case, found in cases.items():
        accuracy = {who: figures["accuracy"] or 0.0 for who, figures in found.items()}
        measures[f"accuracy, {case}"] = accuracy["healed"]
        measures[f"accuracy above frozen, {case}"] = accuracy["healed"] - accuracy["frozen"]
    return Round(cases, measures)


def _drifted() -> dict[str, Regime]:
    found: dict[str, Regime] = {}
    for p in _BOUNDS:
        found[_name(p, is_moved=False)] = prior(G2, p)
        found[_name(p, is_moved=True)] = prior(everyone(G2, 2.2), p)
    return found


def _name(p: float, *, is_moved: bool) -> str:
    return f"prior {p:.0%}" + (" and everyone 2.2" if is_moved else "")


_CASES = {_name(p, is_moved=m): bound for p, bound in _BOUNDS.items() for m in (False, True)}

T2 = HealingTable(
    "T2",
    "Without labels: the share of fraud of G2 goes from 15 to 5 or 40 %",
    measure,
    (
        *(Target(f"accuracy, {c}, 500 rows", "at least", bound) for c, bound in _CASES.items()),
        *(Target(f"accuracy above frozen, {case}, 500 rows", "at least", 0.0) for case in _CASES),
    ),
)
