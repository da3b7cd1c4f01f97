"""Which assumption on the missing outcomes gives an arm the risk that another analysis gives it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

TIE = 1e-12
"""Risks closer than this are equal."""


@dataclass(frozen=True, slots=True)
class Equivalent:
    """value : NaN where the risk lies outside the curve; lower, upper : then the end of the curve
    that it lies beyond, the other one NaN; else both NaN."""

    value: float
    lower: float
    upper: float


def equivalent(values: ArrayLike, risks: ArrayLike, wanted: float) -> Equivalent:
    """Where a curve of risks over values reaches `wanted`, linear between its points.

    values : (k,) increasing; risks : (k,), k at least 2. The risk of an arm rises or falls with the
    assumption on its own missing outcomes; where covariates make it turn back a little, its running
    extreme counts. A flat stretch at `wanted` gives its end nearest to the first value. Raises
    ValueError where values do not increase.
    """
    x, y = np.asarray(values, float), np.asarray(risks, float)
    if len(x) < 2 or (np.diff(x) <= 0).any():
        raise ValueError(f"values {x}; expected at least two, increasing")
    sign = 1.0 if y[-1] >= y[0] else -1.0
    y, wanted = np.maximum.accumulate(sign * y), sign * wanted
    for end in (y[0], y[-1]):
        wanted = float(end) if abs(wanted - end) <= TIE else wanted
    if wanted < y[0]:
        return Equivalent(np.nan, np.nan, float(x[0]))
    if wanted > y[-1]:
        return Equivalent(np.nan, float(x[-1]), np.nan)
    k = int(np.searchsorted(y, wanted, side="left"))
    if y[k] == wanted:
        return Equivalent(float(x[k]), np.nan, np.nan)
    share = (wanted - y[k - 1]) / (y[k] - y[k - 1])
    return Equivalent(float(x[k - 1] + share * (x[k] - x[k - 1])), np.nan, np.nan)
