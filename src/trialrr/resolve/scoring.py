"""Scores of the instruments, and the responder rule decided on exact integer sums."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from trialrr.resolve.instruments import INTENSITY, MIN_INTERFERENCE

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Score:
    """A mean score kept as integers: total, answered (n,) int64, where `scored` (n,) bool."""

    total: Array
    answered: Array
    scored: Array

    @property
    def mean(self) -> Array:
        """(n,) total / answered, NaN where the rule gives no score."""
        return np.where(self.scored, self.total / np.maximum(self.answered, 1), np.nan)

    def take(self, rows: Array) -> "Score":
        """Scores of the given rows; row -1 has none."""
        missing = rows < 0
        rows = np.where(missing, 0, rows)
        if not len(self.total):
            nothing = np.zeros(len(rows), dtype=np.int64)
            return Score(nothing, nothing, np.zeros(len(rows), dtype=bool))
        return Score(self.total[rows], self.answered[rows], self.scored[rows] & ~missing)


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


def responder(baseline: Score, follow_up: Score, threshold: Decimal | str) -> Array:
    """Whether (b - f) / b >= threshold, (n,) of 1, 0 or NaN.

    With b = B/m, f = F/k and threshold = p/q, all integers, that is q (B k - F m) >= p B k:
    no floating-point number takes part, so 30 → 21 of 11 items is a responder at 0.30.
    NaN where a score is missing or the baseline is 0. Raises ValueError if the threshold is not
    between 0 and 1.
    """
    share = Fraction(str(threshold))
    if not 0 < share < 1:
        raise ValueError(f"threshold {threshold}, expected a share between 0 and 1")
    p, q = share.numerator, share.denominator
    base = baseline.total * follow_up.answered
    drop = base - follow_up.total * baseline.answered
    defined = baseline.scored & follow_up.scored & (baseline.total > 0)
    return np.where(defined, (q * drop >= p * base).astype(float), np.nan)


def complete_sum(items: Array) -> Array:
    """(n,) sum of the items, NaN if any of them is missing. items : (n, k)."""
    return items.sum(axis=1)


def t_score(items: Array, table: dict[int, float]) -> Array:
    """(n,) T scores of complete sums by a sum → T table, NaN if an item is missing."""
    return np.array([table.get(s, np.nan) for s in complete_sum(items)], dtype=float)
