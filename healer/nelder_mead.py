"""The least of a function of two numbers, without its slopes.

The steps of Nelder and Mead 1965 with the usual factors, as scipy takes them, to the last bit. A
heal searches hundreds of times, and there scipy's bookkeeping was a third of the time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Function: TypeAlias = Callable[[float, float], float]


@dataclass(frozen=True, slots=True)
class Corner:
    """A point of the search. value: of the function at (x, y)"""

    value: float
    x: float
    y: float


class _SpentError(Exception):
    """No call is left."""


def least(
    function: Function,
    corners: Sequence[tuple[float, float]],
    *,
    most_calls: int,
    near: float,
    flat: float,
) -> Corner:
    """The best corner once all lie so near together and are so level, or no call is left.

    corners: three that do not lie on one line; most_calls: of the function, 3 or more
    near, flat: largest difference of a coordinate, and of a value, from the best corner's
    """
    calls = 0

    def at(x: float, y: float) -> Corner:
        nonlocal calls
        if calls == most_calls:
            raise _SpentError
        calls += 1
        return Corner(function(x, y), x, y)

    found = [at(x, y) for x, y in corners]
    try:
        while True:
            found.sort(key=_value)
            if _is_small(found, near, flat):
                return found[0]
            _move(found, at)
    except _SpentError:
        return min(found, key=_value)


def _move(found: list[Corner], at: Callable[[float, float], Corner]) -> None:
    """The worst corner to the other side of the two others, or all of them nearer to the best."""
    best, middle, worst = found
    x, y = (best.x + middle.x) / 2.0, (best.y + middle.y) / 2.0

    def beyond(far: float) -> Corner:
        return at((1.0 + far) * x - far * worst.x, (1.0 + far) * y - far * worst.y)

    across = beyond(1.0)
    if across.value < best.value:
        found[2] = min(across, beyond(2.0), key=_value)
        return
    if across.value < middle.value:
        found[2] = across
        return
    if across.value < worst.value:
        nearer = beyond(0.5)
        is_better = nearer.value <= across.value
    else:
        nearer = beyond(-0.5)
        is_better = nearer.value < worst.value
    if is_better:
        found[2] = nearer
        return
    for place, corner in ((1, middle), (2, worst)):
        half_x, half_y = 0.5 * (corner.x - best.x), 0.5 * (corner.y - best.y)
        found[place] = at(best.x + half_x, best.y + half_y)


def _is_small(found: Sequence[Corner], near: float, flat: float) -> bool:
    best, *others = found
    size = max(max(abs(o.x - best.x), abs(o.y - best.y)) for o in others)
    return size <= near and max(abs(best.value - o.value) for o in others) <= flat


def _value(corner: Corner) -> float:
    return corner.value
