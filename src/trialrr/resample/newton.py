"""Many small weighted fits at once, by Newton's method on matrix products.

Every function takes B weight vectors, or B outcomes, over the same design: the cross products of
its columns are formed once, and a step of all B fits is a few products (B × n)(n × k). A fit that
has no maximum does not disturb the others; it is reported as not converged.
"""

from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

STEPS = 25
SMALL_STEP = 1e-8
"""A step that moves no linear predictor further leaves an error below 1e-11."""
REUSED = 1e-3
"""After a step that moves no linear predictor further its Hessian serves for the next."""
CLOSE, ROUGH_STEPS = 0.1, 5
"""Steps are in single precision until no predictor moves further, or so many are done."""
COLLINEAR = 1e-4
"""Smallest eigenvalue of the scaled cross products, against the largest, for single precision."""
LONGEST = 3.0
"""No step moves a linear predictor further."""


@dataclass(frozen=True, slots=True)
class Design:
    """Columns shared by all fits, and what of them may differ from fit to fit.

    fixed : (n, k), the columns that products are formed of; products : (n, k(k+1)/2), of pairs of
    them; rough, rough_products : the same in single precision, for first steps and for Hessians,
    whose errors later steps mend (in double precision where columns are nearly collinear);
    mixing : None, or (B, k, p): the design of fit b is fixed @ mixing[b]. A covariate whose missing
    values take the mean of the people drawn is a column with 0 there, an indicator of missing, and
    a mixing that multiplies the indicator by the mean.
    """

    fixed: Array
    products: Array
    rough: NDArray
    rough_products: NDArray
    mixing: Array | None = None

    def mixed(self, mixing: Array | None) -> "Design":
        """The same columns with another mixing."""
        return replace(self, mixing=mixing)

    def take(self, people: NDArray) -> "Design":
        """The design of some people, without mixing."""
        parts = (self.fixed, self.products, self.rough, self.rough_products)
        return Design(*(part[people] for part in parts))

    def gradient(self, totals: Array) -> Array:
        """(B, p) from totals of the fixed columns, (B, k)."""
        if self.mixing is None:
            return totals
        return np.matmul(totals[:, None, :], self.mixing)[:, 0]

    def hessian(self, pairs: Array) -> Array:
        """(B, p, p) from totals of the products, (B, k(k+1)/2)."""
        full = square(pairs.astype(float), self.fixed.shape[1])
        if self.mixing is None:
            return full
        return np.matmul(self.mixing.transpose(0, 2, 1), np.matmul(full, self.mixing))

    def weighted(self, coef: Array) -> Array:
        """(B, k) coefficients of the fixed columns, from those of the mixed ones, (B, p)."""
        if self.mixing is None:
            return coef
        return np.matmul(self.mixing, coef[:, :, None])[:, :, 0]

    def predictor(self, coef: Array, fixed: NDArray) -> NDArray:
        """(B, n) linear predictors, in the precision of `fixed`: `self.fixed` or `self.rough`."""
        return self.weighted(coef).astype(fixed.dtype, copy=False) @ fixed.T

    @property
    def parameters(self) -> int:
        return self.fixed.shape[1] if self.mixing is None else self.mixing.shape[2]


def design(fixed: Array, mixing: Array | None = None) -> Design:
    """A design with its products of columns."""
    fixed = np.ascontiguousarray(fixed, float)
    rows, columns = np.triu_indices(fixed.shape[1])
    products = fixed[:, rows] * fixed[:, columns]
    gram = fixed.T @ fixed
    size = np.sqrt(np.maximum(np.diag(gram), np.finfo(float).tiny))
    values = np.linalg.eigvalsh(gram / np.outer(size, size))
    collinear = len(values) and values[0] < COLLINEAR * values[-1]
    kind = float if collinear else np.float32
    return Design(fixed, products, fixed.astype(kind), products.astype(kind), mixing)


def square(pairs: Array, k: int) -> Array:
    """Symmetric matrices (…, k, k) from their upper triangles (…, k(k+1)/2), row by row."""
    rows, columns = np.triu_indices(k)
    full = np.empty((*pairs.shape[:-1], k, k))
    full[..., rows, columns] = pairs
    full[..., columns, rows] = pairs
    return full


def solve(matrices: Array, vectors: Array) -> Array:
    """(B, p) solutions of B systems, or of one matrix for all; NaN where a matrix is singular."""
    if len(matrices) < len(vectors):
        matrices = np.broadcast_to(matrices, (len(vectors), *matrices.shape[1:]))
    try:
        return np.linalg.solve(matrices, vectors[..., None])[..., 0]
    except np.linalg.LinAlgError:
        out = np.full_like(vectors, np.nan)
        for b, (matrix, vector) in enumerate(zip(matrices, vectors, strict=True)):
            with suppress(np.linalg.LinAlgError):
                out[b] = np.linalg.solve(matrix, vector)
        return out


def many(values, n: int = 0) -> Array:
    """(B, n) or (1, n) view of weights or outcomes; None is n ones."""
    return np.ones((1, n)) if values is None else np.atleast_2d(np.asarray(values, float))


def logistic(
    columns: Design | Array,
    outcome: Array,
    weights: Array | None = None,
    start: Array | None = None,
) -> tuple[Array, NDArray[np.bool_]]:
    """Logistic regressions Σ_i w_i x_i (y_i - expit(x_iᵀβ)) = 0.

    columns : a Design, or (n, p); outcome : (n,) or (B, n), 0 to 1; weights : None, (n,) or (B, n),
    0 for people who are not there; start : (p,). Returns coef (B, p) and converged (B,).
    """
    columns = columns if isinstance(columns, Design) else design(columns)
    outcome, weights = many(outcome), many(weights, len(columns.fixed))
    fits, p = max(len(outcome), len(weights)), columns.parameters
    coef = np.zeros((fits, p)) if start is None else np.tile(np.asarray(start, float), (fits, 1))
    target = columns.gradient((weights * outcome) @ columns.fixed)
    size = np.full(fits, np.inf)
    fixed, own = columns.rough, weights.astype(columns.rough.dtype)
    predictor = columns.predictor(coef, fixed)
    for number in range(STEPS):
        if fixed is columns.rough and close(number, size):
            fixed, own = columns.fixed, weights
            predictor = columns.predictor(coef, fixed)
        mean = np.negative(predictor)
        with np.errstate(over="ignore"):
            np.exp(mean, out=mean)
        mean += 1
        np.reciprocal(mean, out=mean)
        fitted = own * mean
        gradient = target - columns.gradient(fitted @ fixed)
        if anew(number, size):
            mean *= fitted
            fitted -= mean  # w μ (1 - μ)
            fitted = shared(fitted, number, start).astype(columns.rough.dtype, copy=False)
            hessian = columns.hessian(fitted @ columns.rough_products)
        step = solve(hessian, gradient)
        size = advance(columns, fixed, coef, predictor, step)
        if fixed is columns.fixed and finished(size):
            break
    return coef, size < SMALL_STEP


def least_squares(
    columns: Design | Array, outcome: Array, weights: Array | None = None
) -> tuple[Array, NDArray[np.bool_]]:
    """Weighted least squares by normal equations. Arguments as `logistic`; returns coef (B, p) and
    whether it exists (B,)."""
    columns = columns if isinstance(columns, Design) else design(columns)
    outcome, weights = many(outcome), many(weights, len(columns.fixed))
    gradient = columns.gradient((weights * outcome) @ columns.fixed)
    hessian = columns.hessian(weights @ columns.products)
    coef = solve(hessian, gradient)
    return coef, np.isfinite(coef).all(axis=1)


def advance(
    columns: Design, fixed: NDArray, coef: Array, predictor: NDArray, step: Array
) -> NDArray:
    """Add the step to coefficients and predictors, in place, shortened where it would move a
    predictor by more than LONGEST. Returns (B,) the largest move of a predictor by the full step,
    NaN for a fit that is lost."""
    moved = columns.predictor(step, fixed)
    size = np.maximum(moved.max(axis=1, initial=0), -moved.min(axis=1, initial=0))
    factor = np.minimum(1, LONGEST / np.maximum(size, LONGEST))[:, None]
    coef += factor * step
    if (factor < 1).any():
        moved *= factor
    predictor += moved
    return size


def close(number: int, size: Array) -> bool:
    """Whether double precision begins: every fit is close or lost, or it takes too long."""
    return number == ROUGH_STEPS or not (size >= CLOSE).any()


def anew(number: int, size: Array) -> bool:
    """Whether a step forms its Hessian: not once the last step was so small that the old Hessian
    gains three digits or more."""
    return number < 2 or not np.nanmax(size, initial=0) < REUSED


def shared(values: Array, number: int, start) -> Array:
    """What the first Hessian is formed of: from a warm start, average weights for all."""
    return values.mean(axis=0, keepdims=True) if number == 0 and start is not None else values


def finished(size: Array) -> bool:
    """Whether every fit is done or lost."""
    return not (size >= SMALL_STEP).any()
