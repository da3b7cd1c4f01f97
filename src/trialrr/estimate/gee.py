"""Poisson estimating equations of repeated 0/1 outcomes, exchangeable within a person."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialrr.estimate.columns import units
from trialrr.estimate.fit import GRADIENT_TOLERANCE, ROUNDING, FitError, modified_poisson

Array = NDArray[np.floating]

ITERATIONS = 100  # steps of the coefficients, each at its own correlation


class TooFewPairs(FitError, ValueError):
    """Too few people have two rows for a correlation between them."""


@dataclass(frozen=True, slots=True)
class GeeFit:
    """A converged fit of n rows and p columns, people in any order.

    coef : (p,); design : (n, p); mu : (n,) fitted means; weights : (n,); alpha : correlation within
    a person; scale : Pearson's dispersion φ (it cancels from the sandwich and is not in the bread);
    scores : (n, p), w_i z_i μ_i (V⁻¹r)_i, whose sum over the rows of a person is w DᵀV⁻¹r;
    bread : (p, p), Σ w DᵀV⁻¹D.
    """

    coef: Array
    design: Array
    mu: Array
    weights: Array
    alpha: float
    scale: float
    scores: Array
    bread: Array


def gee_poisson_exchangeable(
    response: Array, design: Array, people: NDArray[Any], weights: Array | None = None
) -> GeeFit:
    """Solve Σ_c w_c DᵀV⁻¹(y - μ) = 0 with log μ = Zβ and V = A^½ R(α) A^½, A = diag μ, R of ones
    with α off the diagonal; α from the pairs of Pearson residuals of a person, at each step.

    φ = Σ w r²/{Σ w (n - p)/n}, α = Σ w r_j r_k / {φ Σ w pairs (N - p)/N} over the N pairs j < k of
    one person. Liang & Zeger (1986), Biometrika 73:13, section 4. With α = 0 these are the scores
    and bread of `modified_poisson`.

    response : (n,); design : (n, p); people : (n,) labels that sort; weights : (n,), one value a
    person, or None for ones. Raises FitError when the equations are not solved or R(α) is no
    correlation matrix, TooFewPairs when too few people have two rows; ValueError when a person's
    rows differ in weight, and on shapes or values that make no sense.
    """
    if ((unit := units(np.asarray(design, float))) != 1).any():
        found = gee_poisson_exchangeable(response, design / unit, people, weights)
        return replace(
            found,
            coef=found.coef / unit,
            design=found.design * unit,
            scores=found.scores * unit,
            bread=found.bread * np.outer(unit, unit),
        )
    start = modified_poisson(response, design, weights)
    y, z, w = np.asarray(response, float), start.design, start.weights
    _, person, count = _people(people, w)
    coef = start.coef
    for _ in range(ITERATIONS):
        with np.errstate(all="ignore"):  # of coefficients that run away
            mu = np.exp(z @ coef)
            alpha, scale = _moments((y - mu) / np.sqrt(mu), person, count, w, z.shape[1])
        if not (np.isfinite([alpha, scale, *mu]).all() and mu.min() > 0):
            break
        _check(alpha, count)
        scores = exchangeable_scores(y - mu, z, mu, person, alpha, w)
        bread = exchangeable_bread(z, mu, person, alpha, w)
        gradient, size = np.abs(scores.sum(axis=0)), np.abs(scores).sum(axis=0)
        if not np.isfinite(gradient).all():
            break
        if (gradient <= GRADIENT_TOLERANCE * np.maximum(size, 1)).all():
            return GeeFit(coef, z, mu, w, alpha, scale, scores, bread)
        coef = coef + np.linalg.solve(bread, scores.sum(axis=0))
    raise FitError(
        f"exchangeable Poisson equations of {len(y)} rows of {len(count)} people did not converge "
        f"in {ITERATIONS} steps; use working independence"
    )


def exchangeable_scores(
    residual: Array, design: Array, mu: Array, people: NDArray[Any], alpha: float, weights: Array
) -> Array:
    """s_i = w_i z_i μ_i (V⁻¹r)_i with V⁻¹ = A^(-½) R⁻¹ A^(-½), R⁻¹u = (u - τ Σu)/(1 - α),
    τ = α/{1 + (m-1)α} for a person of m rows: (n, p).

    residual, mu, weights : (n,); design : (n, p); people : (n,) labels that sort.
    """
    root = np.sqrt(mu)
    whitened = _whiten((residual / root)[:, None], people, alpha)[:, 0]
    return (weights * root * whitened)[:, None] * design


def exchangeable_bread(
    design: Array, mu: Array, people: NDArray[Any], alpha: float, weights: Array
) -> Array:
    """Σ_c w_c DᵀV⁻¹D with D = diag(μ) Z: (p, p). Arguments of `exchangeable_scores`."""
    slope = np.sqrt(mu)[:, None] * design
    return (slope * weights[:, None]).T @ _whiten(slope, people, alpha)


def _whiten(values: Array, people: NDArray[Any], alpha: float) -> Array:
    """R⁻¹ applied to the rows of each person: (n, k) from (n, k)."""
    _, person, count = np.unique(people, return_inverse=True, return_counts=True)
    totals = np.zeros((len(count), values.shape[1]))
    np.add.at(totals, person, values)
    share = alpha / (1 + (count - 1) * alpha)
    return (values - (share[:, None] * totals)[person]) / (1 - alpha)


def _moments(
    pearson: Array,
    person: NDArray[np.intp],
    count: NDArray[np.intp],
    weights: Array,
    parameters: int,
) -> tuple[float, float]:
    """Correlation α and dispersion φ."""
    n, pairs = len(pearson), count * (count - 1) / 2
    if pairs.sum() <= parameters:
        raise TooFewPairs(
            f"{int(pairs.sum())} pairs of rows of one person and {parameters} coefficients: too "
            "few to estimate a correlation; use working independence"
        )
    if n <= parameters:
        raise TooFewPairs(
            f"{n} rows and {parameters} coefficients: nothing is left to estimate the dispersion; "
            "use working independence"
        )
    squares = np.bincount(person, weights=pearson**2)
    totals = np.bincount(person, weights=pearson)
    of_person = np.bincount(person, weights=weights) / count
    scale = of_person @ squares / (of_person @ count * (n - parameters) / n)
    if scale <= ROUNDING:
        raise FitError(
            "the outcomes do not differ from their fitted means, so no correlation within a person "
            "can be estimated; use working independence"
        )
    products = of_person @ (totals**2 - squares) / 2
    all_pairs = pairs.sum()
    alpha = products / scale / (of_person @ pairs * (all_pairs - parameters) / all_pairs)
    return float(alpha), float(scale)


def _people(
    people: NDArray[Any], weights: Array
) -> tuple[NDArray[Any], NDArray[np.intp], NDArray[np.intp]]:
    """Labels, position of each row's person among them, and number of rows of each person."""
    people = np.asarray(people)
    if people.shape != weights.shape:
        raise ValueError(f"{len(weights)} rows but {len(people)} labels of people")
    labels, person, count = np.unique(people, return_inverse=True, return_counts=True)
    mean = np.bincount(person, weights=weights) / count
    differs = ~np.isclose(weights, mean[person], rtol=1e-10, atol=0)
    if differs.any():
        raise ValueError(
            f"the rows of {labels[person[differs][0]]} differ in weight; the exchangeable "
            "equations take one weight a person"
        )
    return labels, person, count


def _check(alpha: float, count: NDArray[Any]) -> None:
    lowest = -1 / (count.max() - 1)
    if not lowest < alpha < 1:
        raise FitError(
            f"the correlation within a person came out outside ({lowest:.3g}, 1): no exchangeable "
            "correlation matrix; use working independence"
        )
