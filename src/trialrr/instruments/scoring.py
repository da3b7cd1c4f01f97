"""Rules by which answers become a score, for instruments to use; scores are exact integers."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from trialrr.responder import Score

Array = NDArray[np.float64]
Scorer = Callable[[Array], dict[str, Score]]


def exact(values: Array, unit: int = 1) -> Score:
    """Scores that are whole numbers of 1 / `unit`, NaN = not scored, as fractions of integers."""
    scored = ~np.isnan(values)
    total = np.rint(unit * np.where(scored, values, 0)).astype(np.int64)
    return Score(total, np.full(len(values), unit, dtype=np.int64), scored)


def mean_of_answered(items: Array, needed: int) -> Score:
    """(n,) mean of the items answered, scored where at least `needed` are. items : (n, k)."""
    answered = (~np.isnan(items)).sum(axis=1)
    total = np.nansum(items, axis=1).astype(np.int64)
    return Score(total, answered, answered >= needed)


def complete_sum(items: Array) -> Array:
    """(n,) sum of the items, NaN if any of them is missing. items : (n, k)."""
    return items.sum(axis=1)


def t_score(items: Array, table: Mapping[int, float]) -> Array:
    """(n,) T scores of complete sums by a sum → T table, NaN if an item is missing."""
    return np.array([table.get(s, np.nan) for s in complete_sum(items)], dtype=float)


def sum_as(name: str) -> Scorer:
    """Scorer of one sum, called `name`, that needs all items."""
    return lambda items: {name: exact(complete_sum(items))}


def t_score_as(name: str, table: Mapping[int, float]) -> Scorer:
    """Scorer of one T score with one decimal, called `name`, that needs all items."""
    return lambda items: {name: exact(t_score(items, table), 10)}
