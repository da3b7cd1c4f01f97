"""Text as typed columns, and every cell that is not what the schema says.

A missing value is missing in the pandas sense in every type: NaN of numbers and text, the code -1
of levels, NA of whole numbers and flags, NaT of dates. No text stands for it.
"""

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from trialrr.data.columns import written
from trialrr.data.schema import (
    DATE,
    FLAG,
    INTEGER,
    LEVEL,
    NUMBER,
    TYPES,
    Column,
    Schema,
    SchemaError,
)

EXACT = 2.0**53
"""Whole numbers below it have a float of their own."""
SHOWN = 5
"""Faults that a message lists; of the others it tells the number."""


def typed(frame: pd.DataFrame, schema: Schema, name: str = "the table") -> pd.DataFrame:
    """A table whose columns are each of the type that `schema` declares: float64, Int64 (whole
    numbers and flags), datetime64, a categorical of the levels, or str. `name` is what messages
    call the table.

    frame : columns of text, blank where missing, or of what they hold. Raises SchemaError with a
    sentence per fault: which column, which row (the header is row 1), what was found and expected.
    """
    faults = _of_header(frame, schema)
    if not faults:
        made = {}
        for column in frame:
            spec = schema.columns[column]
            made[column], wrong, found = _converted(frame[column], spec)
            faults += _of_cells(column, spec, wrong, found)
        if not faults:
            table = pd.DataFrame(made).reset_index(drop=True)
            faults = _of_key(table, schema)
    if faults:
        more = len(faults) - SHOWN
        listed = [*faults[:SHOWN], *([f"and {more} more faults"] if more > 0 else [])]
        raise SchemaError("\n".join(f"{name}: {fault}" for fault in listed))
    return table


def _of_header(frame: pd.DataFrame, schema: Schema) -> list[str]:
    expected, found = list(schema.columns), list(frame.columns)
    faults = [f"the column {c!r} is missing" for c in expected if c not in found]
    faults += [f"the column {c!r} is not in the schema" for c in found if c not in expected]
    return faults


def _converted(column: pd.Series, spec: Column) -> tuple[pd.Series, np.ndarray, pd.Series]:
    """The column in its type, missing where a cell is not of it; where that is; and its text."""
    if spec.type in (NUMBER, INTEGER, FLAG) and is_numeric_dtype(column):
        text, values = column, column.to_numpy(float, na_value=np.nan)
        missing = np.isnan(values)
    else:
        text, values = written(column).fillna("").reset_index(drop=True), None
        missing = (text == "").to_numpy()
    if spec.type in (NUMBER, INTEGER, FLAG):
        if values is None:
            values = pd.to_numeric(text, errors="coerce").to_numpy(float)
        right = np.isfinite(values)
        if spec.type == INTEGER:
            right &= np.mod(values, 1, where=right, out=np.ones(len(values))) == 0
            right &= np.abs(values) < EXACT
        elif spec.type == FLAG:
            right &= np.isin(values, (0, 1))
        made = pd.Series(np.where(right, values, np.nan))
        made = made if spec.type == NUMBER else made.astype("Int64")
    elif spec.type == DATE:
        made = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")
        right = made.notna().to_numpy()
    elif spec.type == LEVEL:
        levels = sorted(set(text.unique()) - {""}) if spec.levels is None else spec.levels
        categories = pd.Index(levels, dtype="str")
        codes = categories.get_indexer(text)
        made, right = pd.Series(pd.Categorical.from_codes(codes, categories)), codes >= 0
    else:
        made, right = text.where(~missing), ~missing
    return made, ~right & (~missing | (not spec.nullable)), text


def _of_cells(column: str, spec: Column, wrong: np.ndarray, text: pd.Series) -> list[str]:
    expected = TYPES[spec.type]
    if spec.type == LEVEL and spec.levels:
        expected = f"one of {', '.join(spec.levels)}"
    rows = np.flatnonzero(wrong)
    found = written(text.iloc[rows]).fillna("")
    return [
        f"column {column!r}, row {row + 2}: found {repr(cell) if cell else 'nothing'}; "
        f"expected {expected}"
        for row, cell in zip(rows, found, strict=True)
    ]


def _of_key(table: pd.DataFrame, schema: Schema) -> list[str]:
    if not schema.key:
        return []
    again = np.flatnonzero(table.duplicated(list(schema.key)))
    return [
        f"column {', '.join(map(repr, schema.key))}, row {row + 2}: found "
        f"{', '.join(repr(str(table[c].iloc[row])) for c in schema.key)} again; expected it once"
        for row in again
    ]
