"""Scores of the instruments."""

import numpy as np
import pandas as pd

from trialrr.resolve.instruments import (
    BOTHERSOME_PEG,
    BPI,
    EQ5D,
    EQ5D_US,
    FREQUENT,
    FUNCTION,
    FUNCTION_T,
    GAD7,
    GCPS,
    INTENSITY,
    MIN_INTERFERENCE,
    PCS6,
    PEG_IN_BPI,
    PGIC,
    PHQ8,
    SELF_EFFICACY,
    SLEEP,
    SLEEP_T,
    SOCIAL,
    SOCIAL_T,
    SUPPORT,
)
from trialrr.responder import Score

Array = np.ndarray

SUMS = {
    "phq8": PHQ8,
    "gad7": GAD7,
    "pcs": PCS6,
    "self_efficacy": SELF_EFFICACY,
    "support": SUPPORT,
}
"""Score → items that it sums, all of them needed."""
T_SCORES = {
    "sleep_t": (SLEEP, SLEEP_T),
    "social_role_t": (SOCIAL, SOCIAL_T),
    "physical_function_t": (FUNCTION, FUNCTION_T),
}
"""Score → items, all of them needed, and the table of their sum."""


def every(surveys: pd.DataFrame) -> dict[str, Score]:
    """All scores by name, row by row of typed surveys whose reversed forms are turned back.

    Each is kept as a fraction of integers: of the BPI sum over items answered, of the others the
    score in units in which it is whole (T scores in tenths, the EQ-5D index in thousandths).
    """

    def items(names: tuple[str, ...]) -> Array:
        return surveys[list(names)].to_numpy(float)

    scores = bpi(items(BPI))
    scores |= {name: exact(complete_sum(items(own))) for name, own in SUMS.items()}
    scores |= {name: exact(t_score(items(own), t), 10) for name, (own, t) in T_SCORES.items()}
    scores |= {name: exact(items((name,))[:, 0]) for name in PGIC}
    scores["gcps_grade"] = exact(gcps_grade(*items(GCPS).T, items(PEG_IN_BPI)))
    scores["eq5d_index"] = exact(eq5d_index(items(EQ5D)), 1000)
    return scores


def exact(values: Array, unit: int = 1) -> Score:
    """Scores that are whole numbers of 1 / `unit`, NaN = not scored, as fractions of integers."""
    scored = ~np.isnan(values)
    total = np.rint(unit * np.where(scored, values, 0)).astype(np.int64)
    return Score(total, np.full(len(values), unit, dtype=np.int64), scored)


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


def gcps_grade(pain_days: Array, limit_days: Array, peg: Array) -> Array:
    """(n,) grade of the Graded Chronic Pain Scale, revised; NaN where the answers do not decide.

    pain_days, limit_days : (n,) 0 never, 1 some days, 2 most days, 3 every day; peg : (n, 3) items.
    0 no chronic pain: pain on some days at most. Else 3 high impact: life or work limited on most
    days or every day. Else 2 bothersome: PEG sum of 12 or more; 1 mild: below. Von Korff et al.
    (2020), Pain 161:651-661. Their PEG is about the past week, the BPI's items about 24 hours.
    """
    total = complete_sum(peg)
    chronic, limited = pain_days >= FREQUENT, limit_days >= FREQUENT
    milder = np.where(total >= BOTHERSOME_PEG, 2.0, 1.0)
    milder = np.where(np.isnan(limit_days) | np.isnan(total), np.nan, milder)
    grade = np.where(chronic, np.where(limited, 3.0, milder), 0.0)
    return np.where(np.isnan(pain_days), np.nan, grade)


def eq5d_index(levels: Array, decrements: dict[str, tuple[int, ...]] = EQ5D_US) -> Array:
    """(n,) EQ-5D-5L index, 1 less the decrement of the level of each dimension; NaN if any is
    missing.

    levels : (n, 5) of 1-5, columns as in `instruments.EQ5D`; decrements : dimension → thousandths
    of levels 1 to 5 (see `instruments.EQ5D_US`).
    """
    missing = np.isnan(levels)
    at = np.where(missing, 1, levels).astype(int) - 1
    lost = sum(np.array(decrements[name])[at[:, k]] for k, name in enumerate(EQ5D))
    return np.where(missing.any(axis=1), np.nan, (1000 - lost) / 1000)
