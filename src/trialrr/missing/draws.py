"""Draws from posteriors of imputation models, many data sets at once.

The leading axis b counts imputations. Predictors are expected with a scale near 1 and an intercept.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

WEAK = 1e-9  # a pivot this small against its diagonal: the predictors repeat each other
PRIOR_SD = 2.5  # of a logistic coefficient, a predictor's standard deviation being 1
INTERCEPT_SD = 10.0
DIGITS = 9  # of a prediction in standard deviations; what differs beyond is rounding
STEP = 1e-3  # Newton steps below this leave the mode within about 1e-6
STEPS = 50


@dataclass(frozen=True, slots=True)
class LinearDraws:
    """mode : (b, p) least squares; coef : (b, p) and sigma : (b,) drawn; ridged : (b,) whether
    predictors repeated each other."""

    mode: Array
    coef: Array
    sigma: Array
    ridged: NDArray[np.bool_]


def linear(
    rng: np.random.Generator, gram: Array, moment: Array, total: Array, rows: int
) -> LinearDraws:
    """Bayesian linear regression under p(θ, σ²) ∝ 1/σ².

    σ*² = RSS / χ²_(n−p), θ* ~ N(θ̂, σ*² (XᵀX)⁻¹); Rubin (1987), p. 167. Where predictors repeat each
    other, one observation's worth of information (the diagonal over n) is added to the diagonal: a
    prior N(0, σ²) for coefficients of standardized predictors, which the data override elsewhere.

    gram : (b, p, p) XᵀX; moment : (b, p) Xᵀy; total : (b,) yᵀy; rows : n > p.
    """
    b, p = moment.shape
    ridged = _weak(gram)
    if ridged.any():
        diagonal = np.arange(p)
        gram = gram.copy()
        gram[:, diagonal, diagonal] += (
            ridged[:, None] * np.maximum(gram[:, diagonal, diagonal], 1) / rows
        )
    inverse = np.linalg.inv(np.linalg.cholesky(gram))  # of L, XᵀX = L Lᵀ
    half = np.matvec(inverse, moment)
    rest = np.maximum(total - np.vecdot(half, half), 0)
    sigma = np.sqrt(rest / rng.chisquare(rows - p, b))
    drawn = half + sigma[:, None] * rng.standard_normal((b, p))
    back = inverse.transpose(0, 2, 1)
    return LinearDraws(np.matvec(back, half), np.matvec(back, drawn), sigma, ridged)


def logistic(
    rng: np.random.Generator, design: Array, outcome: Array, start: Array
) -> tuple[Array, Array]:
    """Bayesian logistic regression: mode and draw, (b, p) each, by the normal approximation
    N(mode, H⁻¹), H the curvature there; Rubin (1987), p. 169.

    Coefficients have the prior N(0, 2.5²), the first one, of the intercept, N(0, 10²): with
    predictors of standard deviation 1 that says little, and keeps the mode finite where a level
    of a predictor has one outcome only.

    design : (b, n, p); outcome : (n,) of 0 and 1; start : (b, p).
    """
    b, _, p = design.shape
    precision = np.full(p, PRIOR_SD**-2.0)
    precision[0] = INTERCEPT_SD**-2.0
    mode = start
    for _ in range(STEPS):
        mu = 1 / (1 + np.exp(-np.matvec(design, mode)))
        score = np.vecmat(outcome - mu, design) - precision * mode
        curvature = (design * (mu * (1 - mu))[:, :, None]).transpose(0, 2, 1) @ design
        curvature[:, np.arange(p), np.arange(p)] += precision
        step = np.linalg.solve(curvature, score[:, :, None])[:, :, 0]
        longest = np.abs(step).max(axis=1, keepdims=True)
        mode = mode + step * np.minimum(1, 5 / np.maximum(longest, STEP))
        if longest.max() < STEP:
            break
    inverse = np.linalg.inv(np.linalg.cholesky(curvature))
    return mode, mode + np.vecmat(rng.standard_normal((b, p)), inverse)


def donors(rng: np.random.Generator, observed: Array, missing: Array, count: int) -> NDArray:
    """For each missing value one of the `count` observed ones with the nearest predictions, by
    chance: (b, k) positions among the observed. Little (1988), J Bus Econ Stat 6:287.

    observed : (b, n), missing : (b, k) predictions. Those that differ by rounding only are equal,
    and of equals the one that stands first is the nearer, whatever the processor.
    """
    b, n = observed.shape
    count = min(count, n)
    scale = observed.std(axis=1, keepdims=True)
    scale[scale == 0] = 1
    observed, missing = (np.round(values / scale, DIGITS) for values in (observed, missing))
    order = np.argsort(observed, axis=1, kind="stable")
    chosen = rng.integers(count, size=missing.shape)
    found = np.empty(missing.shape, np.int64)
    for i in range(b):
        ranked = observed[i, order[i]]
        first = np.clip(np.searchsorted(ranked, missing[i]) - count, 0, n - min(2 * count, n))
        near = first[:, None] + np.arange(min(2 * count, n))
        apart = np.abs(ranked[near] - missing[i][:, None])
        apart = np.round(apart, DIGITS)
        nearest = np.argsort(apart, axis=1, kind="stable")[:, :count]
        picked = np.take_along_axis(near, nearest, axis=1)[np.arange(len(near)), chosen[i]]
        found[i] = order[i, picked]
    return found


def _weak(gram: Array) -> NDArray[np.bool_]:
    """(b,) whether columns repeat each other to rounding."""
    diagonal = np.diagonal(gram, axis1=1, axis2=2)
    try:
        pivots = np.diagonal(np.linalg.cholesky(gram), axis1=1, axis2=2)
        return (pivots**2 < WEAK * diagonal).any(axis=1)
    except np.linalg.LinAlgError:
        scale = 1 / np.sqrt(np.maximum(diagonal, np.finfo(float).tiny))
        return np.linalg.eigvalsh(gram * scale[:, :, None] * scale[:, None, :])[:, 0] < WEAK
