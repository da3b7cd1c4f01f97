"""Many small weighted fits at once, by Newton's method on matrix products.

Every function takes B weight vectors, or B outcomes, over the same design: the cross products of
its columns are formed once, and a step of all B fits is a few products (B × n)(n × k). A fit that
has no maximum does not disturb the others; it is reported as not converged.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

STEPS = 25
ACCURATE = 1e-10
"""Largest error that is left in a linear predictor: see `maximize`."""
ROUGH = 1e-5
"""Relative error of a Hessian in single precision."""
REUSED = 1e-3
"""After a step that moves no linear predictor further its Hessian serves for the next."""
CLOSE, ROUGH_STEPS = 0.1, 5
"""Steps are in single precision until no predictor moves further, or so many are done."""
COLLINEAR = 1e-4
"""Smallest eigenvalue of the scaled cross products, against the largest, for single precision."""
LONGEST = 3.0
"""No step moves a linear predictor further."""

np.empty(2**25 - 2**16, np.uint8)
# glibc's malloc keeps blocks up to the largest mapped one that was ever freed, 32 MiB at most. One
# free of that size, never written to, spares every step returning its arrays to the system and
# having them zeroed anew: a fifth of the time. Elsewhere it does nothing.


@dataclass(frozen=True, slots=True)
class SharedDesign:
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

    def mixed(self, mixing: Array | None) -> "SharedDesign":
        """The same columns with another mixing."""
        return replace(self, mixing=mixing)

    def take(self, people: NDArray) -> "SharedDesign":
        """The design of some people, without mixing."""
        parts = (self.fixed, self.products, self.rough, self.rough_products)
        return SharedDesign(*(part[people] for part in parts))

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


def design(fixed: Array, mixing: Array | None = None) -> SharedDesign:
    """A design with its products of columns."""
    fixed = np.ascontiguousarray(fixed, float)
    rows, columns = _upper(fixed.shape[1])
    products = fixed[:, rows] * fixed[:, columns]
    gram = fixed.T @ fixed
    size = np.sqrt(np.maximum(np.diag(gram), np.finfo(float).tiny))
    values = np.linalg.eigvalsh(gram / np.outer(size, size))
    collinear = len(values) and values[0] < COLLINEAR * values[-1]
    kind = float if collinear else np.float32
    return SharedDesign(fixed, products, fixed.astype(kind), products.astype(kind), mixing)


@cache
def _upper(k: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return np.triu_indices(k)


def square(pairs: Array, k: int) -> Array:
    """Symmetric matrices (…, k, k) from their upper triangles (…, k(k+1)/2), row by row."""
    rows, columns = _upper(k)
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


@dataclass(frozen=True, slots=True)
class Start:
    """What fits to weighted samples of the same people take from the fit to the people at hand.

    coef : (p,) its coefficients, where all others begin; sums : (n, m) columns whose weighted
    totals give the first gradient; information : (n, k(k+1)/2) columns whose totals give the first
    Hessian, or (p, p), that of all fits for a total weight of 1.
    """

    coef: Array
    sums: Array
    information: NDArray


def logistic_start(columns: SharedDesign, outcome: Array, coef: Array) -> Start:
    """Start of logistic regressions of one outcome (n,), near their solutions. sums : scores, then
    events times columns."""
    mean = 1 / (1 + np.exp(-columns.predictor(coef[None], columns.fixed)[0]))
    events = outcome[:, None] * columns.fixed
    sums = np.hstack([events - mean[:, None] * columns.fixed, events])
    hessian = columns.hessian((mean * (1 - mean))[None] @ columns.products)[0]
    return Start(coef, sums, hessian / len(mean))


def weighted_rows(rows: NDArray, weights: Array) -> NDArray:
    """Rows times weights (n,), in the precision of the rows."""
    return rows * weights[:, None].astype(rows.dtype)


@dataclass(frozen=True, slots=True)
class Fits:
    """coef : (B, p); predictor : (B, n); converged : (B,)."""

    coef: Array
    predictor: Array
    converged: NDArray[np.bool_]


def logistic(
    columns: SharedDesign | Array,
    outcome: Array,
    weights: Array | None = None,
    start: Start | None = None,
) -> Fits:
    """Logistic regressions Σ_i w_i x_i (y_i - expit(x_iᵀβ)) = 0.

    columns : a Design, or (n, p); outcome : (n,) or (B, n), 0 to 1; weights : None, (n,) or (B, n),
    0 for people who are not there; start : of the same columns and outcome.
    """
    columns = columns if isinstance(columns, SharedDesign) else design(columns)
    outcome, weights = many(outcome), many(weights, len(columns.fixed))
    kind = columns.rough.dtype
    owns = {kind: weights.astype(kind), columns.fixed.dtype: weights}
    if start is None:
        target = columns.gradient((weights * outcome) @ columns.fixed)
        coef, first = np.zeros((len(target), columns.parameters)), None
    else:
        scores, events = np.hsplit(weights @ start.sums, 2)
        target, coef = columns.gradient(events), np.tile(start.coef, (len(weights), 1))
        first = columns.gradient(scores), start.information * weights.sum(axis=1)[:, None, None]

    def evaluate(predictor: NDArray, fixed: NDArray, anew: bool) -> tuple[Array, Array | None]:
        mean = np.negative(predictor)
        with np.errstate(over="ignore"):
            np.exp(mean, out=mean)
        mean += 1
        np.reciprocal(mean, out=mean)
        fitted = owns[predictor.dtype] * mean
        gradient = target - columns.gradient(fitted @ fixed)
        if not anew:
            return gradient, None
        mean *= fitted
        fitted -= mean  # w μ (1 - μ)
        return gradient, columns.hessian(fitted.astype(kind, copy=False) @ columns.rough_products)

    return maximize(columns, evaluate, coef, first)


def maximize(
    columns: SharedDesign,
    evaluate: Callable[[NDArray, NDArray, bool], tuple[Array, Array | None]],
    coef: Array,
    first: tuple[Array, Array] | None = None,
) -> Fits:
    """Newton's method for B fits at once; a fit that is lost does not stop the others.

    evaluate(predictor (B, n), fixed, anew) : gradient (B, p) and, if `anew`, Hessian (B, p, p), in
    the precision of the fixed columns given; coef : (B, p) to begin with, changed in place; first :
    gradient and Hessian there, if they are known.

    First steps are in single precision, Hessians always. A Hessian formed d away from the new
    point, counted in linear predictors and with its own rounding, leaves d times the step's length
    as error: a fit has converged where that is below ACCURATE, without a step that only confirms.
    """
    size = since = np.full(len(coef), np.inf)
    fixed = columns.rough
    predictor = columns.predictor(coef, fixed)
    for number in range(STEPS):
        if fixed is columns.rough and (number == ROUGH_STEPS or not (size >= CLOSE).any()):
            fixed = columns.fixed
            predictor = columns.predictor(coef, fixed)
        anew = number < 2 or not np.nanmax(size, initial=0) < REUSED
        if number == 0 and first is not None:
            gradient, hessian = first
        else:
            gradient, formed = evaluate(predictor, fixed, anew)
            hessian = formed if anew else hessian
        step = solve(hessian, gradient)
        size = advance(columns, fixed, coef, predictor, step)
        since = size + ROUGH if anew else since + size
        if fixed is columns.fixed and not (since * size >= ACCURATE).any():
            break
    return Fits(coef, predictor, since * size < ACCURATE)


def least_squares(
    columns: SharedDesign | Array, outcome: Array, weights: Array | None = None
) -> tuple[Array, NDArray[np.bool_]]:
    """Weighted least squares by normal equations. Arguments as `logistic`; returns coef (B, p) and
    whether it exists (B,)."""
    columns = columns if isinstance(columns, SharedDesign) else design(columns)
    outcome, weights = many(outcome), many(weights, len(columns.fixed))
    gradient = columns.gradient((weights * outcome) @ columns.fixed)
    hessian = columns.hessian(weights @ columns.products)
    coef = solve(hessian, gradient)
    return coef, np.isfinite(coef).all(axis=1)


def advance(
    columns: SharedDesign, fixed: NDArray, coef: Array, predictor: NDArray, step: Array
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
