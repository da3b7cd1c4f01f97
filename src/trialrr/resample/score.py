"""Robust score statistics of the arms for many assignments at once, everything else fitted once.

Under the sharp null that the arm changes nothing of anybody, outcomes, follow-up, weights and
imputations are the same whatever the assignment, and so is a model of them without arm. Its
residuals r and information W at the month of interest, and the scores u of its nuisance (months
and covariates), make the score of arm k, with A_ik = 1 for people of that arm,

    S_k = Σ_i A_ik r_i - c_kᵀ Σ_i u_i,  c_k = H⁻¹ Σ_i A_ik W_i n_i,

which is the arm's column less its projection on the nuisance n (weights: information) times the
residuals; H = Σ W n nᵀ over all rows. With s_ik = A_ik r_i - c_kᵀ u_i of each unit that was
randomized, a person or a whole cluster with the sums of its people,

    information I_kl = δ_kl Σ A_ik W_i - c_kᵀ H c_l,   variance Σ_kl = Σ_i s_ik s_il,

the one-step estimate of the arms' effects on the linear predictor is I⁻¹S with the sandwich
I⁻¹ Σ I⁻¹ (Boos 1992, Am Stat 46:327). Sums over people are linear in A: one matrix product does
them for all assignments.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from trialrr.estimate.fit import FitError
from trialrr.resample import newton
from trialrr.resample.cells import Cells, poisson

Array = NDArray[np.float64]

SINGULAR = 1e-10
"""Determinant, relative, below which a matrix is singular but for rounding."""


@dataclass(frozen=True, slots=True)
class Null:
    """A model without arm, as the scores of the arms need it. q = J months + covariates.

    residual : (n,) w (y - μ) at the month of interest; exposure : (n, m) the information W there
    times the columns of the nuisance that are not zero there, the first of them 1, at the places
    `columns` (m,) among the q; scores : (n, q); bread : (q, q); shift : (n, q) what the reference
    arm's people add to their scores where outcomes depend on the arm, or None; chance : probability
    of the reference arm; ratio : what the log risk ratio is per unit of the linear predictor.
    """

    residual: Array
    exposure: Array
    columns: NDArray[np.int64]
    scores: Array
    bread: Array
    shift: Array | None
    chance: float
    ratio: float

    @property
    def meat(self) -> Array:
        """(q, q) Σ u uᵀ; where outcomes depend on the arm, its mean over assignments."""
        treated = self.scores.T @ self.scores
        if self.shift is None:
            return treated
        reference = self.scores + self.shift
        return (1 - self.chance) * treated + self.chance * (reference.T @ reference)

    def summed(self, unit: NDArray[np.int64], units: int) -> "Null":
        """The same with a row for each of `units` instead of a person; unit : (n,) of each."""

        def sums(values: Array) -> Array:
            total = np.zeros((units, *values.shape[1:]))
            np.add.at(total, unit, values)
            return total

        return replace(
            self,
            residual=sums(self.residual),
            exposure=sums(self.exposure),
            scores=sums(self.scores),
            shift=None if self.shift is None else sums(self.shift),
        )


def null(
    family: str,
    outcome: Array,
    weights: Array,
    covariates: Array,
    month: int,
    worst: Array | None = None,
    chance: float = 0.0,
) -> Null:
    """The model of months and covariates, without arm.

    family : `poisson` or `logistic`; outcome : (n, J), 0 to 1, NaN where a row is absent; weights :
    (n,), 0 for people who are not there; covariates : (n, p); month : index of the month of
    interest. worst : (n, J) booleans, rows whose outcome is 1 in the reference arm and 0 in others,
    whatever `outcome` says; the model is fitted to its mean `chance`, the reference arm's share.
    Another month at which nobody has the event, or of a logistic model everybody, has a mean at its
    limit, where its rows say nothing on the rest: it is left out. Raises NoMaximum where the model
    has none.
    """
    if worst is not None:
        outcome = np.where(worst, chance, outcome)
    ends = (0.0, 1.0) if family == "logistic" else (0.0,)
    there = np.where(weights[:, None] > 0, outcome, np.nan)
    limit = [np.isnan(there) | (there == end) for end in ends]
    told = ~np.any([rows.all(axis=0) for rows in limit], axis=0)
    told[month] = True
    outcome, worst = outcome[:, told], None if worst is None else worst[:, told]
    month, (n, visits) = int(told[:month].sum()), outcome.shape
    present = ~np.isnan(outcome) & (weights > 0)[:, None]
    mean, slope = _FAMILIES[family](outcome, weights, covariates, present)
    rows = weights[:, None] * present
    information = rows * slope
    residual = rows * (np.nan_to_num(outcome) - mean)
    shift = None
    if worst is not None:
        moved = rows * worst
        residual = residual - chance * moved
        shift = _totals(moved, covariates)
    q = visits + covariates.shape[1]
    bread = np.zeros((q, q))
    bread[range(visits), range(visits)] = information.sum(axis=0)
    bread[:visits, visits:] = information.T @ covariates
    bread[visits:, :visits] = bread[:visits, visits:].T
    bread[visits:, visits:] = (covariates * information.sum(axis=1)[:, None]).T @ covariates
    people = present.any(axis=1)
    return Null(
        residual[:, month],
        information[:, month, None] * np.hstack([np.ones((n, 1)), covariates]),
        np.array([month, *range(visits, q)]),
        _totals(residual, covariates),
        bread,
        shift,
        chance,
        float(slope[people, month].mean() / mean[people, month].mean()),
    )


def _totals(rows: Array, covariates: Array) -> Array:
    """Σ_j r_ij n_ij of each person, (n, J + p): the months' columns, then the covariates'."""
    return np.hstack([rows, covariates * rows.sum(axis=1)[:, None]])


def _poisson(outcome, weights, covariates, present) -> tuple[Array, Array]:
    cells = Cells(np.zeros(len(outcome), dtype=np.int64), 1, outcome.shape[1], covariates)
    fit = poisson(cells, np.where(present, outcome, np.nan), weights)
    if not fit.everywhere[0]:
        raise NoMaximum(_NO_MAXIMUM.format("Poisson", covariates.shape[1]))
    mean = np.exp(fit.cells[0, 0] + (covariates @ fit.slopes[0])[:, None])
    return mean, mean


def _logistic(outcome, weights, covariates, present) -> tuple[Array, Array]:
    n, visits = outcome.shape
    months = np.tile(np.eye(visits), (n, 1))
    design = np.hstack([months, np.repeat(covariates, visits, axis=0)])
    used = present.ravel()
    fit = newton.logistic(design[used], outcome.ravel()[used], np.repeat(weights, visits)[used])
    if not fit.converged[0]:
        raise NoMaximum(_NO_MAXIMUM.format("logistic", covariates.shape[1]))
    mean = expit(design @ fit.coef[0]).reshape(n, visits)
    return mean, mean * (1 - mean)


_FAMILIES = {"poisson": _poisson, "logistic": _logistic}
_NO_MAXIMUM = (
    "the {} model without arm, on months and {} covariate columns, has no maximum; look for a "
    "month without an event, or leave out covariates that separate outcomes"
)


class NoMaximum(FitError):
    """The model without arm has no maximum, so there is no test of these outcomes."""


@dataclass(frozen=True, slots=True)
class Scores:
    """For B assignments and K arms beside the reference: effects (B, K) on the linear predictor,
    one step from the null; covariance (B, K, K), robust. NaN where an arm has nobody, is told by
    the covariates, or has people whose outcomes do not vary but for rounding."""

    effects: Array
    covariance: Array

    def chi_squared(self, contrasts: Array) -> Array:
        """(B,) robust score χ² of the contrasts (c, K), jointly; c = 1 for one alone."""
        value = self.effects @ contrasts.T
        middle = contrasts @ self.covariance @ contrasts.T
        size = np.diagonal(middle, axis1=1, axis2=2)
        return (value * newton.solve(_regular(middle, size), value)).sum(axis=1)

    def contrast(self, contrast: Array) -> tuple[Array, Array]:
        """(B,) one-step estimates of a contrast (K,), and their z."""
        value = self.effects @ contrast
        variance = np.einsum("k,bkl,l->b", contrast, self.covariance, contrast)
        return value, value / np.sqrt(np.where(variance > 0, variance, np.nan))


@dataclass(frozen=True)
class Statistics:
    """The scores of several nulls side by side: what of them is multiplied with assignments."""

    nulls: Sequence[Null]
    people: NDArray[np.int64]
    columns: Array
    bounds: NDArray[np.int64]

    def __call__(self, active: Array) -> list[Scores]:
        """Scores of each null for assignments `active`, (B, K, n): 1 for the arm's people."""
        draws, arms, _ = active.shape
        totals = active[:, :, self.people].reshape(draws * arms, -1) @ self.columns
        parts = np.split(totals.reshape(draws, arms, -1), self.bounds, axis=2)
        return [_scores(*pair) for pair in zip(self.nulls, parts, strict=True)]


def statistics(nulls: Sequence[Null]) -> Statistics:
    """Columns [r, r², r u, W n, shift] of every null, without people who have no part in any."""
    blocks = []
    for one in nulls:
        r = one.residual[:, None]
        block = [r, r * r, r * one.scores, one.exposure]
        blocks.append(np.hstack(block if one.shift is None else [*block, one.shift]))
    ends = np.cumsum([block.shape[1] for block in blocks])[:-1]
    columns = np.hstack(blocks)
    people = np.flatnonzero(columns.any(axis=1))
    return Statistics(nulls, people, np.ascontiguousarray(columns[people]), ends)


def _scores(one: Null, totals: Array) -> Scores:
    q = len(one.bread)
    own, square, toward, exposure, shift = np.split(
        totals, np.cumsum([1, 1, q, len(one.columns)]), axis=2
    )
    arms = totals.shape[1]
    inverse = np.linalg.inv(one.bread)
    projection = exposure @ inverse[one.columns]  # c_k, (B, K, q)
    nuisance = one.scores.sum(axis=0)
    if one.shift is not None:
        nuisance = nuisance + one.shift.sum(axis=0) - shift.sum(axis=1)
    score = own[:, :, 0] - (projection * nuisance[..., None, :]).sum(axis=2)
    diagonal = np.eye(arms)
    spread = np.matmul(exposure, projection[:, :, one.columns].transpose(0, 2, 1))
    information = diagonal * exposure[:, :, :1] - spread
    cross = np.matmul(projection, toward.transpose(0, 2, 1))
    quadratic = np.matmul(projection @ one.meat, projection.transpose(0, 2, 1))
    variance = diagonal * square - cross - cross.transpose(0, 2, 1) + quadratic
    known = np.diagonal(variance, axis1=1, axis2=2) > SINGULAR * exposure[:, :, 0]
    information = np.where(known.all(axis=1)[:, None, None], information, np.nan)
    inverse = np.linalg.inv(_regular(information, exposure[:, :, 0]))
    effects = np.matmul(inverse, score[:, :, None])[:, :, 0]
    return Scores(effects, inverse @ variance @ inverse)


def _regular(matrices: Array, size: Array) -> Array:
    """The matrices (B, k, k), NaN for those that are singular because an arm has nobody, or is
    told by the covariates. size : (B, k) what their diagonals are measured by."""
    with np.errstate(invalid="ignore"):
        singular = ~(np.linalg.det(matrices) > SINGULAR * size.prod(axis=1))
    return np.where(singular[:, None, None], np.nan, matrices) if singular.any() else matrices


def indicators(arms: NDArray, active: Sequence[int]) -> Array:
    """(B, K, n) 0/1 of assignments (B, n), one row an arm of `active`."""
    return (arms[:, None, :] == np.asarray(active)[:, None]).astype(float)
