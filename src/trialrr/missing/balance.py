"""Whether the people seen stand for everybody: standardized differences and effective numbers."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SAME = 1e-12
"""SD, as a share of the largest value, that is rounding."""


def standardized_differences(columns: Array, weights: Array, among: NDArray[np.bool_]) -> Array:
    """{mean by weight - mean of everybody} / SD of everybody, of each column.

    columns : (n, q), covariates of everybody; weights : (n,), zero for the unseen (1 for all seen:
    before weighting); among : (n,) booleans, the people that both means are over. The SD is always
    over all n people, so that groups are on one scale; the difference of a column that is the same
    for all has no scale and is NaN. Austin & Stuart (2015), Stat Med 34:3661, with everybody in
    place of the other arm. Raises ValueError if nobody of the group has weight.
    """
    columns, own = np.asarray(columns, float), np.where(among, weights, 0.0)
    if not own.sum() > 0:
        raise ValueError("nobody of the group was seen, so no mean stands against everybody's")
    gap = own @ columns / own.sum() - columns[among].mean(axis=0)
    spread = columns.std(axis=0, ddof=1)
    varies = spread > SAME * np.abs(columns).max(axis=0)
    return np.where(varies, gap / np.where(varies, spread, 1), np.nan)


def effective_n(weights: Array) -> float:
    """(Σ w)² / Σ w²: how many people of equal weight give a mean as precise. Kish (1965), Survey
    Sampling, section 11.7. At most the number of positive weights, reached if they are equal."""
    weights = np.asarray(weights, float)
    return float(weights.sum() ** 2 / (weights @ weights))
