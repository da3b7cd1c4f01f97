"""Scores of one outcome imputed many times, the responders they make, and the outcome model.

What multiple imputation and delta adjustment share. Imputations come in blocks of a fixed size with
a stream for each block and arm, so that imputation 17 is the same whoever asks for it.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtri

from trialrr.analyses.missing.entries import MultipleImputation
from trialrr.analyses.procedure.arm_support import ArmSupport
from trialrr.analyses.procedure.arrays import arrays, contrast_indices
from trialrr.analyses.procedure.data import TrialData, cutoff
from trialrr.analyses.procedure.designs import with_own_baseline
from trialrr.design.matrix import Design, covariate_columns
from trialrr.estimate.fit import FitError
from trialrr.missing.chained import Chains, Variable, impute
from trialrr.missing.pattern_mixture import reaches
from trialrr.missing.rubin import Pooled, imputations_needed, pool
from trialrr.plan import Covariate, Plan
from trialrr.resample.cells import CellFits, Cells, covariance, poisson
from trialrr.seeds import stream

Array = NDArray[np.float64]

SIZE = 10
"""Imputations in a block."""


@dataclass(frozen=True, slots=True)
class ScoreData:
    """The n people for whom a responder is defined, J visits.

    score : (n, J) at follow-up, responder : (n, J), NaN where missing; baseline, cutoff : (n,)
    score, and reduction that makes a responder; at : (q,) covariate means; df : clusters less
    parameters.
    """

    cells: Cells
    cluster: NDArray[np.int64]
    at: Array
    score: Array
    responder: Array
    baseline: Array
    cutoff: Array
    predictors: Array
    variables: tuple[Variable, ...]
    df: int

    @property
    def missing(self) -> NDArray[np.bool_]:
        return np.isnan(self.score)

    def support(self, plan: Plan) -> ArmSupport:
        """What stands behind its estimates."""
        cells, arms = self.cells, tuple(a.id for a in plan.arms)
        parameters = cells.arms * cells.visits + len(self.at)
        return ArmSupport(cells.arm, self.cluster, arms, parameters)


@dataclass(frozen=True, slots=True)
class RiskFits:
    """log_risk : (b, A, J) at the covariate means, NaN where a fit does not exist, -∞ in a cell
    without an event; covariance : (b, AJ, AJ) of them; slopes : (b, q)."""

    log_risk: Array
    covariance: Array
    slopes: Array


def trial(entry: MultipleImputation, outcome: str, plan: Plan, data: TrialData) -> ScoreData:
    """Arrays of the outcome, and the variables of the entry's imputation model: the plan's, the
    outcome's own baseline, the auxiliary ones, and the scores of all visits."""
    own = arrays(with_own_baseline(plan.models.adjusted, outcome, plan), outcome, plan, data)
    people = np.flatnonzero(own.defined)
    design = own.covariates.take(people)
    cells = Cells(own.arm[people], len(plan.arms), len(plan.months), design.values)
    score = own.baseline[people, None] - own.reduction[people]
    baseline = plan.outcome(outcome).baseline
    ids = dict.fromkeys((*plan.models.imputation, *entry.auxiliary))
    ids.pop(baseline, None)
    variables = [_variable(data.people.iloc[people], plan.covariate(id)) for id in ids]
    complete = [v for v in variables if isinstance(v, Design)]
    predictors = np.hstack([own.baseline[people, None], *(d.values for d in complete)])
    months = [Variable(month_name(m), y) for m, y in zip(plan.months, score.T, strict=True)]
    incomplete = [v for v in variables if isinstance(v, Variable)]
    cluster = own.cluster[people]
    clusters, parameters = len(np.unique(cluster)), cells.arms * cells.visits + len(design.names)
    if clusters <= parameters:
        raise FitError(
            f"analysis {entry.id}, outcome {outcome}: {clusters} clusters for an outcome model of "
            f"{parameters} parameters leave no degrees of freedom; adjust for fewer covariates"
        )
    return ScoreData(
        cells,
        cluster,
        design.values.mean(axis=0),
        score,
        own.responder[people],
        own.baseline[people],
        cutoff(data, plan, outcome)[people],
        predictors,
        (*incomplete, *months),
        clusters - parameters,
    )


def month_name(month: str) -> str:
    return f"score at month {month}"


def _variable(people: pd.DataFrame, covariate: Covariate) -> Design | Variable:
    """A covariate as complete columns, or as a variable to impute."""
    columns = covariate_columns(people, [covariate], fill=False)
    lacking = np.isnan(columns.values).any(axis=1)
    if not lacking.any():
        return columns
    if covariate.reference is None:
        values = columns.values[:, 0]
        binary = len(np.unique(values[~lacking])) <= 2
        return Variable(covariate.id, values, categorical=binary)
    level = columns.values @ np.arange(1, len(columns.names) + 1)
    return Variable(covariate.id, level, categorical=True)


def scores(
    trial: ScoreData, entry: MultipleImputation, outcome: str, plan: Plan, block: int
) -> tuple[Array, list[Chains]]:
    """(SIZE, n, J) scores, observed ones in their place, and the chains of each arm."""
    filled = np.repeat(trial.score[None], SIZE, axis=0)
    chains = []
    for a, arm in enumerate(plan.arms):
        rows = np.flatnonzero(trial.cells.arm == a)
        rng = stream(plan.seed, entry.id, outcome, "imputation", arm.id, f"{block:05d}")
        made = impute(
            rng,
            trial.predictors[rows],
            [Variable(v.name, v.values[rows], v.categorical) for v in trial.variables],
            SIZE,
            entry.iterations,
            entry.imputer,
            f"analysis {entry.id}, outcome {outcome}, arm {arm.id}",
        )
        for j, month in enumerate(plan.months):
            if month_name(month) in made.values:
                lacking = rows[np.isnan(trial.score[rows, j])]
                filled[:, lacking, j] = made.values[month_name(month)]
        chains.append(made)
    return filled, chains


def responders(trial: ScoreData, filled: Array, shift: Array | float = 0.0) -> Array:
    """0/1 outcomes (…, n, J): as observed, else whether the reduction from baseline of the imputed
    score plus `shift`, points, reaches the cutoff."""
    reached = reaches((trial.baseline - trial.cutoff)[:, None] - filled, shift)
    return np.where(trial.missing, reached, trial.responder)


def fit(trial: ScoreData, outcome: Array, start: Array | None = None) -> RiskFits:
    """Modified Poisson fits of outcomes (b, n, J) with their cluster sandwich CR0."""
    fits = poisson(trial.cells, outcome, start=start)
    cells, q = trial.cells.arms * trial.cells.visits, len(trial.at)
    there = fits.converged
    log_risk = np.where(there[:, None, None], fits.log_risks(trial.at), np.nan)
    of_risks = np.full((len(there), cells, cells), np.nan)
    if there.any():
        kept = CellFits(fits.cells[there], fits.slopes[there], fits.converged[there])
        v = covariance(trial.cells, kept, outcome[there], None, trial.cluster)
        profiles = np.hstack([np.eye(cells), np.broadcast_to(trial.at, (cells, q))])
        of_risks[there] = profiles @ v @ profiles.T
    return RiskFits(log_risk, of_risks, fits.slopes)


@dataclass(frozen=True, slots=True)
class Number:
    """How many imputations: needed by the rule, used, and the upper limit of the fraction of
    missing information that the rule took from the pilot."""

    needed: int
    used: int
    upper: float


def number(
    entry: MultipleImputation, plan: Plan, trial: ScoreData, log_risk: Array, v: Array
) -> Number:
    """von Hippel's rule on the pilot, the first of the imputations given: (b, A, J), (b, AJ, AJ).

    The limit is that of a 95 % interval of the fraction of missing information on the logit scale,
    whose standard error is √(2/m) (von Hippel 2020, eq. 12), the largest over the contrasts of log
    risks at the primary month that has one. The pilot's imputations count among those used; they
    are all, and the limit is NaN, where no contrast has a variance to lose.
    """
    m = min(entry.pilot, entry.maximum)
    j = plan.months.index(plan.primary.month)
    limits = []
    for _, one, other in contrast_indices(plan):
        if not np.isfinite(log_risk[:m, [one, other], j]).all():
            continue
        fmi = log_ratio(log_risk[:m], v[:m], j, one, other, trial.df).fmi
        if np.isfinite(fmi):
            limits.append(expit(logit(fmi) + ndtri(0.975) * np.sqrt(2 / m)))
    if not limits:
        return Number(m, m, np.nan)
    needed = imputations_needed(min(max(limits), MOST), entry.cv)
    return Number(needed, min(max(m, needed), entry.maximum), max(limits))


MOST = 1 - 1e-9
"""Fraction of missing information that the rule takes for all of it."""


def log_ratio(log_risk: Array, v: Array, j: int, one: int, other: int, df: float) -> Pooled:
    """Pooled log risk ratio of two arms at visit j, from (m, A, J) and (m, AJ, AJ)."""
    a, b = (arm * log_risk.shape[2] + j for arm in (one, other))
    variance = v[:, a, a] + v[:, b, b] - 2 * v[:, a, b]
    return pool(log_risk[:, one, j] - log_risk[:, other, j], variance, df)


def difference(log_risk: Array, v: Array, j: int, one: int, other: int, df: float) -> Pooled:
    """Pooled risk difference, each by the delta method with gradient (r_a, -r_b)."""
    a, b = (arm * log_risk.shape[2] + j for arm in (one, other))
    ra, rb = np.exp(log_risk[:, one, j]), np.exp(log_risk[:, other, j])
    variance = ra**2 * v[:, a, a] + rb**2 * v[:, b, b] - 2 * ra * rb * v[:, a, b]
    return pool(ra - rb, variance, df)


def blocks_of(imputations: int) -> int:
    """Blocks that hold so many imputations."""
    return -(-imputations // SIZE)


def need_fits(entry_id: str, outcome: str, log_risk: Array) -> None:
    """Raises FitError if an imputation's outcome model has no fit."""
    lost = int(np.isnan(log_risk).any(axis=(1, 2)).sum())
    if lost:
        raise FitError(
            f"analysis {entry_id}, outcome {outcome}: the outcome model of {lost} of "
            f"{len(log_risk)} imputations has no maximum (a covariate level without an event); "
            "leave the covariate out or merge its levels"
        )
