"""EQ-5D-5L: five dimensions of five levels, and the index by a value set."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from trialrr.instruments.base import Instrument, between
from trialrr.instruments.scoring import exact

Array = NDArray[np.float64]

DIMENSIONS = ("eq5d_mobility", "eq5d_selfcare", "eq5d_activity", "eq5d_pain", "eq5d_anxiety")
EQ5D_US = {
    "eq5d_mobility": (0, 96, 122, 237, 322),
    "eq5d_selfcare": (0, 89, 107, 220, 261),
    "eq5d_activity": (0, 68, 101, 255, 255),
    "eq5d_pain": (0, 60, 98, 318, 414),
    "eq5d_anxiety": (0, 57, 123, 299, 321),
}
"""US value set: thousandths that levels 1 to 5 of each dimension take from 1.

Pickard et al. (2019), Value in Health 22:931-941, doi 10.1016/j.jval.2019.02.009. Another set takes
its place by its own decrements.
"""


def eq5d_index(levels: Array, decrements: Mapping[str, tuple[int, ...]] = EQ5D_US) -> Array:
    """(n,) EQ-5D-5L index, 1 less the decrement of the level of each dimension; NaN if any is
    missing.

    levels : (n, 5) of 1-5, columns as in `DIMENSIONS`; decrements : dimension → thousandths of
    levels 1 to 5 (see `EQ5D_US`).
    """
    missing = np.isnan(levels)
    at = np.where(missing, 1, levels).astype(int) - 1
    lost = sum(np.array(decrements[name])[at[:, k]] for k, name in enumerate(DIMENSIONS))
    return np.where(missing.any(axis=1), np.nan, (1000 - lost) / 1000)


EQ5D = Instrument(
    title="EQ-5D-5L, US value set",
    items=between(1, 5, DIMENSIONS),
    scorer=lambda levels: {"eq5d_index": exact(eq5d_index(levels), 1000)},
    reference="Herdman et al. (2011), Qual Life Res 20:1727-1736; Pickard et al. (2019), Value in "
    "Health 22:931-941",
)
