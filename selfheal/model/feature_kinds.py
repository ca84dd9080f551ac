"""The two kinds of feature, and the float64 code of each value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from selfheal.model.errors import FeatureError, SchemaError

MAX_LEVELS = 100_000


@dataclass(frozen=True, slots=True)
class Numeric:
    """A feature that is a number, or missing."""

    name: str

    def code(self, value: object) -> float:
        """The value as a float; NaN where it is missing (None). True and False are 1 and 0.

        Raises FeatureError for text and for a number that float64 cannot hold.
        """
        if value is None:
            return np.nan
        if not isinstance(value, (int, float)):
            raise FeatureError(self.name, f"is {type(value).__name__}", "a number or null")
        try:
            number = float(value)
        except OverflowError:
            number = np.inf
        if not np.isfinite(number):
            raise FeatureError(self.name, "not finite", "a finite number or null")
        return number

    def value(self, code: float) -> float | None:
        """The inverse of `code`."""
        return None if np.isnan(code) else float(code)


@dataclass(frozen=True, slots=True)
class Categorical:
    """A feature that is one of some levels, another text, or missing.

    levels: the known ones, in the order of their codes; distinct, none empty
    """

    name: str
    levels: tuple[str, ...]
    _codes: Mapping[str, float] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 0 < len(self.levels) <= MAX_LEVELS:
            raise SchemaError(
                f"feature {self.name}: has {len(self.levels)} levels, expected 1 to {MAX_LEVELS}"
            )
        codes = {level: float(code) for code, level in enumerate(self.levels)}
        if len(codes) < len(self.levels) or "" in codes:
            raise SchemaError(f"feature {self.name}: levels must be distinct and not empty")
        object.__setattr__(self, "_codes", codes)

    def code(self, value: object) -> float:
        """The level's index; len(levels) for an unknown level; NaN where it is missing (None).

        A whole number is read as its decimal text: category codes are often written as numbers.
        Raises FeatureError for any other type.
        """
        if value is None:
            return np.nan
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value) if abs(value) < 10**18 else ""
        if not isinstance(value, str):
            raise FeatureError(self.name, f"is {type(value).__name__}", "text or null")
        return self._codes.get(value, float(len(self.levels)))

    def value(self, code: float) -> str | None:
        """The inverse of `code`; "" for an unknown level."""
        if np.isnan(code):
            return None
        return self.levels[int(code)] if code < len(self.levels) else ""


Feature: TypeAlias = Numeric | Categorical
