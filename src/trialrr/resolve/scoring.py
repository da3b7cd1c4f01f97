"""Scores of the instruments."""

import numpy as np

from trialrr.resolve.instruments import INTENSITY, MIN_INTERFERENCE
from trialrr.responder import Score

Array = np.ndarray


def bpi(items: Array) -> dict[str, Score]:
    """Severity, intensity and interference of the BPI-SF, each 0-10.

    items : (n, 11), columns as in `instruments.BPI`, NaN = missing.
    Intensity is the mean of its 4 items, all needed; interference the mean of those answered of
    its 7, at least 4 needed; severity the mean of those answered of the 11, needing both.
    """
    intensity, interference = items[:, : len(INTENSITY)], items[:, len(INTENSITY) :]
    four = _score(intensity, len(INTENSITY))
    seven = _score(interference, MIN_INTERFERENCE)
    both = Score(
        four.total + seven.total, four.answered + seven.answered, four.scored & seven.scored
    )
    return {"severity": both, "intensity": four, "interference": seven}


def _score(items: Array, needed: int) -> Score:
    answered = (~np.isnan(items)).sum(axis=1)
    total = np.nansum(items, axis=1).astype(np.int64)
    return Score(total, answered, answered >= needed)


def complete_sum(items: Array) -> Array:
    """(n,) sum of the items, NaN if any of them is missing. items : (n, k)."""
    return items.sum(axis=1)


def t_score(items: Array, table: dict[int, float]) -> Array:
    """(n,) T scores of complete sums by a sum → T table, NaN if an item is missing."""
    return np.array([table.get(s, np.nan) for s in complete_sum(items)], dtype=float)
