"""A typed column as numbers, or as the text that stands in the file.

What a column is does not depend on what it is used for: one of whole numbers is a number to a
model that adjusts for it and a group to an analysis that leaves one group out at a time. The
group's name is the text of the number as it is written in the file.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype


def numbers(column: pd.Series) -> NDArray[np.float64]:
    """(n,) the numbers of a column of numbers, NaN where missing. Raises ValueError for a column of
    another type that holds something."""
    if is_numeric_dtype(column):
        values: NDArray[np.float64] = column.to_numpy(float, na_value=np.nan)
        return values
    if column.isna().all():
        return np.full(len(column), np.nan)
    some = ", ".join(map(repr, levels_of(column)[:3]))
    raise ValueError(f"the column {column.name!r} holds {some}; expected numbers")


def written(column: pd.Series) -> pd.Series:
    """The text of each cell of a typed column as it stands in the file, str, missing where the
    column is."""
    if is_datetime64_any_dtype(column):
        return column.dt.strftime("%Y-%m-%d").astype("str")
    return column.astype("str")


def levels_of(column: pd.Series) -> list[str]:
    """The texts that a column is found to hold, sorted, each once."""
    return sorted(written(pd.Series(column.dropna().unique())))
