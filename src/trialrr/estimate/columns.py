"""Columns of a design: sizes that arithmetic can bear, and those that others repeat."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]

ORDINARY = (2.0**-10, 2.0**13)
"""Sizes of a column that are left as they are: years of age, points of a score, grams."""
REPEATED = 1e-6
"""Share of a column that is not in the span of those before it, below which it repeats them. What
is left of it enters the bread squared, and doubles hold 16 digits, so four are left for standard
errors."""

CLEAR = 1e-4
"""Share by which no column comes near to repeating others."""


def units(design: Array) -> Array:
    """Powers of two (p,) by which columns are divided so that their largest value is from 1 to 2;
    1 for a column of ordinary size, so that its numbers keep their last digits, and of zeros.

    design : (n, p), finite. Division by a power of two is exact, so no estimate depends on the unit
    in which a covariate was measured.
    """
    size = np.abs(design).max(axis=0, initial=0.0)
    ordinary = (size == 0) | ((size >= ORDINARY[0]) & (size <= ORDINARY[1]))
    exponent = np.frexp(np.where(ordinary, 1.0, size))[1] - 1
    return np.where(ordinary, 1.0, np.ldexp(1.0, exponent))


def repeating(design: Array) -> NDArray[np.bool_]:
    """(p,) columns that are zero or combinations of those before them, as a constant one is after
    an intercept: modified Gram-Schmidt, judged by the share of the column's own length that is left
    and so the same in every unit.

    design : (n, p), finite.
    """
    n, p = design.shape
    unit = np.abs(design).max(axis=0, initial=0.0)
    columns = design / np.where(unit > 0, unit, 1.0)
    basis, out = np.empty((n, 0)), np.zeros(p, bool)
    if n >= p and (unit > 0).all():  # the usual case, told by one decomposition
        left = np.abs(np.diag(np.linalg.qr(columns, mode="r")))
        if (left > CLEAR * np.linalg.norm(columns, axis=0)).all():
            return out
    for j in range(p):
        left, length = columns[:, j], np.linalg.norm(columns[:, j])
        for _ in range(2):  # the second pass takes what rounding left of the first
            left = left - basis @ (basis.T @ left)
        rest = np.linalg.norm(left)
        out[j] = rest <= REPEATED * length
        if not out[j]:
            basis = np.column_stack([basis, left / rest])
    return out
