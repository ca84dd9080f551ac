"""The tables by name, and how they are measured."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bench.healing.before_labels import T7
from bench.healing.costs import C
from bench.healing.fraud_rate import T2
from bench.healing.images import T9
from bench.healing.label_free import T1
from bench.healing.labelled import T4
from bench.healing.long_stream import T5
from bench.healing.no_harm import T3
from bench.healing.other_rows import T8
from bench.healing.recurrence import T6
from bench.healing.report import HealingTable, Round, summary
from bench.healing.seeds import is_development

TABLES: Mapping[str, HealingTable] = {
    table.name: table for table in (T1, T2, T3, T4, T5, T6, T7, T8, T9, C)
}

QUICK_TABLES = ("T1", "T4", "T7", "T8")


def tables_named(text: str) -> tuple[str, ...]:
    """Table names from a list with commas, in order, each once. Raises ValueError for others."""
    names = tuple(dict.fromkeys(name.strip().upper() for name in text.split(",")))
    for name in names:
        if name not in TABLES:
            raise ValueError(f"{name!r} is no table, there are {', '.join(TABLES)}")
    return names


def measure_healing(
    names: Sequence[str],
    seeds: Sequence[int],
    *,
    is_quick: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """The report: each table's cases and targets over the seeds, at least one.

    names: of `TABLES`; say: told after each round. Raises BenchError where river is missing.
    """
    rounds: dict[str, list[Round]] = {}
    for name in names:
        rounds[name] = []
        for seed in seeds:
            rounds[name].append(TABLES[name].measure(seed, is_quick))
            say(f"healing: {name}, seed {seed}")
    return report(rounds, seeds, is_quick=is_quick)


def report(
    rounds: Mapping[str, Sequence[Round]], seeds: Sequence[int], *, is_quick: bool
) -> dict[str, Any]:
    """Rounds by table as JSON: `met` of `judged` targets; those without a figure are not judged."""
    tables = {name: summary(TABLES[name], of_table) for name, of_table in rounds.items()}
    verdicts = [target["is_met"] for table in tables.values() for target in table["targets"]]
    return {
        "seeds": list(seeds),
        "is_development": is_development(seeds),
        "is_quick": is_quick,
        "met": verdicts.count(True),
        "judged": len(verdicts) - verdicts.count(None),
        "tables": tables,
    }
