"""Levels of a column as the plan writes them: a value, "1-2" or ">=10"."""

import operator
import re

import pandas as pd

COMPARISONS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
_COMPARISON = re.compile(r"(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)")
_RANGE = re.compile(r"(-?\d+(?:\.\d+)?)-(-?\d+(?:\.\d+)?)")


def matches(values: pd.Series, level: str) -> pd.Series:
    """Which of `values` fall under `level`, bool.

    Strings match literally. Numbers match a number, a range "1-2" with both ends inside, or a
    comparison ">=10"; a missing number matches nothing. Raises ValueError if `values` are numbers
    and `level` is none of these.
    """
    if not pd.api.types.is_numeric_dtype(values):
        return values == level
    values = values.astype(float)
    if hit := _COMPARISON.fullmatch(level):
        return COMPARISONS[hit[1]](values, float(hit[2]))
    if hit := _RANGE.fullmatch(level):
        return values.between(float(hit[1]), float(hit[2]))
    try:
        return values == float(level)
    except ValueError:
        raise ValueError(
            f"level {level!r} of a number: expected a number, a range such as 1-2 or a comparison "
            "such as >=10"
        ) from None
