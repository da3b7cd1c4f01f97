"""Kind `selected_covariates`: the plan's rule for further covariates (plan, item 11), and an entry
with those that it selects."""

from functools import partial

import numpy as np

from trialrr import ard
from trialrr.analyses.base import Job
from trialrr.analyses.missing.entries import SelectedCovariates
from trialrr.analyses.procedure.data import TrialData, for_entry
from trialrr.analyses.procedure.designs import adjusted_for, nested_arms
from trialrr.analyses.procedure.refits import refit_rows
from trialrr.design import clusters as nesting
from trialrr.design.matrix import Design, beside, covariate_columns, indicators, intercept
from trialrr.estimate import adjusted
from trialrr.estimate.fit import FitError, logistic, modified_poisson
from trialrr.estimate.identified import jointly
from trialrr.estimate.sandwich import covariance, influence
from trialrr.estimate.separation import separated
from trialrr.plan import Plan, replace


def jobs(entry: SelectedCovariates, plan: Plan, data: TrialData) -> list[Job]:
    """By outcome: p-values and verdict of every candidate, then risks and contrasts of the entry
    `of` with its covariates and those selected. A job raises ValueError for a candidate that the
    entry adjusts for anyway."""
    return [partial(_rows, entry, outcome, plan, data) for outcome in entry.outcomes]


def _rows(entry: SelectedCovariates, outcome: str, plan: Plan, data: TrialData) -> list[dict]:
    of = plan.analysis(entry.of)
    base = adjusted_for(of, outcome, plan)
    doubled = sorted({*base} & {*entry.candidates})
    if doubled:
        raise ValueError(
            f"analysis {entry.id}: {', '.join(doubled)} of the candidates are among the covariates "
            f"of {of.id} already; a candidate is one that may join them"
        )
    chosen = for_entry(of, plan, data)
    table, selected = [], []
    for candidate in entry.candidates:
        tests = {
            "selection_p_missing": _test(_missingness, candidate, base, of, outcome, plan, chosen),
            "selection_p_outcome": _test(_response, candidate, base, of, outcome, plan, chosen),
        }
        cells = {
            "analysis": entry.id,
            "outcome": outcome,
            "level": candidate,
            "status": entry.status,
        }
        table += [
            ard.row(quantity=quantity, **numbers, **cells) for quantity, numbers in tests.items()
        ]
        joins = all(numbers.get("p_value", 1.0) < entry.level for numbers in tests.values())
        selected += [candidate] * joins
        text = f"1 if p < {entry.level:g} for missingness and for the outcome, else 0"
        table.append(ard.row(quantity="selected", estimate=int(joins), method=text, **cells))
    words = f"covariates selected: {', '.join(selected)}"
    if not selected:
        words = f"covariates selected: none, so the same as {of.id}"
    of = replace(of, covariates=(*base, *selected))
    return table + refit_rows(entry, of, outcome, plan, data, plan.months, words=words)


def _test(model, candidate, base, of, outcome, plan, data) -> dict:
    """ARD cells of the Wald χ² of all columns of a candidate beside arm and base covariates; only
    a reason where the model cannot be fitted, and then the candidate is not selected."""
    own = covariate_columns(data.people, [plan.covariate(candidate)])
    others = [a.id for a in plan.arms if a.id != plan.reference]
    design = beside(
        intercept(len(data.people)),
        indicators(data.people["arm"].to_numpy(), others, others),
        covariate_columns(data.people, [plan.covariate(id) for id in base]),
        own,
    )
    try:
        coef, cov, claimed, n, text = model(design, of, outcome, plan, data)
    except FitError as error:
        return {"method": "not selected, for want of a test", "reason": str(error)}
    columns = np.eye(len(design.names))[-len(own.names) :]
    if told := jointly(*(columns @ v @ columns.T for v in (cov, claimed))):
        return {"method": "not selected, for want of a test", "reason": told, "n": n}
    statistic, df, p = adjusted.wald(columns, coef, cov)
    return {"statistic": statistic, "df": df, "p_value": p, "n": n, "method": text}


def _missingness(design: Design, of, outcome, plan, data):
    """Logistic regression of any follow-up, everybody; inverse information."""
    fit = logistic(data.seen, design.values)
    text = "Wald chi-square in the logistic regression of any follow-up; model-based covariance"
    inverse = np.linalg.inv(fit.bread)
    return fit.coef, inverse, inverse, len(data.people), text


def _response(design: Design, of, outcome, plan, data):
    """Modified Poisson regression of the outcome observed at the primary month; sandwich CR0 by
    the entry's clusters."""
    month = plan.primary.month
    response = data.responder[outcome][:, plan.months.index(month)]
    rows = np.flatnonzero(~np.isnan(response))
    gone = separated(response[rows], design.values[rows])
    if gone.any():
        raise FitError(
            f"{int(gone.sum())} people observed at month {month} are separated from every responder"
        )
    fit = modified_poisson(response[rows], design.values[rows])
    clusters = nesting.of_people(data.people, nested_arms(of, plan)).labels[rows]
    text = (
        f"Wald chi-square in modified Poisson at month {month}, observed; sandwich CR0 by cluster"
    )
    robust = covariance(influence(fit.bread, fit.scores), clusters)
    return fit.coef, robust, np.linalg.inv(fit.bread), len(rows), text
