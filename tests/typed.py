"""Tables that tests write by hand as text, as typed tables, by what their text looks like.

The package never guesses; a route says what its columns are.
"""

import pandas as pd

from trialrr import data
from trialrr.data import Column, Schema

NAMED = {
    "participant_id": data.TEXT,
    "data_origin": data.LEVEL,
    "arm": data.LEVEL,
    "cluster": data.LEVEL,
    "site": data.LEVEL,
    "month": data.LEVEL,
    "randomized_on": data.DATE,
    "visited_on": data.DATE,
}


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with typed columns: of numbers where every cell is one, whole or not, else of
    levels; "" is missing."""
    columns = {name: Column(NAMED.get(name) or _type(frame[name])) for name in frame}
    return data.typed(frame, Schema(columns))


def _type(column: pd.Series) -> str:
    known = column.astype("str").replace("", None).dropna()
    try:
        known.astype(float)
    except ValueError:
        return data.LEVEL
    return data.NUMBER if known.str.contains("[.en]").any() or known.empty else data.INTEGER
