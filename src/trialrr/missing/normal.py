"""Multivariate normal scores with arbitrary gaps: maximum likelihood by EM for many weighted
samples at once, and draws from the posterior by data augmentation for many chains at once.

The variables are whatever stands in the columns, as a rule the score at baseline and at each visit
of one arm; complete covariates may stand before them. Schafer (1997), Analysis of Incomplete
Multivariate Data, ch. 5.
"""

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialrr.estimate.fit import FitError

Array = NDArray[np.float64]

ITERATIONS = 1000
TOLERANCE = 1e-10
"""Largest change of EM in means, in standard deviations, and in correlations."""
SINGULAR = 1e-8
"""A smallest eigenvalue of correlations below it means that scores determine each other."""


@dataclass(frozen=True, slots=True)
class Normal:
    """B normal distributions of p variables. mean : (B, p); covariance : (B, p, p)."""

    mean: Array
    covariance: Array


@dataclass(frozen=True, slots=True)
class Pattern:
    """People with the same gaps. rows : (k,) positions; observed, missing : columns."""

    rows: NDArray[np.int64]
    observed: NDArray[np.int64]
    missing: NDArray[np.int64]


def patterns(scores: Array) -> list[Pattern]:
    """The people of scores (n, p), NaN where missing, by what is missing."""
    kinds, index = np.unique(np.isnan(scores), axis=0, return_inverse=True)
    index = index.ravel()
    return [
        Pattern(np.flatnonzero(index == k), np.flatnonzero(~gaps), np.flatnonzero(gaps))
        for k, gaps in enumerate(kinds)
    ]


def conditional(covariance: Array, given: NDArray, target: NDArray) -> tuple[Array, Array]:
    """Regression of some variables on others under covariances (B, p, p): slopes
    Σ_gg⁻¹ Σ_gt, (B, g, t), and residual covariance Σ_tt - Σ_tg Σ_gg⁻¹ Σ_gt, (B, t, t). NaN where
    Σ_gg is singular."""
    gg, gt = (covariance[:, given[:, None], columns] for columns in (given, target))
    try:
        slopes = np.linalg.solve(gg, gt)
    except np.linalg.LinAlgError:
        slopes = np.full_like(gt, np.nan)
        for b, (one, other) in enumerate(zip(gg, gt, strict=True)):
            with suppress(np.linalg.LinAlgError):
                slopes[b] = np.linalg.solve(one, other)
    residual = covariance[:, target[:, None], target] - gt.transpose(0, 2, 1) @ slopes
    return slopes, residual


def maximum_likelihood(
    scores: Array, weights: Array | None = None
) -> tuple[Normal, NDArray[np.bool_]]:
    """EM on each of B weighted samples of the same people: the estimates and which converged.

    An iteration needs only the weighted moments of what each pattern has observed, so its time does
    not grow with the number of people. E step: moments of (1, y) with the missing y replaced by
    their regression on the observed ones, plus residual covariances; M step: mean and covariance
    from these moments, divisor the sum of weights. Schafer (1997), §5.3.

    scores : (n, p), NaN where missing; weights : (B, n), how often each person is there, or None
    for once each. A sample in which a variable is never seen, or whose covariance becomes singular,
    is not converged and has no finite estimate.
    """
    weights = np.ones((1, len(scores))) if weights is None else np.asarray(weights, float)
    parts = [
        (p, _moments(weights[:, p.rows], scores[p.rows][:, p.observed])) for p in patterns(scores)
    ]
    now = _marginal(scores, weights)
    converged = np.zeros(len(weights), bool)
    with np.errstate(invalid="ignore", divide="ignore"):
        for _ in range(ITERATIONS):
            before, now = now, _expected(parts, now)
            sd = np.sqrt(np.diagonal(now.covariance, axis1=1, axis2=2))
            moved = np.abs(now.mean - before.mean) / sd
            turned = np.abs(now.covariance - before.covariance) / (sd[:, :, None] * sd[:, None])
            converged = np.maximum(moved.max(axis=1), turned.max(axis=(1, 2))) < TOLERANCE
            if (converged | ~np.isfinite(now.mean).all(axis=1)).all():
                break
    return now, converged & _regular(now.covariance)


def posterior(
    rng: np.random.Generator, scores: Array, chains: int, burn_in: int, where: str = ""
) -> Normal:
    """One draw of mean and covariance from each of `chains` independent chains of data
    augmentation, under Jeffreys' prior |Σ|^(-(p+1)/2).

    Each chain starts at the maximum of the likelihood and does `burn_in` iterations: impute the
    missing scores given the parameters, then with mean ȳ and S = Σ (y-ȳ)(y-ȳ)ᵀ of the n completed
    people draw Σ ~ W⁻¹(n-1, S⁻¹) and μ ~ N(ȳ, Σ/n). Schafer (1997), §5.4.2.

    scores : (n, p), NaN where missing; where : names the people in messages. Raises FitError for
    fewer than p + 1 people, and where the likelihood has no maximum.
    """
    n, p = scores.shape
    maximum, converged = maximum_likelihood(scores)
    if n <= p or not converged[0]:
        seen = ", ".join(map(str, (~np.isnan(scores)).sum(axis=0)))
        raise FitError(
            f"{where}: no normal model of {p} scores can be fitted to {n} people, of whom {seen} "
            "have them; leave out a visit that hardly anybody attended, or use another analysis"
        )
    now = Normal(np.repeat(maximum.mean, chains, 0), np.repeat(maximum.covariance, chains, 0))
    whole = ~np.isnan(scores).any(axis=1)
    fixed = _moments(np.ones((1, int(whole.sum()))), scores[whole])
    gaps = [pattern for pattern in patterns(scores) if len(pattern.missing)]
    bounds = np.cumsum([0, *(len(pattern.rows) for pattern in gaps)])
    filled = np.ones((chains, bounds[-1], 1 + p))
    for pattern, first, last in zip(gaps, bounds, bounds[1:], strict=False):
        filled[:, first:last, 1:] = scores[pattern.rows]
    for _ in range(burn_in):
        for pattern, first, last in zip(gaps, bounds, bounds[1:], strict=False):
            slopes, residual = conditional(now.covariance, pattern.observed, pattern.missing)
            drawn = scores[pattern.rows][:, pattern.observed] @ slopes
            drawn += _intercept(now.mean, pattern, slopes)[:, None]
            noise = rng.standard_normal(drawn.shape)
            drawn += noise @ np.linalg.cholesky(residual).transpose(0, 2, 1)
            filled[:, first:last, 1 + pattern.missing] = drawn
        now = _drawn(rng, fixed + filled.transpose(0, 2, 1) @ filled)
    return now


def _drawn(rng: np.random.Generator, moments: Array) -> Normal:
    """Mean and covariance from their posterior given moments (B, 1 + p, 1 + p) of (1, y).

    S = C Cᵀ, and with Bartlett's triangle A of a standard Wishart matrix of n-1 degrees of freedom
    Σ = M Mᵀ, M = C A⁻ᵀ.
    """
    chains, p = len(moments), moments.shape[1] - 1
    n = moments[:, :1, 0]
    mean = moments[:, 0, 1:] / n
    scatter = moments[:, 1:, 1:] - n[:, :, None] * mean[:, :, None] * mean[:, None]
    triangle = np.tril(rng.standard_normal((chains, p, p)), -1)
    degrees = n - 1 - np.arange(p)
    triangle[:, np.arange(p), np.arange(p)] = np.sqrt(rng.chisquare(degrees))
    root = np.linalg.solve(triangle, np.linalg.cholesky(scatter).transpose(0, 2, 1))
    root = root.transpose(0, 2, 1)
    mean = mean + np.matvec(root, rng.standard_normal((chains, p))) / np.sqrt(n)
    return Normal(mean, root @ root.transpose(0, 2, 1))


def _moments(weights: Array, values: Array) -> Array:
    """Σ w z zᵀ of z = (1, y): (B, 1 + o, 1 + o) from weights (B, k) and values (k, o)."""
    z = np.hstack([np.ones((len(values), 1)), values])
    return (weights[:, :, None] * z).transpose(0, 2, 1) @ z


def _regular(covariance: Array) -> NDArray[np.bool_]:
    """(B,) whether a covariance is finite and has an inverse."""
    sd = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = covariance / (sd[:, :, None] * sd[:, None])
    finite = np.isfinite(correlation).all(axis=(1, 2))
    finite[finite] = np.linalg.eigvalsh(correlation[finite])[:, 0] > SINGULAR
    return finite


def _marginal(scores: Array, weights: Array) -> Normal:
    """Means and variances of what is observed, uncorrelated: where EM starts."""
    seen, values = (~np.isnan(scores)).astype(float), np.nan_to_num(scores)
    with np.errstate(invalid="ignore", divide="ignore"):
        people = weights @ seen
        mean = weights @ values / people
        variance = weights @ values**2 / people - mean**2
    return Normal(mean, variance[:, :, None] * np.eye(scores.shape[1]))


def _expected(parts: list[tuple[Pattern, Array]], now: Normal) -> Normal:
    """One iteration of EM from the moments of what each pattern has observed."""
    b, p = now.mean.shape
    total = np.zeros((b, 1 + p, 1 + p))
    for pattern, moments in parts:
        slopes, residual = conditional(now.covariance, pattern.observed, pattern.missing)
        kept, made = 1 + pattern.observed, 1 + pattern.missing
        carry = np.zeros((b, 1 + len(kept), 1 + p))
        carry[:, 0, 0] = 1
        carry[:, np.arange(1, 1 + len(kept)), kept] = 1
        carry[:, 0, made] = _intercept(now.mean, pattern, slopes)
        carry[:, 1:, made] = slopes
        total += carry.transpose(0, 2, 1) @ moments @ carry
        total[:, made[:, None], made] += moments[:, :1, :1] * residual
    people = total[:, :1, 0]
    mean = total[:, 0, 1:] / people
    return Normal(mean, total[:, 1:, 1:] / people[:, :, None] - mean[:, :, None] * mean[:, None])


def _intercept(mean: Array, pattern: Pattern, slopes: Array) -> Array:
    """(B, m) μ_m - μ_o slopes."""
    return mean[:, pattern.missing] - np.vecmat(mean[:, pattern.observed], slopes)
