"""Kind `per_protocol`: an entry's outcome model on those of the active arms who took the treatment,
weighted so that they stand for all of their arm."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from trialrr import ard
from trialrr.analyses.base import Job
from trialrr.analyses.procedure.data import TrialData
from trialrr.analyses.procedure.engines import RISKS_OF_WHO_TOOK_IT
from trialrr.analyses.procedure.entry import Analysis
from trialrr.analyses.procedure.model import Result, fit, rows_of
from trialrr.analyses.procedure.naming import of_model
from trialrr.analyses.procedure.risks import at_month
from trialrr.analyses.procedure.rows import counts, method_text, numbers_of
from trialrr.analyses.treatment.entries import PerProtocol
from trialrr.analyses.treatment.treatment_received import arms_with, took
from trialrr.ard import Contrast, Subgroup
from trialrr.design.matrix import beside, covariate_columns, intercept
from trialrr.estimate.covariance import by_name_or_reason, stacked
from trialrr.estimate.fit import FitError, modified_poisson
from trialrr.estimate.sandwich import cluster_totals, influence
from trialrr.estimate.separation import separated
from trialrr.missing import stack
from trialrr.missing.adherence import adherence_weights
from trialrr.missing.response import ResponseModel
from trialrr.plan import Plan

Array = NDArray[np.float64]


def jobs(entry: PerProtocol, plan: Plan, data: TrialData) -> list[Job]:
    """Risks, ratios and differences at every month; the largest weight of each arm. A job raises
    ValueError for an entry `of` that is fitted by other means."""
    return [
        partial(_outcome_rows, entry, outcome, plan.at_times_of(outcome), data)
        for outcome in entry.outcomes
    ]


@dataclass(frozen=True, slots=True)
class Taking:
    """The adherence model of one active arm: people : (n,) of the arm with rows in the fit; took :
    (n,); model : None where all took the treatment."""

    people: NDArray[np.int64]
    took: NDArray[np.bool_]
    model: ResponseModel | None


def refit(
    entry: PerProtocol, outcome: str, plan: Plan, data: TrialData
) -> tuple[Result, dict[str, Taking]]:
    """The entry `of` fitted again on the reference arm and those who took the treatment, by active
    arm the model that made their weights.

    Covariate means, imputations and response weights are those of `of`. The covariance follows the
    adherence models, and those of weights and imputations as the `variance` of `of` says. Raises
    FitError if a model has no solution, or if the column is blank for an active arm.
    """
    of = plan.analysis(entry.of)
    result = fit(of, outcome, plan, data)
    people = result.data.people
    active = [a.id for a in plan.arms if a.id != plan.reference]
    if lacking := [arm for arm in active if arm not in arms_with(entry, plan, people)]:
        raise FitError(f"{entry.column} is blank for all of arm {', '.join(lacking)}")
    taken = took(entry, plan, people)
    columns = [plan.covariate(id) for id in entry.covariates]
    design = beside(intercept(len(people)), covariate_columns(people, columns))
    of_person, weights = people["arm"].to_numpy(), np.ones(len(people))
    present, models = np.unique(result.analyzed.person), {}
    for arm in active:
        own = present[of_person[present] == arm]
        with of_model(f"adherence in arm {arm}", f"{entry.id}.covariates", design.names):
            model = adherence_weights(taken[own], design.values[own])
        models[arm] = Taking(own, taken[own], model)
        weights[own] = taken[own] if model is None else model.weights
    rows = np.flatnonzero(weights[result.person] > 0)
    person = result.person[rows]
    z, filled = result.fit.design[rows], result.outcome[rows]
    if (gone := separated(filled, z)).any():
        raise FitError(
            f"{int(gone.sum())} rows of those who took the treatment are separated from every "
            "event, so a coefficient has no finite estimate; leave a covariate out of the entry "
            f"{of.id}, or report the counts"
        )
    own = modified_poisson(filled, z, result.fit.weights[rows] * weights[person])
    labels = result.clusters.labels
    covariance = by_name_or_reason(of.covariance, own, labels[person])
    found = replace(
        result,
        fit=own,
        person=person,
        visit=result.visit[rows],
        cluster=result.cluster[rows],
        outcome=filled,
        imputed=result.imputed[rows],
        aside=result.aside.take(weights[result.aside.person] > 0),
        naive=np.linalg.inv(own.bread),
    )
    correction = _correction(found, rows, of, outcome, plan, result, models)
    totals = cluster_totals(influence(own.bread, correction), labels)
    return replace(found, covariance=stacked(covariance, np.unique(labels), totals)), models


def _correction(found, rows, of, outcome, plan, result: Result, models) -> Array:
    """(N, p) to be taken from the scores: what the models behind the weights, and behind the
    imputations, add to the influence of people."""
    n = len(found.data.people)
    scores = stack.totals(found.fit.scores, found.person, n)
    correction = np.zeros_like(scores)
    for taking in models.values():
        if taking.model is not None:
            correction[taking.people] += stack.through_weights(scores[taking.people], taking.model)
    if of.variance != "robust":
        correction += stack.through_weights(scores, found.response)
    if of.variance == "stacked" and found.imputed.any():
        person, visit = rows_of(of, outcome, plan, found.data)
        at = person * len(plan.months) + visit
        place = np.searchsorted(at, (result.person * len(plan.months) + result.visit)[rows])
        correction += stack.through_imputation(
            found.fit,
            found.imputation.model.fit,
            found.imputation.predictors.values[place],
            found.imputation.slope[place],
            found.imputed,
            found.imputation.observed_person,
            n,
        )
    return correction


def _outcome_rows(entry: PerProtocol, outcome: str, plan: Plan, data: TrialData) -> list[dict]:
    of = _plain(entry, plan)
    shared = {"analysis": entry.id, "outcome": outcome, "status": entry.status}
    try:
        result, models = refit(entry, outcome, plan, data)
    except FitError as error:
        return [ard.not_estimable(str(error), n=len(data.people), **shared)]
    words = (
        f"those of the active arms with {Subgroup.where(entry.column, entry.took)}, weighted by "
        "share/P(took | covariates) of their arm, stacked with that model"
    )
    cells, table = shared | {"method": f"{method_text(of, plan, result.missing)}; {words}"}, []
    for j, month in enumerate(plan.months):
        risks = at_month(result, of, plan, month)
        for arm in (a.id for a in plan.arms):
            own = cells | {"month": month, "level": arm} | counts(result, [arm], j)
            table.append(ard.row(quantity="risk", **numbers_of(risks.risk(arm)), **own))
        for one, other in plan.contrasts:
            own = cells | {"month": month, "level": Contrast(one, other)}
            own |= counts(result, [one, other], j)
            effects = {
                "risk_ratio": risks.ratio(one, other),
                "risk_difference": risks.difference(one, other),
            }
            table += [ard.row(quantity=q, **numbers_of(e), **own) for q, e in effects.items()]
    text = "largest share/P(took | covariates) of those who took the treatment"
    for arm, taking in models.items():
        largest = 1.0 if taking.model is None else float(taking.model.weights.max())
        own = {"level": arm, "n": len(taking.took), "events": int(taking.took.sum())}
        table.append(ard.row(quantity="max_weight", estimate=largest, method=text, **own, **shared))
    return table


def _plain(entry: PerProtocol, plan: Plan) -> Analysis:
    of = plan.analysis(entry.of)
    refused = RISKS_OF_WHO_TOOK_IT.refuses(partial(getattr, of))
    if refused:
        found = ", ".join(f"{key}: {value}" for key, value in refused.items())
        raise ValueError(
            f"analysis {entry.id}: `of` names {of.id}, which has {found}; expected "
            f"{RISKS_OF_WHO_TOOK_IT.words}"
        )
    return of
