"""Kind `mmrm`: the change in score at all visits by a mixed model for repeated measures."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from trialrr import ard
from trialrr.analyses.base import Job
from trialrr.analyses.model.entries import Mmrm
from trialrr.analyses.procedure.covariates import WORDS as WORDS_OF_MISSING
from trialrr.analyses.procedure.covariates import Missing, completed, filled
from trialrr.analyses.procedure.data import TrialData
from trialrr.analyses.procedure.designs import adjusted_for, arm_by_month
from trialrr.analyses.procedure.pairwise_tests import pair_rows
from trialrr.analyses.procedure.rows import (
    numbers_of,
    spread,
    spread_row,
    standardized,
    standardized_text,
)
from trialrr.design.matrix import (
    Design,
    beside,
    covariate_columns,
    filled_columns,
    indicators,
    product,
)
from trialrr.estimate import adjusted
from trialrr.estimate.fit import FitError
from trialrr.estimate.mmrm import MmrmFit, mmrm
from trialrr.plan import Covariate, Plan

Array = NDArray[np.float64]

WORDS = {"satterthwaite": "Satterthwaite df", "kenward_roger": "Kenward-Roger SE and df"}


def jobs(entry: Mmrm, plan: Plan, data: TrialData) -> list[Job]:
    """Of each outcome and month adjusted means by arm, the omnibus test, the SD of the reference
    arm, differences, standardized differences and the protected tests; then the covariance of
    visits. Where the fit is impossible one row `not_estimable` with the reason. A job raises
    ValueError if the data have no score of its outcome."""
    return [partial(_rows, entry, outcome, plan, data) for outcome in entry.outcomes]


@dataclass(frozen=True, slots=True)
class FittedMmrm:
    """fit : of the people with an observed visit; profiles : (arm, month) → (p,) design row at
    their covariate means; rule : of the standard errors and degrees of freedom; missing : people
    without a value of a covariate; data : without those who were left out for one; size : root
    mean square of the changes."""

    fit: MmrmFit
    profiles: dict[tuple[str, str], Array]
    rule: str
    missing: Missing
    data: TrialData
    size: float

    @property
    def covariance(self) -> Array:
        """(p, p), Kenward & Roger's where they are the rule."""
        return self.fit.adjusted if self.rule == "kenward_roger" else self.fit.covariance

    def degrees_of_freedom(self, contrast: Array) -> float:
        return getattr(self.fit, self.rule)(contrast)

    def estimate(self, contrast: Array, alpha: float) -> adjusted.Estimate:
        """lᵀβ with its interval and test by t."""
        df = self.degrees_of_freedom(contrast)
        given = self.fit.coef, self.covariance, alpha, df, self.size
        return adjusted.linear_combination(contrast, *given)


def fit(entry: Mmrm, outcome: str, plan: Plan, data: TrialData) -> FittedMmrm:
    """Arm × month, month × the outcome's own baseline if it has one, and the covariates; everybody
    with an observed visit.

    Raises ValueError if the data have no score of the outcome, FitError where the model cannot be
    fitted: an arm that nobody represents at a visit, columns that repeat each other, no maximum.
    """
    plan, chosen = plan.at_times_of(outcome), _chosen(entry, outcome, plan)
    data, missing = completed(entry.id, chosen, plan, data)
    change = _change(entry, outcome, data)
    person, visit = np.nonzero(~np.isnan(change))
    arms = data.people["arm"].to_numpy(object)
    _all_cells(arms[person], visit, plan)
    own = [c for c in chosen if c.id == plan.outcome(outcome).baseline]
    covariates = filled_columns(data.people, chosen, plan.models.missing_covariates)
    baseline = covariate_columns(data.people, own)
    design = _design(plan, arms[person], visit, covariates.take(person), baseline.take(person))
    fitted = mmrm(change[person, visit], design.values, person, visit)

    cells = [(a.id, j) for a in plan.arms for j in range(len(plan.months))]
    arm, at = np.array([c[0] for c in cells], object), np.array([c[1] for c in cells])
    people = np.unique(person)
    means = [
        Design(np.tile(d.values[people].mean(axis=0), (len(cells), 1)), d.names)
        for d in (covariates, baseline)
    ]
    profiles = _design(plan, arm, at, *means).values
    keys = [(id, plan.months[j]) for id, j in cells]
    missing = missing or filled(chosen, (), data, people)
    profile = dict(zip(keys, profiles, strict=True))
    size = float(np.sqrt(np.mean(change[person, visit] ** 2)))
    return FittedMmrm(fitted, profile, entry.degrees_of_freedom, missing, data, size)


def _change(entry: Mmrm, outcome: str, data: TrialData) -> Array:
    if outcome not in data.change:
        raise ValueError(
            f"analysis {entry.id}: the data have no score of outcome {outcome!r} (found "
            f"{', '.join(data.change) or 'none'}); derive a column {outcome!r} of visits, or take "
            "the outcome out of the entry"
        )
    return data.change[outcome]


def _all_cells(arm: NDArray, visit: NDArray, plan: Plan) -> None:
    """Raises FitError naming the arms that nobody represents at a month."""
    empty = [
        f"{a.id} at month {month}"
        for j, month in enumerate(plan.months)
        for a in plan.arms
        if not (arm[visit == j] == a.id).any()
    ]
    if empty:
        raise FitError(
            f"nobody is observed of arm {', '.join(empty)}, so its mean is not estimable; leave "
            "the month or the outcome out"
        )


def _chosen(entry: Mmrm, outcome: str, plan: Plan) -> list[Covariate]:
    """Covariates of the entry, the outcome's own baseline always among them."""
    ids, own = adjusted_for(entry, outcome, plan), plan.outcome(outcome).baseline
    if own and own not in ids:
        ids = (*ids, own)
    declared = {c.id: c for c in plan.covariates}
    return [declared.get(id, Covariate(id)) for id in ids]


def _design(
    plan: Plan, arm: NDArray, visit: NDArray, covariates: Design, baseline: Design
) -> Design:
    """Arm × month, covariates, and the slope of the baseline at each month after the first as its
    departure from that at the first."""
    month = np.asarray(plan.months, dtype=object)[visit]
    later = indicators(month, plan.months[1:], [f"month{m}" for m in plan.months[1:]])
    return beside(arm_by_month(plan, arm, visit), covariates, product(later, baseline))


def _rows(entry: Mmrm, outcome: str, plan: Plan, data: TrialData) -> list[dict]:
    change = _change(entry, outcome, data)
    people = int((~np.isnan(change)).any(axis=1).sum())
    shared = {"analysis": entry.id, "outcome": outcome, "status": entry.status}
    try:
        fitted = fit(entry, outcome, plan, data)
    except FitError as error:
        return [ard.not_estimable(str(error), n=people, **shared)]
    plan, data = plan.at_times_of(outcome), fitted.data
    change = _change(entry, outcome, data)
    people = int((~np.isnan(change)).any(axis=1).sum())
    shared["method"] = method_text(entry, plan, fitted.missing)

    def row(**cells) -> dict:
        return ard.row(**(shared | cells))

    table = []
    for j, month in enumerate(plan.months):
        table += _at_month(fitted, outcome, plan, data, month, change[:, j], row)
    return table + _diagnostics(fitted.fit, plan, people, row) + fitted.missing.rows(row)


def _at_month(fitted: FittedMmrm, outcome, plan, data, month, change, row) -> list[dict]:
    arm, seen = data.people["arm"].to_numpy(object), ~np.isnan(change)
    alpha, table = plan.models.alpha, []

    def cells(arms) -> dict:
        return {"month": month, "n": int((seen & np.isin(arm, list(arms))).sum())}

    ids = [a.id for a in plan.arms]
    for id in ids:
        mean = fitted.estimate(fitted.profiles[id, month], alpha)
        mean = replace(mean, statistic=np.nan, p_value=np.nan)
        quantity = "mean_change" if plan.outcome(outcome).baseline else "mean"
        table.append(row(quantity=quantity, level=id, **numbers_of(mean), **cells([id])))
    method = row()["method"]
    omnibus = _omnibus(fitted, plan, month, method)
    table.append(row(level="all", **omnibus, **cells(ids)))
    sd, n = spread(change, data, plan.reference)
    table.append(row(month=month, **spread_row(sd, n, plan.reference)))
    contrasts = [fitted.profiles[a, month] - fitted.profiles[b, month] for a, b in plan.contrasts]
    differences = [fitted.estimate(contrast, alpha) for contrast in contrasts]
    text = f"{method}; {standardized_text(plan.reference)}"
    for pair, e in zip(plan.contrasts, differences, strict=True):
        found = {"level": ard.Contrast(*pair)} | cells(pair)
        table.append(row(quantity="mean_difference", **numbers_of(e), **found))
        scaled = numbers_of(standardized(e, sd)) | {"method": text}
        table.append(row(quantity="standardized_difference", **scaled, **found))
    counts = [cells(pair) for pair in plan.contrasts]
    return table + pair_rows(plan, omnibus["p_value"], differences, counts, row)


def _omnibus(fitted: FittedMmrm, plan: Plan, month: str, method: str) -> dict:
    """F test that all arms have one mean at a month, on the smallest of the contrasts' degrees of
    freedom."""
    base = fitted.profiles[plan.reference, month]
    others = [fitted.profiles[a.id, month] - base for a in plan.arms if a.id != plan.reference]
    smallest = min(map(fitted.degrees_of_freedom, others))
    statistic, df, p = adjusted.wald(np.array(others), fitted.fit.coef, fitted.covariance, smallest)
    text = f"{method}; F with {smallest:.1f} denominator df"
    numbers = {"statistic": statistic, "df": df, "p_value": p}
    return {"quantity": "omnibus_wald", "method": text} | numbers


def _diagnostics(fitted: MmrmFit, plan: Plan, people: int, row) -> list[dict]:
    """Covariance of visits as standard deviations and correlations, and the log likelihood."""
    months, sd = plan.months, np.sqrt(np.diag(fitted.sigma))
    numbers = [
        ("residual_sd", month, value, "residual standard deviation at a visit")
        for month, value in zip(months, sd, strict=True)
    ]
    numbers += [
        (
            "residual_correlation",
            ard.Contrast(months[j], months[k]),
            fitted.sigma[j, k] / (sd[j] * sd[k]),
            "residual correlation of two visits",
        )
        for j in range(len(months))
        for k in range(j + 1, len(months))
    ]
    text = "restricted log likelihood"
    numbers.append(("log_likelihood", "all", fitted.log_likelihood, text))
    return [
        row(quantity=q, level=level, estimate=float(value), n=people, method=text)
        for q, level, value, text in numbers
    ]


def method_text(entry: Mmrm, plan: Plan, missing: Missing) -> str:
    """Estimator, covariance and reference distribution in fixed words; what was done with missing
    covariates if somebody lacked one."""
    shared = sorted({a.clusters for a in plan.arms} - {"person"})
    parts = ["mixed model for repeated measures, unstructured covariance, REML"]
    if shared:
        parts.append(f"clustering by {', '.join(shared)} ignored")
    if missing.people:
        parts.append(WORDS_OF_MISSING[plan.models.missing_covariates])
    return "; ".join([*parts, f"t with {WORDS[entry.degrees_of_freedom]}"])
