"""Baseline table: counts and spreads of the participants' columns, by arm and overall."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from trialrr import ard, levels
from trialrr.ard import Subgroup
from trialrr.data import levels_of
from trialrr.data import written as texts
from trialrr.plan import BaselineLine, written

ALL = "all"
MISSING = "missing"
QUARTILES = "quantile, linear interpolation"


def baseline_rows(
    participants: pd.DataFrame, entries: Iterable[BaselineLine], arms: Sequence[str]
) -> list[dict]:
    """ARD rows of analysis `baseline` for the analyzed people.

    participants : typed columns.
    An entry has `id` and either `kind` (mean, median: mean, sd, median, q1, q3, n of a number;
    levels: events of every level and of `missing`; flags: events of yes of each column
    <id>_<level>) or `level` (events of one level; `of`: the levels it stands for; of a number also
    "0", "1-2" or ">=10"). `n` is the number of people without a missing value.
    Raises ValueError naming the entry if its column does not exist or is of the wrong kind, or its
    level is none of a number.
    """
    people = participants[participants["analyzed"] == 1]
    groups = [(arm, people[people["arm"] == arm]) for arm in arms] + [(ALL, people)]
    rows = []
    for entry in entries:
        for level, group in groups:
            rows += _entry_rows(entry, group, people, level)
    return rows


def _entry_rows(
    entry: BaselineLine, group: pd.DataFrame, people: pd.DataFrame, level: str
) -> list[dict]:
    id, kind = entry.id, entry.kind
    if kind == "flags":
        columns = [c for c in people if c.startswith(f"{id}_")]
        _need(columns, entry, f"no column {id}_<level>")
        return [_events(id, c.removeprefix(f"{id}_"), group[c], ["yes"], level) for c in columns]
    _need(id in people, entry, f"no column {id}")
    column, numeric = group[id], pd.api.types.is_numeric_dtype(people[id])
    if kind in ("mean", "median"):
        _need(numeric, entry, f"the column {id} is no number")
        return _spread(id, column, level)
    if kind == "levels":
        names = levels_of(people[id])
        rows = [_events(id, name, column, [name], level) for name in names]
        missing = column.isna().sum()
        return [*rows, _count(id, MISSING, missing, len(column), level)]
    name = entry.level
    if numeric:
        known = column.dropna()
        return [_count(id, name, levels.matches(known, name).sum(), len(known), level)]
    return [_events(id, name, column, entry.of or [name], level)]


def _need(right, entry: BaselineLine, fault: str) -> None:
    if not right:
        raise ValueError(
            f"baseline_table entry {written(entry)}: {fault} in the participants; correct it"
        )


def _events(id: str, name: str, column: pd.Series, of: Sequence[str], level: str) -> dict:
    return _count(id, name, texts(column).isin(list(of)).sum(), column.notna().sum(), level)


def _count(id: str, name: str, events: int, n: int, level: str) -> dict:
    return ard.row(
        analysis="baseline",
        outcome=id,
        subgroup=Subgroup.of({id: name}),
        quantity="events",
        level=level,
        estimate=int(events),
        events=int(events),
        n=int(n),
        method="count",
        status="prespecified",
    )


def _spread(id: str, column: pd.Series, level: str) -> list[dict]:
    known = column.dropna().to_numpy(dtype=float)
    n = len(known)
    q1, median, q3 = np.quantile(known, [0.25, 0.5, 0.75]) if n else [np.nan] * 3
    values = {
        "n": (n, "count"),
        "mean": (known.mean() if n else np.nan, "mean"),
        "sd": (known.std(ddof=1) if n > 1 else np.nan, "standard deviation, n - 1"),
        "median": (median, QUARTILES),
        "q1": (q1, QUARTILES),
        "q3": (q3, QUARTILES),
    }
    return [
        ard.row(
            analysis="baseline",
            outcome=id,
            quantity=quantity,
            level=level,
            estimate=float(value),
            n=n,
            method=method,
            reason="" if np.isfinite(value) else f"{n} with a value, which is too few",
            status="prespecified",
        )
        for quantity, (value, method) in values.items()
    ]
