"""Who is a responder, decided on exact integer sums of items: by a share of baseline, or by points.

With baseline b = B/m and follow-up f = F/k, sums over items answered, and a limit p/q, all of them
integers,

    share   (b - f) / b >= p/q   means   q (B k - F m) >= p B k
    points   b - f      >= p/q   means   q (B k - F m) >= p m k

No floating-point number takes part, so 30 → 21 of 11 items is a responder at 0.30.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

LARGEST = 2**62


@dataclass(frozen=True, slots=True)
class Score:
    """A mean score kept as integers: total, answered int64 of any shape, where `scored`."""

    total: NDArray[np.int64]
    answered: NDArray[np.int64]
    scored: NDArray[np.bool_]

    @property
    def mean(self) -> NDArray[np.float64]:
        """total / answered, NaN where the rule gives no score."""
        return np.where(self.scored, self.total / np.maximum(self.answered, 1), np.nan)

    def __getitem__(self, index) -> "Score":
        """Scores at an index of NumPy; `[:, None]` makes people × 1."""
        return Score(self.total[index], self.answered[index], self.scored[index])

    def take(self, rows: NDArray[np.int64]) -> "Score":
        """Scores of the given rows; row -1 has none."""
        missing = rows < 0
        rows = np.where(missing, 0, rows)
        if not len(self.total):
            nothing = np.zeros(len(rows), dtype=np.int64)
            return Score(nothing, nothing, np.zeros(len(rows), dtype=bool))
        return Score(self.total[rows], self.answered[rows], self.scored[rows] & ~missing)


def responder(baseline: Score, follow_up: Score, threshold: Decimal | str) -> NDArray[np.float64]:
    """Whether (b - f) / b >= threshold: 1, 0 or NaN, in the shape that both scores broadcast to.

    Raises ValueError if the threshold is not between 0 and 1.
    """
    if not 0 < Fraction(str(threshold)) < 1:
        raise ValueError(f"threshold {threshold}, expected a share between 0 and 1")
    return drops_by_share(baseline, follow_up, threshold)


def drops_by_share(baseline: Score, follow_up: Score, share: Decimal | str) -> NDArray[np.float64]:
    """Whether (b - f) / b >= share, any share (negative: not worse by more than that).

    1, 0, or NaN where a score is missing or the baseline is 0. Raises ValueError for a share of so
    many digits that the products leave 64 bits.
    """
    base = baseline.total * follow_up.answered
    return _reaches(baseline, follow_up, base, share)


def drops_by_points(
    baseline: Score, follow_up: Score, points: Decimal | str
) -> NDArray[np.float64]:
    """Whether b - f >= points, in points of the mean score; values and errors of `drops_by_share`.

    A baseline of 0 leaves this undefined too, though b - f exists: such a person cannot respond,
    and every definition of an outcome is thus about the same people.
    """
    items = baseline.answered * follow_up.answered
    return _reaches(baseline, follow_up, items, points)


def _reaches(baseline: Score, follow_up: Score, unit: NDArray, limit) -> NDArray[np.float64]:
    exact = Fraction(str(limit))
    p, q = exact.numerator, exact.denominator
    drop = baseline.total * follow_up.answered - follow_up.total * baseline.answered
    if max(abs(p) * int(unit.max(initial=1)), q * int(np.abs(drop).max(initial=1))) > LARGEST:
        raise ValueError(f"{limit} has too many digits to be compared exactly; write fewer")
    defined = baseline.scored & follow_up.scored & (baseline.total > 0)
    return np.where(defined, (q * drop >= p * unit).astype(float), np.nan)
