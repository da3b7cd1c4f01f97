"""Covariates whose missing values take the mean of whoever is drawn."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trialrr.resample.newton import Array


@dataclass(frozen=True)
class MeanFilled:
    """Covariates whose missing values take the mean of the people drawn (plan, item 6).

    values : (n, p), NaN where missing. Columns missing on the same people share an indicator.
    """

    values: Array

    @cached_property
    def gaps(self) -> tuple[Array, NDArray[np.int64]]:
        """(n, g) indicators of missing values, and (p,) which of them a column has, -1 for none."""
        missing = np.isnan(self.values).astype(float)
        which = np.full(self.values.shape[1], -1)
        columns = np.flatnonzero(missing.any(axis=0))
        if not len(columns):
            return np.empty((len(missing), 0)), which
        gaps, index = np.unique(missing[:, columns], axis=1, return_inverse=True)
        which[columns] = index.ravel()
        return gaps, which

    @cached_property
    def fixed(self) -> Array:
        """(n, p + g): values, 0 where missing, then the indicators."""
        return np.hstack([np.nan_to_num(self.values), self.gaps[0]])

    def mixing(self, counts: Array) -> Array | None:
        """(B, p + g, p): the identity above the means of the people drawn."""
        gaps, which = self.gaps
        if not gaps.shape[1]:
            return None
        p, has = len(which), np.flatnonzero(which >= 0)
        totals = counts @ self.fixed
        people = counts.sum(axis=1)[:, None] - totals[:, p:]
        out = np.zeros((len(counts), p + gaps.shape[1], p))
        out[:, range(p), range(p)] = 1
        with np.errstate(invalid="ignore"):
            out[:, p + which[has], has] = totals[:, has] / people[:, which[has]]
        return out
