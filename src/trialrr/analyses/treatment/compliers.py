"""Kind `compliers`: the effect among those who take the treatment if it is offered to them, by
principal strata and with the arm as instrument."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from trialrr import ard
from trialrr.analyses.base import Job
from trialrr.analyses.procedure.data import TrialData
from trialrr.analyses.procedure.model import Result, fit
from trialrr.analyses.procedure.rows import counts, numbers_of
from trialrr.analyses.treatment.entries import Compliers
from trialrr.analyses.treatment.treatment_received import arms_with, took
from trialrr.ard import Contrast, Subgroup
from trialrr.estimate.adjusted import Estimate
from trialrr.estimate.compliers import Strata, principal_strata
from trialrr.estimate.fit import FitError
from trialrr.estimate.identified import bare, unidentified
from trialrr.estimate.instrument import multiplicative_structural_mean, two_stage_least_squares
from trialrr.estimate.tables import NotEstimable
from trialrr.plan import Plan

Array = NDArray[np.float64]

FORMS = {
    "principal_stratum": {
        "risk_ratio": "complier risks from the arms' risks less the never-takers' part",
        "risk_difference": "difference of the arms over compliance",
    },
    "instrument": {
        "risk_ratio": "multiplicative structural mean model, arm as instrument, covariates of {of}",
        "risk_difference": "two-stage least squares, arm as instrument, covariates of {of}",
    },
}


def jobs(entry: Compliers, plan: Plan, data: TrialData) -> list[Job]:
    """At every month of an outcome, for each active arm: compliance, then risk ratio and difference
    among compliers in both forms, or why there is none. A job raises ValueError for an entry `of`
    whose outcome is no responder."""
    return [
        partial(_outcome_rows, entry, outcome, plan.at_times_of(outcome), data)
        for outcome in entry.outcomes
    ]


@dataclass(frozen=True, slots=True)
class Sample:
    """Two arms at one month, one row a person: assigned, took, outcome, weights : (n,); covariates
    : (n, 1 + q), with the intercept; clusters : (n,)."""

    assigned: Array
    took: Array
    outcome: Array
    covariates: Array
    weights: Array
    clusters: NDArray

    def few(self, arm: str, *reference: str) -> str:
        """Why clusters of the arms say nothing about how they vary, "" where they do. arm : the
        assigned one; reference : the other, if the estimate rests on it too."""
        of = dict(zip((arm, *reference), (1, 0), strict=False))
        labels = {id: self.clusters[self.assigned == code] for id, code in of.items()}
        return unidentified(1.0, None, {id: len(np.unique(own)) for id, own in labels.items()})

    def strata(self) -> Strata:
        given = (self.assigned, self.took, self.outcome, self.weights, self.clusters)
        return principal_strata(*given)

    def by_instrument(self, estimator: Callable, alpha: float) -> Estimate:
        given = (self.assigned, self.took, self.outcome, self.covariates)
        return estimator(*given, self.weights, self.clusters, alpha)


def sample(
    result: Result, arm: str, reference: str, visit: int, taken: NDArray[np.bool_]
) -> Sample:
    """Rows of a fit's two arms at a visit: outcome observed or filled, its weights. taken : of the
    N people of the fit."""
    of_row = result.data.people["arm"].to_numpy()[result.person]
    rows = np.flatnonzero((result.visit == visit) & np.isin(of_row, [arm, reference]))
    person = result.person[rows]
    assigned = (of_row[rows] == arm).astype(float)
    covariates = result.fit.design[rows][:, ~result.of_cells]
    return Sample(
        assigned,
        taken[person] * assigned,
        result.outcome[rows],
        np.column_stack([np.ones(len(rows)), covariates]),
        result.fit.weights[rows],
        result.clusters.labels[person],
    )


def _outcome_rows(entry: Compliers, outcome: str, plan: Plan, data: TrialData) -> list[dict]:
    of = plan.analysis(entry.of)
    if of.model == "linear":
        raise ValueError(
            f"analysis {entry.id}: `of` names {of.id}, a linear model of the change in score; "
            "risks among compliers need an entry whose outcome is a responder"
        )
    shared = {"analysis": entry.id, "outcome": outcome, "status": entry.status}
    levels = {a.id: Contrast(a.id, plan.reference) for a in plan.arms if a.id != plan.reference}
    try:
        result = fit(of, outcome, plan, data)
    except FitError as error:
        return [_reason(str(error), level=level, **shared) for level in levels.values()]
    offered = arms_with(entry, plan, result.data.people)
    taken, table = took(entry, plan, result.data.people), []
    for j, month in enumerate(plan.months):
        for arm, level in levels.items():
            cells = {"month": month, **shared}
            if arm not in offered:
                text = f"{entry.column} is blank for all of arm {arm}"
                table.append(_reason(text, level=level, **cells))
                continue
            keys = ((arm, month), (plan.reference, month))
            silent = [result.absent[key].reason for key in keys if key in result.absent]
            if silent:
                text = f"{' and '.join(silent)}: nothing to compare among compliers"
                table.append(_reason(text, level=level, **cells))
                continue
            own = sample(result, arm, plan.reference, j, taken)
            strata, few = own.strata(), own.few(arm, plan.reference)
            among = counts(result, [arm], j) | {"events": int(own.took.sum())}
            who = Subgroup.where(entry.column, entry.took)
            table.append(
                ard.row(
                    quantity="compliance",
                    level=arm,
                    **numbers_of(bare(strata.share(plan.models.alpha), own.few(arm))),
                    **among,
                    method=f"share with {who}; {_variance(entry)}",
                    **cells,
                )
            )
            cells |= {"level": level} | counts(result, [arm, plan.reference], j)
            table += _effects(entry, plan, own, strata, few, cells)
    return table


def _effects(entry, plan, own: Sample, strata: Strata, few: str, cells: dict) -> list[dict]:
    alpha, table = plan.models.alpha, []
    estimators = {
        ("principal_stratum", "risk_ratio"): lambda: strata.risk_ratio(alpha),
        ("principal_stratum", "risk_difference"): lambda: strata.risk_difference(alpha),
        ("instrument", "risk_ratio"): lambda: own.by_instrument(
            multiplicative_structural_mean, alpha
        ),
        ("instrument", "risk_difference"): lambda: own.by_instrument(
            two_stage_least_squares, alpha
        ),
    }
    for form, texts in FORMS.items():
        reasons, here = {}, cells | {"subgroup": Subgroup.of(form=form)}
        for quantity, text in texts.items():
            try:
                found = numbers_of(bare(estimators[form, quantity](), few))
            except (FitError, NotEstimable) as error:
                reasons[quantity] = str(error)
                continue
            method = f"{text.format(of=entry.of)}; {_variance(entry)}"
            table.append(ard.row(quantity=quantity, method=method, **found, **here))
        if reasons:
            text = "; ".join(f"{quantity}: {reason}" for quantity, reason in reasons.items())
            table.append(_reason(text, **here))
    return table


def _variance(entry: Compliers) -> str:
    return (
        f"people, outcomes and weights of {entry.of}, weights and imputations taken as known; "
        "influence summed by cluster; z"
    )


def _reason(text: str, **cells) -> dict:
    return ard.not_estimable(text, **cells)
