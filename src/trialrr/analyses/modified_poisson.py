"""The trial's model of a responder: modified Poisson GEE over visits, adjusted risks, contrasts.

One entry of the plan and the analysis data go in, a `Result` comes out, and `result_rows` reads it
into the ARD. Entries differ in who is analyzed, what stands in for a missing outcome, the weights,
and how far the variance follows the models that made them.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trialrr.analyses.data import TrialData, cutoff, for_entry
from trialrr.design import clusters as nesting
from trialrr.design.matrix import Design, beside, covariate_columns, indicators, intercept, product
from trialrr.estimate.covariance import Covariance, by_name, stacked
from trialrr.estimate.fit import FitError, GlmFit, logistic, modified_poisson
from trialrr.estimate.gee import GeeFit, gee_poisson_exchangeable
from trialrr.estimate.log_binomial import LogBinomialFit, log_binomial
from trialrr.estimate.sandwich import cluster_totals, influence
from trialrr.estimate.separation import separated
from trialrr.missing import stack
from trialrr.missing.pattern_mixture import PatternMixture, impute_responder, silverman
from trialrr.missing.response import ResponseModel, response_weights
from trialrr.plan import Analysis, Plan

Array = NDArray[np.float64]


MODELS = {"modified_poisson": modified_poisson, "log_binomial": log_binomial, "logistic": logistic}


@dataclass(frozen=True, slots=True)
class Imputation:
    """model : the pattern mixture; predictors : its design over all person × visit rows;
    observed_person : whose row each row of the model's fit is; bandwidth : of the smoothed step, in
    points of the score."""

    model: PatternMixture
    predictors: Design
    observed_person: NDArray[np.int64]
    bandwidth: float


@dataclass(frozen=True, slots=True)
class Result:
    """A fitted entry for one outcome.

    data : the N people of the entry; fit : n rows; names : p columns, of_cells : (p,) which of them
    are intercept, arm, month and arm × month; person, visit : (n,) whose
    row, which visit; outcome : (n,) observed or filled; imputed : (n,) booleans;
    profiles : (arm, month) → (p,) design row at the covariate means of the people in the fit;
    covariance : robust, with its degrees of freedom; naive : (p, p) inverse information;
    clusters : of the N people; separation : what was dropped because no maximum exists, "" if
    nothing; dropped : people.
    """

    data: TrialData
    fit: GlmFit | LogBinomialFit | GeeFit
    names: tuple[str, ...]
    of_cells: NDArray[np.bool_]
    person: NDArray[np.int64]
    visit: NDArray[np.int64]
    outcome: Array
    imputed: NDArray[np.bool_]
    profiles: dict[tuple[str, str], Array]
    covariance: Covariance
    naive: Array
    clusters: nesting.Clusters
    response: ResponseModel | None
    response_design: Design | None
    imputation: Imputation | None
    separation: str
    dropped: int


def fit(entry: Analysis, outcome: str, plan: Plan, data: TrialData) -> Result:
    """Fit one entry of the plan for one outcome (plan, items 1 to 6).

    Raises FitError naming the columns at fault when a covariate has a level without an event and
    the entry says `separation: stop`, and when a fit does not converge.
    """
    data = for_entry(entry, plan, data)
    n = len(data.people)
    person, visit = rows_of(entry, outcome, plan, data)
    arm = data.people["arm"].to_numpy()[person]
    cells = arm_by_month(plan, arm, visit)
    covariates = covariate_columns(
        data.people, [plan.covariate(id) for id in adjusted_for(entry, outcome, plan)]
    )
    response_design, response = None, None
    if entry.weights:
        response, response_design = weights_of(entry, plan, data)
    weights = np.ones(n) if response is None else response.weights

    observed = data.responder[outcome][person, visit]
    imputed, imputation, filled = np.isnan(observed), None, observed
    if entry.missing == "pattern_mixture":
        imputation = _impute(entry, outcome, plan, data, person, visit, cells)
        filled = imputation.model.filled
    elif entry.missing == "worst_best_case":
        filled = np.where(imputed, arm == plan.reference, observed)

    design = beside(cells, covariates.take(person))
    kept, design, separation = _existing(entry, outcome, design, cells, filled)
    rows = person[kept]
    outcome_fit = _outcome_fit(entry, filled[kept], design.values, weights[rows], rows)

    clusters = nesting.of_people(data.people, nested_arms(entry, plan))
    covariance = by_name(entry.covariance, outcome_fit, clusters.labels[rows])
    if entry.variance != "robust":
        scores = stack.totals(outcome_fit.scores, rows, n)
        correction = stack.through_weights(scores, response)
        if entry.variance == "stacked" and imputed[kept].any():
            correction = correction + stack.through_imputation(
                outcome_fit,
                imputation.model.fit,
                imputation.predictors.values[kept],
                imputation.model.margin[kept],
                imputed[kept],
                imputation.observed_person,
                n,
                imputation.bandwidth,
            )
        taken = cluster_totals(influence(outcome_fit.bread, correction), clusters.labels)
        covariance = stacked(covariance, np.unique(clusters.labels), taken)
    return Result(
        data=data,
        fit=outcome_fit,
        names=design.names,
        of_cells=np.isin(design.names, cells.names),
        person=rows,
        visit=visit[kept],
        outcome=filled[kept],
        imputed=imputed[kept],
        profiles=_profiles(plan, design, covariates.take(np.unique(rows))),
        covariance=covariance,
        naive=np.linalg.inv(outcome_fit.bread),
        clusters=clusters,
        response=response,
        response_design=response_design,
        imputation=imputation,
        separation=separation,
        dropped=len(np.unique(person)) - len(np.unique(rows)),
    )


def _outcome_fit(entry: Analysis, outcome: Array, design: Array, weights: Array, person: NDArray):
    """Fit of the entry's `model` under its `working` correlation. A log-binomial maximum on the
    boundary has no standard error and is refused."""
    if entry.working == "exchangeable":
        return gee_poisson_exchangeable(outcome, design, person, weights)
    fitted = MODELS[entry.model](outcome, design, weights)
    if entry.model == "log_binomial" and fitted.boundary:
        raise FitError(
            f"analysis {entry.id}: the log-binomial maximum lies on the boundary (fitted risk 1 on "
            f"{int(fitted.at_boundary.sum())} rows), where no standard error holds; use model: "
            "modified_poisson"
        )
    return fitted


def adjusted_for(entry: Analysis, outcome: str, plan: Plan) -> tuple[str, ...]:
    """Covariates of an entry's outcome model: its own list, else the plan's, and for an outcome
    other than the first its own baseline value (plan, item 1)."""
    if entry.covariates is not None:
        return entry.covariates
    return with_own_baseline(plan.models.adjusted, outcome, plan)


def nested_arms(entry: Analysis, plan: Plan) -> dict[str, str]:
    """arm → what its people share, for the entry's choice of clusters."""
    return {a.id: "person" if entry.clusters == "person" else a.clusters for a in plan.arms}


def arm_by_month(plan: Plan, arm: NDArray, visit: NDArray) -> Design:
    """Intercept, arm, month and arm × month; references are the plan's arm and first month.

    arm : (n,) ids; visit : (n,) index into the plan's visits. Columns `PT`, `month6`, `PT:month6`.
    """
    others = [a.id for a in plan.arms if a.id != plan.reference]
    arms = indicators(arm, others, others)
    month = np.asarray(plan.months, dtype=object)[visit]
    later = indicators(month, plan.months[1:], [f"month{m}" for m in plan.months[1:]])
    return beside(intercept(len(arm)), arms, later, product(arms, later))


def with_own_baseline(ids: tuple[str, ...], outcome: str, plan: Plan) -> tuple[str, ...]:
    own = plan.outcome(outcome).baseline
    return (*ids, own) if plan.models.own_baseline and own and own not in ids else ids


def rows_of(entry, outcome, plan, data) -> tuple[NDArray, NDArray]:
    """Person and visit of each row of the fit, people in order, their visits in order.

    A responder is not defined for a baseline score of 0, nor without one: such people are left
    out of the filled analyses (they are among the findings)."""
    if entry.missing == "complete_case":
        return np.nonzero(~np.isnan(data.responder[outcome]))
    people = np.ones(len(data.people), bool)
    if plan.outcome(outcome).baseline:
        people = np.nan_to_num(_numeric(data, plan.outcome(outcome).baseline)) > 0
    if entry.missing == "pattern_mixture":
        people &= data.seen
    months = len(plan.months)
    person = np.repeat(np.flatnonzero(people), months)
    return person, np.tile(np.arange(months), int(people.sum()))


def weights_of(entry: Analysis, plan: Plan, data: TrialData) -> tuple[ResponseModel, Design]:
    """Response weights of an entry that has them, for people as they are in `data`, and the design
    of their model. Raises FitError if the model has no maximum."""
    design = design_of_response(plan, data)
    arms = design.values[:, : len(plan.arms)] if entry.weights == "response_stabilized" else None
    return response_weights(data.seen, design.values, arms, entry.truncation), design


def design_of_response(plan: Plan, data: TrialData, fill: bool = True) -> Design:
    """Intercept, arm and the covariates of the response model, with its own references; `fill` as
    in `covariate_columns`."""
    references = plan.models.response_references
    first = references.get("arm", plan.reference)
    others = [a.id for a in plan.arms if a.id != first]
    arms = indicators(data.people["arm"].to_numpy(), others, others)
    covariates = [plan.covariate(id) for id in plan.models.response]
    covariates = [
        type(c)(c.id, c.label, references[c.id]) if c.id in references else c for c in covariates
    ]
    return beside(
        intercept(len(data.people)), arms, covariate_columns(data.people, covariates, fill)
    )


def _impute(entry, outcome, plan, data, person, visit, cells) -> Imputation:
    """Pattern mixture: arm × month, number of follow-ups (all is the reference), × arm, Z."""
    ids = with_own_baseline(plan.models.imputation, outcome, plan)
    z = covariate_columns(data.people, [plan.covariate(id) for id in ids])
    predictors = beside(pattern_cells(plan, data, person, cells), z.take(person))
    model = impute_responder(
        data.responder[outcome][person, visit],
        data.reduction[outcome][person, visit],
        cutoff(data, plan, outcome)[person],
        predictors.values,
    )
    missing = np.isnan(data.responder[outcome][person, visit])
    bandwidth = entry.bandwidth_factor * silverman(model.margin[missing])
    return Imputation(model, predictors, person[~missing], bandwidth)


def pattern_cells(plan: Plan, data: TrialData, person: NDArray, cells: Design) -> Design:
    """`cells`, the number of follow-ups (all is the reference), and that × arm."""
    others = [a.id for a in plan.arms if a.id != plan.reference]
    arms = indicators(data.people["arm"].to_numpy()[person], others, others)
    counts = list(range(len(plan.months) - 1, 0, -1))
    pattern = indicators(
        data.visits_completed[person], counts, [f"pattern{count}" for count in counts]
    )
    return beside(cells, pattern, product(arms, pattern))


def _existing(entry, outcome, design: Design, cells: Design, response: Array):
    """Rows and columns on which a maximum of the likelihood exists, and what that took."""
    gone = separated(response, design.values)
    if not gone.any():
        return np.flatnonzero(~gone), design, ""
    eventless = (design.values[response > 0] == 0).all(axis=0)
    columns = [name for name, empty in zip(design.names, eventless, strict=True) if empty]
    what = ", ".join(columns) or "a combination of columns"
    found = f"{what}: {int(gone.sum())} rows and no event, so a coefficient has no finite estimate"
    remedy = (
        "leave the covariate out, merge its levels, or say `separation: drop` in the plan to set "
        "those people aside and report it"
    )
    if set(columns) & set(cells.names) or not response.any():
        remedy = "an arm without an event at a visit has no relative risk; report its counts"
    elif entry.separation == "drop":
        kept = np.flatnonzero(~gone)
        used = (design.values[kept] != 0).any(axis=0)
        names = tuple(name for name, use in zip(design.names, used, strict=True) if use)
        return kept, Design(design.values[kept][:, used], names), found
    raise FitError(
        f"analysis {entry.id}, outcome {outcome}: {found} (quasi-separation). What to do: {remedy}"
    )


def _profiles(plan: Plan, design: Design, covariates: Design) -> dict[tuple[str, str], Array]:
    """Design rows of each arm and month at the covariate means, one row a person, unweighted."""
    means = dict(zip(covariates.names, covariates.values.mean(axis=0), strict=True))
    arms = np.repeat([a.id for a in plan.arms], len(plan.months))
    visits = np.tile(np.arange(len(plan.months)), len(plan.arms))
    cells = arm_by_month(plan, arms.astype(object), visits)
    profiles = {}
    for k, (arm, visit) in enumerate(zip(arms, visits, strict=True)):
        row = means | dict(zip(cells.names, cells.values[k], strict=True))
        profiles[str(arm), plan.months[visit]] = np.array([row[name] for name in design.names])
    return profiles


def _numeric(data: TrialData, column: str) -> Array:
    return pd.to_numeric(data.people[column].replace("", np.nan)).to_numpy(float)
