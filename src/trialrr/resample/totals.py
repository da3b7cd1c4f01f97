"""Sums over people of many samples, given as counts of how often each is drawn."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialrr.resample.newton import Array

EXACT = 2**24
"""Whole numbers up to here are exact in single precision."""


@dataclass(frozen=True, slots=True)
class DrawCounts:
    """double : (B, n); single : the same in single precision if they came as integers, else None;
    most : the largest sum of a row."""

    double: Array
    single: NDArray[np.float32] | None
    most: float

    @classmethod
    def of(cls, counts: NDArray) -> "DrawCounts":
        whole = np.issubdtype(counts.dtype, np.integer)
        double = counts.astype(float)
        single = double.astype(np.float32) if whole else None
        return cls(double, single, float(double.sum(axis=1).max(initial=0)))


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of columns over people, (B, n) → (B, k), to double precision. Whole numbers, which
    indicators and their products are, have sums over whole counts that single precision holds
    exactly, in half the time.

    whole, others : which columns; single : (n, whole), double : (n, others); largest : absolute
    whole number; every : (n, k).
    """

    whole: NDArray[np.int64]
    others: NDArray[np.int64]
    single: NDArray[np.float32]
    double: Array
    largest: float
    every: Array

    @classmethod
    def of(cls, columns: Array) -> "Totals":
        is_whole = (columns == np.rint(columns)).all(axis=0)
        whole, others = np.flatnonzero(is_whole), np.flatnonzero(~is_whole)
        single = np.ascontiguousarray(columns[:, whole], np.float32)
        double = np.ascontiguousarray(columns[:, others])
        return cls(whole, others, single, double, float(np.abs(single).max(initial=1)), columns)

    def __call__(self, counts: DrawCounts, people: slice) -> Array:
        own = counts.double[:, people]
        if counts.single is None or counts.most * self.largest >= EXACT:
            return own @ self.every
        out = np.empty((len(own), self.every.shape[1]))
        out[:, self.whole] = counts.single[:, people] @ self.single
        out[:, self.others] = own @ self.double
        return out
