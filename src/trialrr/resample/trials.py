"""Simulated trials of the people of a real one: scores at follow-up, and who is seen when.

The reduction in score of person i at visit j is

    d_ij = m_j + x_iᵀβ + δ 1{arm active} + u_i + v_c + e_ij,

all normal; v_c, the cluster's effect, is there in nested arms only, whose u_i has as much less
variance, so that all arms have one distribution where δ = 0. m, β, the person's and the residual
variance are those of the reference arm, the variance of v_c is that between clusters of the
nested arms. Whether somebody is seen depends on arm and covariates by the response model, at which
visits on the arm alone: outcomes are missing at random.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from trialrr.estimate.fit import FitError
from trialrr.resample.cells import Cells, poisson

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ScoreModel:
    """mean : (n, J) reduction expected in the reference arm; person_sd, cluster_sd, residual_sd :
    points; clusters are those of nested arms."""

    mean: Array
    person_sd: float
    cluster_sd: float
    residual_sd: float

    @property
    def sd(self) -> float:
        """Of a reduction given the covariates, in every arm."""
        return float(np.hypot(self.person_sd, self.residual_sd))


@dataclass(frozen=True, slots=True)
class VisitPatterns:
    """seen : (n,) probability of any follow-up; patterns : (2^J - 1, J) booleans, the sets of
    visits that a person seen may have; shares : (A, 2^J - 1) of them by arm."""

    seen: Array
    patterns: NDArray[np.bool_]
    shares: Array


@dataclass(frozen=True, slots=True)
class Trials:
    """reduction : (B, n, J); observed : (B, n, J) booleans, where it is known."""

    reduction: Array
    observed: NDArray[np.bool_]


def score_model(
    reduction: Array, covariates: Array, reference: NDArray[np.bool_], cluster: NDArray
) -> ScoreModel:
    """The model of `reduction` (n, J), NaN where missing.

    covariates : (n, q) without an intercept; reference : (n,) people of the reference arm; cluster
    : (n,) label, -1 for people of arms that are not nested. Means by least squares in the reference
    arm; there the person's variance is the mean product of two residuals of a person (0 at least),
    the rest the residual's. The cluster's variance is the ANOVA estimate from people's mean
    residuals in the nested arms (Donner & Klar 2000, Design and analysis of cluster randomization
    trials, section 6.1), between 0 and the person's. Raises FitError with fewer rows than
    parameters, or without two visits of one person.
    """
    visits = reduction.shape[1]
    coef, residual, rows = _least_squares(reduction[reference], covariates[reference])
    if rows <= len(coef):
        raise FitError(
            f"the reference arm has {rows} observed visits for {len(coef)} parameters, so no "
            "trials like it can be simulated; adjust for fewer covariates"
        )
    total = (residual**2).sum() / (rows - len(coef))
    count = (~np.isnan(reduction[reference])).sum(axis=1)
    pairs = (count * (count - 1)).sum()
    if not pairs:
        raise FitError("nobody of the reference arm was seen twice, so no variance of persons")
    person = (residual.sum(axis=1) ** 2 - (residual**2).sum(axis=1)).sum() / pairs
    person = float(np.clip(person, 0, total))
    between = 0.0
    nested = cluster >= 0
    if nested.any():
        between = _between(reduction[nested], covariates[nested], cluster[nested])
    mean = coef[:visits] + (covariates @ coef[visits:])[:, None]
    return ScoreModel(
        mean, np.sqrt(person), np.sqrt(np.clip(between, 0, person)), np.sqrt(total - person)
    )


def _least_squares(reduction: Array, covariates: Array) -> tuple[Array, Array, int]:
    """Coefficients of visits, then covariates; residuals (n, J), 0 where missing; rows."""
    n, visits = reduction.shape
    known = ~np.isnan(reduction)
    design = np.hstack([np.tile(np.eye(visits), (n, 1)), np.repeat(covariates, visits, axis=0)])
    design, y = design[known.ravel()], reduction[known]
    coef = np.linalg.lstsq(design, y, rcond=None)[0]
    residual = np.zeros(reduction.shape)
    residual[known] = y - design @ coef
    return coef, residual, len(y)


def _between(reduction: Array, covariates: Array, cluster: NDArray) -> float:
    """(MSB - MSW)/m₀ of people's mean residuals, m₀ = {N - Σ m_c²/N}/(C - 1)."""
    _, residual, _ = _least_squares(reduction, covariates)
    count = (~np.isnan(reduction)).sum(axis=1)
    seen = count > 0
    mean = residual[seen].sum(axis=1) / count[seen]
    _, index, size = np.unique(cluster[seen], return_inverse=True, return_counts=True)
    if len(size) < 2 or len(mean) <= len(size):
        return 0.0
    centre = np.bincount(index, mean) / size
    msb = (size * (centre - mean.mean()) ** 2).sum() / (len(size) - 1)
    msw = ((mean - centre[index]) ** 2).sum() / (len(mean) - len(size))
    m0 = (len(mean) - (size**2).sum() / len(mean)) / (len(size) - 1)
    return float((msb - msw) / m0)


def visit_model(
    seen: Array, observed: NDArray[np.bool_], arm: NDArray[np.int64], arms: int
) -> VisitPatterns:
    """seen : (n,) probability of any follow-up; observed : (n, J); the shares of each set of visits
    are those of the people seen in the arm. Raises FitError for an arm of which nobody was."""
    visits = observed.shape[1]
    key = observed @ (1 << np.arange(visits))
    patterns = (np.arange(1, 2**visits)[:, None] >> np.arange(visits)) & 1 == 1
    counts = np.array([np.bincount(key[arm == a], minlength=2**visits)[1:] for a in range(arms)])
    if (counts.sum(axis=1) == 0).any():
        raise FitError("an arm has nobody who was seen, so no visits can be simulated for it")
    return VisitPatterns(seen, patterns, counts / counts.sum(axis=1, keepdims=True))


def draw(
    rng: np.random.Generator,
    trials: int,
    scores: ScoreModel,
    visits: VisitPatterns,
    arm: NDArray[np.int64],
    shift: Array,
    cluster: NDArray[np.int64],
) -> Trials:
    """arm : (n,) indices; shift : (A,) δ of each arm, points; cluster : (n,), 0…C-1 in nested arms,
    -1 elsewhere."""
    n, months = scores.mean.shape
    nested = cluster >= 0
    own = np.where(nested, np.sqrt(scores.person_sd**2 - scores.cluster_sd**2), scores.person_sd)
    person = rng.standard_normal((trials, n)) * own
    effects = rng.standard_normal((trials, int(cluster.max(initial=-1)) + 1)) * scores.cluster_sd
    person[:, nested] += effects[:, cluster[nested]]
    reduction = rng.standard_normal((trials, n, months)) * scores.residual_sd
    reduction += person[:, :, None]
    reduction += scores.mean + shift[arm][:, None]
    seen = rng.random((trials, n)) < visits.seen
    uniform = rng.random((trials, n))
    pattern = np.empty((trials, n), np.int64)
    for a, shares in enumerate(visits.shares):
        limits = np.cumsum(shares)[:-1]
        pattern[:, arm == a] = np.searchsorted(limits, uniform[:, arm == a], side="right")
    return Trials(reduction, visits.patterns[pattern] & seen[:, :, None])


def target(
    scores: ScoreModel,
    cutoff: Array,
    covariates: Array,
    arms: int,
    shift: Array,
) -> Array:
    """(A, J) log risks that the outcome model has in an endless trial with nobody missing, at
    covariates 0: contrasts of one visit are the same at any covariates.

    Everybody is put into each arm, as randomization does in the long run, with the probability of
    response P(d_ij ≥ c_i) = Φ((mean_ij + δ_a - c_i)/SD) as outcome: the estimating equations are
    linear in it, so this is their limit, without Monte Carlo error. cutoff : (n,), NaN for people
    without a responder, who are left out; covariates : (n, q) of the outcome model.
    """
    defined = ~np.isnan(cutoff)
    margin = scores.mean[defined] - cutoff[defined, None]
    outcome = np.concatenate([ndtr((margin + shift[a]) / scores.sd) for a in range(arms)])
    arm = np.repeat(np.arange(arms), len(margin))
    cells = Cells(arm, arms, margin.shape[1], np.tile(covariates[defined], (arms, 1)))
    fits = poisson(cells, outcome)
    if not fits.everywhere[0]:
        raise FitError("the outcome model has no solution in the simulated population")
    return fits.cells[0]
