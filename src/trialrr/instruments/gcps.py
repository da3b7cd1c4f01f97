"""Graded Chronic Pain Scale, revised: days with pain, days of limits, and the PEG from the BPI."""

import numpy as np
from numpy.typing import NDArray

from trialrr.instruments.base import Instrument, between
from trialrr.instruments.bpi import PEG_IN_BPI
from trialrr.instruments.scoring import complete_sum, exact

Array = NDArray[np.float64]

DAYS = ("gcps_pain_days", "gcps_limit_days")
"""Its own two items; 0 never, 1 some days, 2 most days, 3 every day."""
FREQUENT = 2
"""Answers from here mean most days or every day."""
BOTHERSOME_PEG = 12
"""PEG sum from which chronic pain without high impact is bothersome, not mild."""


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


GCPS = Instrument(
    title="Graded Chronic Pain Scale, revised",
    items=between(0, 3, DAYS) | between(0, 10, PEG_IN_BPI),
    scorer=lambda items: {"gcps_grade": exact(gcps_grade(items[:, 0], items[:, 1], items[:, 2:]))},
    reference="Von Korff et al. (2020), Pain 161:651-661",
)
