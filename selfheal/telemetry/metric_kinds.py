"""The kinds of Prometheus metrics, as facts: what one is called, and what it means."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Counter:
    """Only grows. values: known values of its one label, which start at zero."""

    name: str
    meaning: str
    labels: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gauge:
    """Goes up and down."""

    name: str
    meaning: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of observations up to each bound, ascending; the last bucket has no bound."""

    name: str
    meaning: str
    bounds: tuple[float, ...]
    labels: tuple[str, ...] = ()


Metric: TypeAlias = Counter | Gauge | Histogram
