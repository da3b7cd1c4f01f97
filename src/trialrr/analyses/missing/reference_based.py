"""Kind reference_based: scores after drop-out by the reference arm's profile, dichotomized; pooled
by Rubin's rules, and by bootstrap-then-impute.

Rubin's variance is information-anchored: missing scores cost as much as if they were missing at
random (Cro, Carpenter & Kenward 2019, J R Stat Soc A 182:623). That of the bootstrap is the
variance over repeated trials, in which borrowing from the reference arm makes estimates vary less.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialrr import ard
from trialrr.analyses.missing import imputed_scores as imputed
from trialrr.analyses.missing.entries import MultipleImputation, ReferenceBased
from trialrr.analyses.missing.imputed_scores import ScoreData
from trialrr.analyses.missing.multiple_imputation import counts as counted
from trialrr.analyses.procedure.arm_support import eventless
from trialrr.analyses.procedure.arrays import arrays, contrast_indices
from trialrr.analyses.procedure.data import TrialData
from trialrr.analyses.procedure.designs import units, with_own_baseline
from trialrr.analyses.procedure.rows import numbers_of
from trialrr.design.matrix import covariate_columns
from trialrr.estimate import adjusted
from trialrr.estimate.fit import FitError
from trialrr.estimate.identified import bare
from trialrr.missing import bootstrap_then_impute, reference, rubin
from trialrr.missing.normal import Normal, maximum_likelihood, posterior
from trialrr.missing.pattern_mixture import reaches
from trialrr.plan import Plan
from trialrr.resample import newton
from trialrr.resample.cells import Cells, poisson
from trialrr.resample.covariates import MeanFilled
from trialrr.resample.draws import blocks, bootstrap_counts
from trialrr.seeds import stream

Array = NDArray[np.float64]

BLOCK = 25
"""Imputations of a task."""
SAMPLES = 20
"""Bootstrap samples of a task."""
FAILURES = (
    "normal model of an arm's scores without a maximum",
    "outcome model without a maximum, or an arm without an event at a visit",
)
"""Why an imputation or a sample has no estimate, by code 1, 2; 0 is none."""
NAMES = {
    "mar": "missing at random",
    "jump_to_reference": "jump to reference",
    "copy_reference": "copy reference",
    "copy_increments": "copy increments in reference",
}


def tasks(entry: ReferenceBased, plan: Plan) -> list[str]:
    return [
        f"{variance}/{outcome}/{name}"
        for outcome in entry.outcomes
        for variance in ("rubin", "bootstrap")
        for name, _, _ in _blocks(entry, variance)
    ]


def _blocks(entry: ReferenceBased, variance: str) -> list[tuple[str, int, int]]:
    if variance == "rubin":
        return blocks(entry.imputations, BLOCK)
    return blocks(entry.bootstraps, SAMPLES)


def run(task: str, entry: ReferenceBased, plan: Plan, data: TrialData) -> dict[str, Array]:
    """rubin: log_risk (BLOCK, A, J), covariance (BLOCK, AJ, AJ), failure (BLOCK,). bootstrap:
    log_risk (SAMPLES, D, A, J), failure (SAMPLES,). NaN where there is no fit."""
    variance, outcome, block = task.split("/")
    setting = _setting(entry, outcome, plan, data)
    if variance == "rubin":
        return _imputed(setting, entry, outcome, plan, block)
    return _resampled(setting, entry, outcome, plan, block)


@dataclass(frozen=True, slots=True)
class Setting:
    """trial : people and outcome model as of a multiple imputation; scores : (n, 1 + J), baseline
    first; lacking : for each arm the people with a score missing; covariates : of the outcome
    model, to be filled by the mean of the people drawn; reference : index of the reference arm."""

    trial: ScoreData
    scores: Array
    lacking: list[NDArray[np.int64]]
    covariates: MeanFilled
    reference: int

    def drawn(self, rng, arm: int, who: NDArray, which: NDArray, by: list[Normal], rule) -> Array:
        """Outcomes (len(who), J) of people of an arm, missing ones imputed and dichotomized.

        which : the chain or sample that a row's parameters are of; by : of each arm."""
        own = self.trial
        made = reference.impute(rng, self.scores[who], which, by[arm], by[self.reference], rule)
        reached = reaches((own.baseline - own.cutoff)[who, None] - made[:, 1:], 0.0)
        return np.where(own.missing[who], reached, own.responder[who])


def _setting(entry: ReferenceBased, outcome: str, plan: Plan, data: TrialData) -> Setting:
    trial = imputed.trial(MultipleImputation(entry.id, entry.status), outcome, plan, data)
    people = np.flatnonzero(arrays((), outcome, plan, data).defined)
    ids = with_own_baseline(plan.models.adjusted, outcome, plan)
    columns = covariate_columns(data.people, [plan.covariate(id) for id in ids], fill=False)
    incomplete = trial.missing.any(axis=1)
    return Setting(
        trial,
        np.column_stack([trial.baseline, trial.score]),
        [np.flatnonzero(incomplete & (trial.cells.arm == a)) for a in range(len(plan.arms))],
        MeanFilled(columns.values[people]),
        [a.id for a in plan.arms].index(plan.reference),
    )


def _imputed(setting: Setting, entry, outcome: str, plan: Plan, block: str) -> dict[str, Array]:
    trial, by = setting.trial, []
    for a, arm in enumerate(plan.arms):
        rng = stream(plan.seed, entry.id, outcome, "posterior", arm.id, block)
        where = f"analysis {entry.id}, outcome {outcome}, arm {arm.id}"
        own = trial.cells.arm == a
        by.append(posterior(rng, setting.scores[own], BLOCK, entry.burn_in, where))
    filled = np.repeat(trial.responder[None], BLOCK, axis=0)
    for a, arm in enumerate(plan.arms):
        rng = stream(plan.seed, entry.id, outcome, "imputation", arm.id, block)
        rows = setting.lacking[a]
        which, who = np.repeat(np.arange(BLOCK), len(rows)), np.tile(rows, BLOCK)
        filled[which, who] = setting.drawn(rng, a, who, which, by, entry.rule)
    fits = imputed.fit(trial, filled)
    failure = np.where(np.isnan(fits.log_risk).any(axis=(1, 2)), 2, 0)
    return {"log_risk": fits.log_risk, "covariance": fits.covariance, "failure": failure}


def _resampled(setting: Setting, entry, outcome: str, plan: Plan, block: str) -> dict[str, Array]:
    """Each copy of a person in a sample is imputed by itself. The copies enter the outcome model as
    one row with their mean outcome and their number as weight, which gives the same estimate."""
    trial, times = setting.trial, entry.per_bootstrap
    arms, visits = trial.cells.arms, trial.cells.visits
    nested = {a for a, arm in enumerate(plan.arms) if arm.clusters != "person"}
    rng = stream(plan.seed, entry.id, outcome, "bootstrap", block)
    counts = bootstrap_counts(rng, SAMPLES, trial.cells.arm, trial.cluster, nested)
    fitted = []
    for a in range(arms):
        own = trial.cells.arm == a
        fitted.append(maximum_likelihood(setting.scores[own], counts[:, own]))
    normal = np.all([converged for _, converged in fitted], axis=0)
    log_risk = np.full((SAMPLES, times, arms, visits), np.nan)
    if not normal.any():
        return {"log_risk": log_risk, "failure": np.ones(SAMPLES, int)}
    by = [Normal(n.mean[normal], n.covariance[normal]) for n, _ in fitted]
    weights = counts[normal]
    share = np.zeros((len(weights), times, len(trial.score), visits))
    share[:] = np.nan_to_num(trial.responder)
    for a in range(arms):
        rows = setting.lacking[a]
        sample, place = np.nonzero(weights[:, rows])
        copies = weights[sample, rows[place]].astype(int)
        which, who = np.repeat(sample, copies), np.repeat(rows[place], copies)
        for d in range(times):
            drawn = setting.drawn(rng, a, who, which, by, entry.rule)
            total = np.add.reduceat(drawn, np.cumsum(copies) - copies)
            share[sample, d, rows[place]] = total / copies[:, None]
    found = _log_risks(setting, share, np.repeat(weights, times, axis=0))
    log_risk[normal] = found.reshape(share.shape[:2] + found.shape[1:])
    lost = np.isnan(log_risk).any(axis=(1, 2, 3))
    return {"log_risk": log_risk, "failure": np.where(normal, np.where(lost, 2, 0), 1)}


def _log_risks(setting: Setting, share: Array, weights: Array) -> Array:
    """(B, A, J) log risks of outcomes share (…, n, J) in weighted samples (B, n), at the covariate
    means of the people drawn; NaN without a fit."""
    own, covariates = setting.trial.cells, setting.covariates
    design = newton.design(covariates.fixed, covariates.mixing(weights))
    cells = Cells(own.arm, own.arms, own.visits, design)
    fits = poisson(cells, share.reshape(len(weights), *share.shape[-2:]), weights)
    at = design.gradient(weights @ design.fixed) / weights.sum(axis=1)[:, None]
    return np.where(fits.converged[:, None, None], fits.log_risks(at), np.nan)


# ---------------------------------------------------------------------------------------- rows


def rows(
    entry: ReferenceBased, plan: Plan, data: TrialData, done: dict[str, dict[str, Array]]
) -> list[dict]:
    """Risks, ratios and differences at every month by both variances, and what was counted.

    Raises FitError if fewer than half of the imputations, or of the samples, have an estimate.
    """
    table = []
    for outcome in entry.outcomes:
        trial = _setting(entry, outcome, plan, data).trial
        table += _rubin_rows(entry, outcome, plan, trial, _gathered(entry, outcome, "rubin", done))
        parts = _gathered(entry, outcome, "bootstrap", done)
        table += _bootstrap_rows(entry, outcome, plan, trial, parts)
    return table


def _gathered(entry, outcome: str, variance: str, done) -> dict[str, Array]:
    """The blocks of a variance as one, those without an estimate left out, and `failure` of all."""
    parts = [
        {k: v[: last - first] for k, v in done[f"{variance}/{outcome}/{name}"].items()}
        for name, first, last in _blocks(entry, variance)
    ]
    whole = {k: np.concatenate([part[k] for part in parts]) for k in parts[0]}
    failure = whole.pop("failure")
    if (failure > 0).sum() > len(failure) / 2:
        what = "imputations" if variance == "rubin" else "bootstrap samples"
        raise FitError(
            f"analysis {entry.id}, outcome {outcome}: {int((failure > 0).sum())} of {len(failure)} "
            f"{what} have no estimate ({_reasons(failure)}); use fewer covariates, or leave out a "
            "visit that hardly anybody attended"
        )
    return {k: v[failure == 0] for k, v in whole.items()} | {"failure": failure}


def _rubin_rows(
    entry, outcome, plan: Plan, trial: ScoreData, parts: dict[str, Array]
) -> list[dict]:
    covariance, made = parts["covariance"], len(parts["log_risk"])
    text = f"Rubin's rules, Barnard-Rubin df, {made} imputations, {entry.burn_in} iterations each"
    row = _row(entry, outcome, _method(entry, plan, "posterior draws", text))
    table = []
    for cells, values, gradient in _statistics(parts["log_risk"], plan, trial):
        variances = np.einsum("bi,bij,bj->b", gradient, covariance, gradient)
        if told := _eventless(cells, parts["log_risk"], plan):
            table.append(row(**cells, reason=told))
            continue
        pooled = rubin.pool(values, variances, trial.df)
        told = _why_not(cells, trial, plan, parts["log_risk"], pooled.within)
        numbers = _numbers(cells["quantity"], pooled.estimate, pooled.total, pooled.df, plan, told)
        table.append(row(**cells, **numbers))
    return table + _count_rows(entry, outcome, parts["failure"], "imputations")


def _bootstrap_rows(
    entry, outcome: str, plan: Plan, trial: ScoreData, parts: dict[str, Array]
) -> list[dict]:
    made, each = parts["log_risk"].shape[:2]
    text = f"bootstrap-then-impute, variance components, {made} samples x {each} imputations"
    row = _row(entry, outcome, _method(entry, plan, "maximum likelihood", text))
    table = []
    for cells, values, _ in _statistics(parts["log_risk"], plan, trial):
        own = cells | {"quantity": f"{cells['quantity']}_bootstrap"}
        if told := _eventless(cells, parts["log_risk"], plan):
            table.append(row(**own, reason=told))
            continue
        pooled = bootstrap_then_impute.pool(values)
        told = _why_not(cells, trial, plan, parts["log_risk"], pooled.variance)
        given = pooled.estimate, pooled.variance, pooled.df
        table.append(row(**own, **_numbers(cells["quantity"], *given, plan, told)))
    return table + _count_rows(entry, outcome, parts["failure"], "replicates")


def _statistics(
    log_risk: Array, plan: Plan, trial: ScoreData
) -> Iterator[tuple[dict, Array, Array]]:
    """Each risk, ratio and difference of log risks (…, A, J): its cells of the ARD; its values
    (…), logarithms but for the difference; and their gradient with respect to the log risks,
    (…, AJ)."""
    units = np.eye(trial.cells.arms * trial.cells.visits)
    units = units.reshape(trial.cells.arms, trial.cells.visits, -1)
    for j, month in enumerate(plan.months):
        for a, arm in enumerate(plan.arms):
            cells = {"month": month, "level": arm.id, **counted(trial, [a], j)}
            values = log_risk[..., a, j]
            yield (
                cells | {"quantity": "risk"},
                values,
                np.multiply.outer(np.ones_like(values), units[a, j]),
            )
        for level, one, other in contrast_indices(plan):
            cells = {"month": month, "level": level, **counted(trial, [one, other], j)}
            a, b = log_risk[..., one, j], log_risk[..., other, j]
            gradient = np.multiply.outer(np.ones_like(a), units[one, j] - units[other, j])
            yield cells | {"quantity": "risk_ratio"}, a - b, gradient
            a, b = np.exp(a), np.exp(b)
            gradient = np.multiply.outer(a, units[one, j]) - np.multiply.outer(b, units[other, j])
            yield cells | {"quantity": "risk_difference"}, a - b, gradient


def _arms(cells: dict, plan: Plan) -> list[int]:
    """Indices of the arms of a row's level."""
    return [[a.id for a in plan.arms].index(arm) for arm in ard.arms_of(cells["level"])]


def _eventless(cells: dict, log_risk: Array, plan: Plan) -> str:
    """Why there is no estimate of a row's arms at its month, "" where there is."""
    arms, month = _arms(cells, plan), cells["month"]
    here = log_risk[..., arms, plan.months.index(month)].reshape(-1, len(arms))
    return eventless(ard.arms_of(cells["level"]), month, np.isneginf(here))


def _why_not(cells: dict, trial: ScoreData, plan: Plan, log_risk: Array, variance: float) -> str:
    """Why a row's variance is not identified, "" where it is."""
    arms = _arms(cells, plan)
    here = log_risk[..., arms, plan.months.index(cells["month"])].reshape(-1, len(arms))
    here = here.mean(axis=0)
    gradient = np.array([1.0, -1.0])[: len(arms)]
    if cells["quantity"] == "risk_difference":
        gradient = gradient * np.exp(here)
    return trial.support(plan).of_log_risks(arms, here, gradient, variance)


def _numbers(
    quantity: str, estimate: float, variance: float, df: float, plan: Plan, told: str
) -> dict:
    args = np.array([estimate]), np.array([[variance]]), plan.models.alpha, df
    found = {
        "risk": lambda: adjusted.risk([1.0], *args),
        "risk_ratio": lambda: adjusted.risk_ratio([1.0], [0.0], *args),
        "risk_difference": lambda: adjusted.linear_combination([1.0], *args),
    }[quantity]()
    return numbers_of(bare(found, told))


def _count_rows(entry, outcome: str, failure: Array, quantity: str) -> list[dict]:
    what = "imputations made" if quantity == "imputations" else "bootstrap samples drawn"
    lost = int((failure > 0).sum())
    row = _row(entry, outcome, "")
    return [
        row(quantity=quantity, level="all", estimate=len(failure), method=what),
        row(
            quantity=f"{quantity}_failed",
            level="all",
            estimate=lost,
            method="those without an estimate",
            reason=_reasons(failure),
        ),
    ]


def _row(entry: ReferenceBased, outcome: str, method: str):
    common = {"analysis": entry.id, "outcome": outcome, "status": entry.status, "method": method}
    return lambda **cells: ard.row(**common | cells)


def _reasons(failure: Array) -> str:
    codes, numbers = np.unique(failure[failure > 0], return_counts=True)
    return "; ".join(
        f"{n} {FAILURES[int(code) - 1]}" for code, n in zip(codes, numbers, strict=True)
    )


def _method(entry: ReferenceBased, plan: Plan, parameters: str, pooling: str) -> str:
    shared = units(a.clusters for a in plan.arms)
    by = "sandwich CR0 by" if parameters == "posterior draws" else "resampled by"
    return "; ".join(
        [
            f"score by a normal model in each arm ({parameters}), after drop-out "
            f"{NAMES[entry.rule]}, then dichotomized",
            "modified Poisson, GEE independence" if len(plan.months) > 1 else "modified Poisson",
            f"{by} {shared}",
            pooling,
        ]
    )
