"""Kind informative_odds: odds of response among the missing as a multiple (IMOR) of those among the
observed with the same arm, visit and covariates, over a grid; where the conclusion tips."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from trialrr import ard
from trialrr.analyses.missing.entries import InformativeOdds
from trialrr.analyses.missing.special_points import WORDS, equivalents
from trialrr.analyses.procedure.arm_support import ArmSupport
from trialrr.analyses.procedure.arrays import Arrays, arrays, contrast_indices
from trialrr.analyses.procedure.data import TrialData
from trialrr.analyses.procedure.designs import units, with_own_baseline
from trialrr.analyses.procedure.rows import numbers_of
from trialrr.ard import Subgroup
from trialrr.estimate import adjusted
from trialrr.estimate.identified import bare
from trialrr.estimate.sandwich import covariance
from trialrr.missing import informative
from trialrr.plan import Plan
from trialrr.resample import newton
from trialrr.resample.cells import Cells, poisson

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OutcomeData:
    """The n people for whom a responder is defined. design : (n, J, AJ + q), a cell's indicator and
    the covariates; profiles : (A, J, AJ + q), at the covariate means; reference : index of the
    reference arm."""

    cells: Cells
    cluster: NDArray[np.int64]
    responder: Array
    design: Array
    profiles: Array
    reference: int


def tasks(entry: InformativeOdds, plan: Plan) -> list[str]:
    return list(entry.outcomes)


def run(task: str, entry: InformativeOdds, plan: Plan, data: TrialData) -> dict[str, Array]:
    """log_risk (G, H, A, J) and their covariance (G, H, AJ, AJ), NaN without a fit, over G active
    and H control odds ratios; of all reason (), why there is none of them, "" if there is."""
    trial = _trial(task, plan, data)
    n, visits = trial.responder.shape
    size = trial.design.shape[-1]
    seen = ~np.isnan(trial.responder)
    columns = trial.design.reshape(-1, size)
    logistic = newton.logistic(columns[seen.ravel()], trial.responder[seen])
    if not logistic.converged[0]:
        reason = (
            "the logistic model of the observed responders on arm x month and "
            f"{size - trial.profiles[..., 0].size} covariates has no maximum: an arm at a visit, "
            "or a level of a covariate, without an event or with nothing else"
        )
        return {"log_risk": np.empty(0), "covariance": np.empty(0), "reason": np.array(reason)}
    probability = 1 / (1 + np.exp(-(columns @ logistic.coef[0]).reshape(n, visits)))
    control = trial.cells.arm == trial.reference
    grid = np.array(list(product(entry.active, entry.control)))
    ratios = np.where(control, grid[:, [1]], grid[:, [0]])
    filled = informative.fill(trial.responder, probability, ratios)
    fits = poisson(trial.cells, filled)
    log_risk = np.full((len(grid), *trial.profiles.shape[:2]), np.nan)
    of_risks = np.full((len(grid), *2 * (log_risk[0].size,)), np.nan)
    profiles = trial.profiles.reshape(-1, size)
    for k in np.flatnonzero(fits.everywhere):
        coef = np.concatenate([fits.cells[k].ravel(), fits.slopes[k]])
        mu = np.exp(columns @ coef).reshape(n, visits)
        psi = informative.influence(trial.design, trial.responder, filled[k], mu, probability)
        log_risk[k] = trial.profiles @ coef
        of_risks[k] = covariance(psi @ profiles.T, trial.cluster)
    shape = len(entry.active), len(entry.control)
    return {
        "log_risk": log_risk.reshape(*shape, *log_risk.shape[1:]),
        "covariance": of_risks.reshape(*shape, *of_risks.shape[1:]),
        "reason": np.array(""),
    }


def _trial(outcome: str, plan: Plan, data: TrialData) -> OutcomeData:
    own: Arrays = arrays(
        with_own_baseline(plan.models.adjusted, outcome, plan), outcome, plan, data
    )
    people = np.flatnonzero(own.defined)
    arm, z = own.arm[people], own.covariates.values[people]
    arms, visits = len(plan.arms), len(plan.months)
    units = np.eye(arms * visits).reshape(arms, visits, -1)
    shared = np.repeat(z[:, None], visits, axis=1)
    means = np.broadcast_to(z.mean(axis=0), (arms, visits, z.shape[1]))
    return OutcomeData(
        Cells(arm, arms, visits, z),
        own.cluster[people],
        own.responder[people],
        np.concatenate([units[arm], shared], axis=2),
        np.concatenate([units, means], axis=2),
        [a.id for a in plan.arms].index(plan.reference),
    )


def rows(
    entry: InformativeOdds, plan: Plan, data: TrialData, done: dict[str, dict[str, Array]]
) -> list[dict]:
    """Missing at random (1, 1): risks, ratios and differences at every month. At the primary month
    the ratios against the reference arm over the grid, and where each tips."""
    return [
        row
        for outcome in entry.outcomes
        for row in _outcome_rows(entry, outcome, plan, data, done[outcome])
    ]


def _outcome_rows(entry, outcome: str, plan: Plan, data: TrialData, done) -> list[dict]:
    trial = _trial(outcome, plan, data)
    common = {"analysis": entry.id, "outcome": outcome, "status": entry.status}
    common["method"] = _method(plan)
    log_risk, v, reason = done["log_risk"], done["covariance"], str(done["reason"])
    at = entry.active.index(1.0), entry.control.index(1.0)
    if not reason and np.isnan(log_risk[at]).any():
        reason = "the outcome model has no maximum, or an arm has no event at a visit"
    if reason:
        common["method"] = ard.NO_ESTIMATE
        return [ard.not_estimable(reason, n=len(trial.responder), **common)]
    table = []
    for month in plan.months:
        for cells, found in _estimates(plan, trial, log_risk[at], v[at], month):
            table.append(ard.row(**common | cells, **numbers_of(found)))
    month = plan.primary.month
    limits: dict[str, Array] = {}
    for g, h in np.ndindex(log_risk.shape[:2]):
        where = Subgroup.of(
            imor_active=f"{entry.active[g]:g}", imor_control=f"{entry.control[h]:g}"
        )
        if np.isnan(log_risk[g, h]).any():
            cells = {"month": month, "subgroup": where, "quantity": "replicates_failed"}
            cells["reason"] = "outcome model without a maximum at this point of the grid"
            table.append(ard.row(**common | cells, level="all", estimate=1))
            continue
        for cells, found in _estimates(plan, trial, log_risk[g, h], v[g, h], month):
            against = ard.arms_of(cells["level"])[1:] == (plan.reference,)
            if cells["quantity"] == "risk_ratio" and against:
                table.append(ard.row(**common | cells, subgroup=where, **numbers_of(found)))
                of_level = limits.setdefault(
                    cells["level"], np.full((*log_risk.shape[:2], 2), np.nan)
                )
                of_level[g, h] = found.lower, found.upper
    for level, found in limits.items():
        table.append(ard.row(**common | _tipping(entry, plan, level, found[:, at[1]])))
    risks = np.exp(log_risk[:, :, :, plan.months.index(month)])
    curves = {
        arm.id: (entry.control, risks[at[0], :, a])
        if arm.id == plan.reference
        else (entry.active, risks[:, at[1], a])
        for a, arm in enumerate(plan.arms)
    }
    for cells in equivalents(entry.points, outcome, plan, data, curves):
        own = {"month": month, "quantity": "equivalent_imor", "method": f"odds ratio {WORDS}"}
        table.append(ard.row(**common | own | cells))
    return table


def _estimates(
    plan: Plan, trial: OutcomeData, log_risk: Array, v: Array, month: str
) -> Iterator[tuple[dict, adjusted.Estimate]]:
    """Cells of the ARD and the estimate of each risk, ratio and difference at a month, from log
    risks (A, J) and their covariance (AJ, AJ)."""
    j, alpha = plan.months.index(month), plan.models.alpha
    units = np.eye(log_risk.size).reshape(*log_risk.shape, -1)[:, j]
    args = log_risk.ravel(), v, alpha
    cells_of, arms = trial.cells, tuple(a.id for a in plan.arms)
    parameters = cells_of.arms * cells_of.visits + trial.design.shape[-1] - log_risk.size
    support = ArmSupport(cells_of.arm, trial.cluster, arms, parameters)

    def gated(e: adjusted.Estimate, at: list[int], gradient: Array) -> adjusted.Estimate:
        whole = gradient @ units[at]
        return bare(e, support.of_log_risks(at, log_risk[at, j], gradient, whole @ v @ whole))

    for a, arm in enumerate(plan.arms):
        cells = {"month": month, "quantity": "risk", "level": arm.id, **_counts(trial, [a], j)}
        yield cells, gated(adjusted.risk(units[a], *args), [a], np.ones(1))
    for level, one, other in contrast_indices(plan):
        cells = {"month": month, "level": level, **_counts(trial, [one, other], j)}
        pair, at = (units[one], units[other]), [one, other]
        ratio, apart = (f(*pair, *args) for f in (adjusted.risk_ratio, adjusted.risk_difference))
        plain = np.array([1.0, -1.0])
        yield cells | {"quantity": "risk_ratio"}, gated(ratio, at, plain)
        slope = np.exp(log_risk[at, j]) * plain
        yield cells | {"quantity": "risk_difference"}, gated(apart, at, slope)


def _tipping(entry: InformativeOdds, plan: Plan, level: str, limits: Array) -> dict:
    """limits : (G, 2) of the intervals with odds ratio 1 in the reference arm."""
    alpha = plan.models.alpha
    text = f"largest IMOR of the active arm, at most 1, with which the {100 * (1 - alpha):g}% "
    text += "interval includes 1, the reference arm at IMOR 1"
    active = np.asarray(entry.active)
    inside = (active <= 1) & (limits[:, 0] <= 1) & (limits[:, 1] >= 1)
    at = float(active[inside].max()) if inside.any() else np.nan
    reason, cells = "", {"month": plan.primary.month, "level": level}
    if np.isnan(limits).all():
        reason = "no interval on the grid, so no tipping point"
        return cells | {"quantity": ard.ABSENT, "method": ard.NO_ESTIMATE, "reason": reason}
    if np.isnan(at):
        reason = f"none on the grid, down to {active.min():g}"
        text += f": {reason}"
    elif at == 1:
        text += ": it does so already at missing at random"
    cells["quantity"] = "tipping_imor"
    return cells | {"estimate": at, "method": text, "reason": reason}


def _counts(trial: OutcomeData, arms: list[int], j: int) -> dict:
    """People, missing rows and clusters of some arms at one visit."""
    inside = np.isin(trial.cells.arm, arms)
    return {
        "n": int(inside.sum()),
        "n_imputed": int(np.isnan(trial.responder[inside, j]).sum()),
        "n_clusters": len(np.unique(trial.cluster[inside])),
    }


def _method(plan: Plan) -> str:
    by = units(a.clusters for a in plan.arms)
    return "; ".join(
        [
            "missing responders by the odds among the observed times an odds ratio, expected value",
            "modified Poisson, GEE independence" if len(plan.months) > 1 else "modified Poisson",
            f"sandwich CR0 by {by}, stacked with the logistic model of the observed",
            "z",
        ]
    )
