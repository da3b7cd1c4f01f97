"""Effect among those who take a treatment if offered, the arm as instrument, covariates adjusted
for: risk difference by two-stage least squares, risk ratio by a multiplicative structural model."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialrr.estimate.adjusted import Estimate, linear_combination, risk_ratio
from trialrr.estimate.fit import FitError, poisson
from trialrr.estimate.sandwich import covariance

Array = NDArray[np.floating]

STEPS = 100
TOLERANCE = 1e-10  # largest estimating function against the sum of absolute terms in it
FAR = 20.0  # a log risk ratio beyond which there is no solution
SINGULAR = 1e14  # condition of the derivative where takers no longer enter it


def two_stage_least_squares(
    assigned: Array,
    took: Array,
    outcome: Array,
    covariates: Array,
    weights: Array,
    clusters: NDArray[Any],
    alpha: float = 0.05,
) -> Estimate:
    """δ of Σ w_i x̃_i (y_i - δ d_i - x_iᵀβ) = 0, x̃ = (z, x): risk difference among compliers.

    assigned : (n,) z, 1 in the arm that is offered the treatment; took : (n,) d; outcome : (n,);
    covariates : (n, q) x, with the intercept; weights : (n,), taken as known; clusters : (n,).
    Covariance A⁻¹ Σ_c (Σ u)(Σ u)ᵀ A⁻ᵀ, A = Σ w x̃ (d, x)ᵀ; z. Without covariates the Wald ratio
    (r₁ - r₀)/P(took). Angrist, Imbens & Rubin (1996), JASA 91:444. Raises FitError if nobody took
    the treatment or covariates repeat each other.
    """
    instruments, regressors = _beside(assigned, covariates), _beside(took, covariates)
    bread = _regular((instruments * weights[:, None]).T @ regressors)
    coef = np.linalg.solve(bread, instruments.T @ (weights * outcome))
    scores = instruments * (weights * (outcome - regressors @ coef))[:, None]
    matrix = covariance(np.linalg.solve(bread, scores.T).T, clusters)
    return linear_combination(_first(coef), coef, matrix, alpha)


def multiplicative_structural_mean(
    assigned: Array,
    took: Array,
    outcome: Array,
    covariates: Array,
    weights: Array,
    clusters: NDArray[Any],
    alpha: float = 0.05,
) -> Estimate:
    """exp(ψ) of Σ w_i x̃_i {y_i exp(-ψ d_i) - exp(x_iᵀβ)} = 0, x̃ = (z, x): risk ratio among those
    who took the treatment.

    y exp(-ψ d) is on average what would have been seen untreated, and that does not depend on the
    arm. Arguments as `two_stage_least_squares`, outcome 0/1; std_error on the log scale. Robins
    (1994), Commun Stat 23:2379; Hernán & Robins (2006), Epidemiology 17:360; Clarke, Palmer &
    Windmeijer (2015), Stat Sci 30:96. Raises FitError where no ψ solves the equations: then no
    positive risk is left for takers without treatment, or none of them has an event.
    """
    instruments = _beside(assigned, covariates)

    def functions(theta: Array) -> tuple[Array, Array]:
        """(n, 1 + q) estimating functions, and minus their summed derivative."""
        untreated, mean = outcome * np.exp(-theta[0] * took), np.exp(covariates @ theta[1:])
        slope = np.column_stack([untreated * took, mean[:, None] * covariates])
        scores = instruments * (weights * (untreated - mean))[:, None]
        return scores, (instruments * weights[:, None]).T @ slope

    theta = _solved(functions, _start(assigned, took, outcome, covariates, weights))
    scores, bread = functions(theta)
    matrix = covariance(np.linalg.solve(bread, scores.T).T, clusters)
    unit = _first(theta)
    return risk_ratio(unit, np.zeros_like(unit), theta, matrix, alpha)


def _start(
    assigned: Array, took: Array, outcome: Array, covariates: Array, weights: Array
) -> Array:
    """ψ without covariates, and β given it."""
    one, other = (weights * (assigned == a) / (weights @ (assigned == a)) for a in (1, 0))
    of_takers, left = one @ (took * outcome), other @ outcome - one @ ((1 - took) * outcome)
    if of_takers <= 0:
        raise FitError(
            "nobody who took the treatment has an event, so the risk ratio among compliers is 0, "
            "which has no logarithm and no interval; report the counts"
        )
    psi = np.log(of_takers / left) if left > 0 else 0.0
    beta = poisson(outcome * np.exp(-psi * took), covariates, weights).coef
    return np.concatenate([[psi], beta])


def _solved(functions: Callable[[Array], tuple[Array, Array]], theta: Array) -> Array:
    """Newton's method, steps halved until the equations are nearer to 0."""
    scores, bread = functions(theta)
    _regular(bread)
    for _ in range(STEPS):
        total = scores.sum(axis=0)
        size = np.maximum(np.abs(scores).sum(axis=0), 1e-300)
        if (np.abs(total) <= TOLERANCE * size).all():
            return theta
        if np.linalg.cond(bread) > SINGULAR:
            break
        step, distance = np.linalg.solve(bread, total), np.linalg.norm(total)
        for halving in range(30):
            moved = theta + step / 2**halving
            with np.errstate(over="ignore", invalid="ignore"):
                found = np.linalg.norm(functions(moved)[0].sum(axis=0))
            if found < distance:
                break
        theta = moved
        if not np.isfinite(theta).all() or abs(theta[0]) > FAR:
            break
        scores, bread = functions(theta)
    raise FitError(
        "no risk ratio solves the structural mean equations: given covariates those who did not "
        "take the treatment have as many events as all of the reference arm can hold, so exclusion "
        "does not hold here"
    )


def _regular(matrix: Array) -> Array:
    rank = np.linalg.matrix_rank(matrix)
    if rank < len(matrix):
        raise FitError(
            f"{len(matrix)} equations of rank {rank}: nobody of the arm took the treatment, or "
            "covariates are constant or repeat each other among these people; leave them out"
        )
    return matrix


def _beside(first: Array, covariates: Array) -> Array:
    return np.column_stack([first, covariates])


def _first(coef: Array) -> Array:
    unit = np.zeros_like(coef)
    unit[0] = 1.0
    return unit
