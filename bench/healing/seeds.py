"""Which seeds a bench runs on: those that judge, or those that things are tuned on, never both."""

from collections.abc import Iterable

JUDGING = tuple(range(10))
DEVELOPMENT = range(900, 1_000)
"""What is tuned is tuned on these, so that the seeds that judge were never seen."""


def parse_seeds(text: str) -> tuple[int, ...]:
    """Seeds from numbers and ranges, in order, each once.

    Raises ValueError for anything else, for none, and where development seeds are mixed with
    others: a mean over both would say nothing about either.

    >>> parse_seeds("0-2,7")
    (0, 1, 2, 7)
    """
    found = tuple(dict.fromkeys(seed for part in text.split(",") for seed in _range(part.strip())))
    if is_development(found) and any(seed not in DEVELOPMENT for seed in found):
        raise ValueError(f"{text!r} mixes development seeds (900 to 999) with seeds that judge")
    return found


def is_development(seeds: Iterable[int]) -> bool:
    """Whether any of them is a development seed."""
    return any(seed in DEVELOPMENT for seed in seeds)


def _range(part: str) -> range:
    first, dash, last = part.partition("-")
    if not first.isdecimal() or (dash and not last.isdecimal()):
        raise ValueError(f"{part!r} is no seed and no range of seeds, expected 0-9 or 0,3,5")
    found = range(int(first), int(last if dash else first) + 1)
    if not found:
        raise ValueError(f"{part!r} is an empty range, expected the smaller seed first")
    return found
