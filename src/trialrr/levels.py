"""Levels of a column as the plan writes them: a value, "1-2" or ">=10"."""

import math
import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

COMPARISONS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
_COMPARISON = re.compile(r"(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)")
_RANGE = re.compile(r"(-?\d+(?:\.\d+)?)-(-?\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Interval:
    """Numbers from `low` to `high`, an end inside unless it is open."""

    low: float
    high: float
    open_low: bool = False
    open_high: bool = False

    def holds(self, value: float) -> bool:
        """Whether a number is inside."""
        above = value > self.low if self.open_low else value >= self.low
        below = value < self.high if self.open_high else value <= self.high
        return above and below

    def meets(self, low: float | None, high: float | None, whole: bool = False) -> bool:
        """Whether a number from `low` to `high` (None: without end), of `whole` ones an integer, is
        inside."""
        low = -math.inf if low is None else low
        high = math.inf if high is None else high
        least, most = max(self.low, low), min(self.high, high)
        if whole and math.isfinite(least):
            least = math.ceil(least)
            least += not self.holds(least)
        if whole and math.isfinite(most):
            most = math.floor(most)
            most -= not self.holds(most)
        if least == most:
            return self.holds(least)
        return least < most


def matches(values: "pd.Series", level: str) -> "pd.Series":
    """Which of `values` fall under `level`, bool.

    Strings match literally. Numbers match a number, a range "1-2" with both ends inside, or a
    comparison ">=10"; a missing number matches nothing. Raises ValueError if `values` are numbers
    and `level` is none of these.
    """
    from pandas.api.types import is_numeric_dtype

    if not is_numeric_dtype(values):
        return values == level
    values = values.astype(float)
    wanted = interval(level)
    above = operator.gt if wanted.open_low else operator.ge
    below = operator.lt if wanted.open_high else operator.le
    return above(values, wanted.low) & below(values, wanted.high)


def interval(level: str) -> Interval:
    """The numbers that fall under `level`. Raises ValueError if it is no level of a number."""
    if hit := _COMPARISON.fullmatch(level):
        rule, bound = hit[1], float(hit[2])
        if rule.startswith(">"):
            return Interval(bound, math.inf, open_low=rule == ">")
        return Interval(-math.inf, bound, open_high=rule == "<")
    if hit := _RANGE.fullmatch(level):
        return Interval(float(hit[1]), float(hit[2]))
    try:
        value = float(level)
    except ValueError:
        value = math.nan
    if math.isfinite(value):
        return Interval(value, value)
    raise ValueError(
        f"level {level!r} of a number: expected a number, a range such as 1-2 or a comparison "
        "such as >=10"
    )
