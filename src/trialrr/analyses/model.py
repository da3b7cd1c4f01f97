"""The trial's model of an outcome: GEE over visits, modified Poisson of a responder, linear of a
change in score, and the models that stand in for what is missing.

One entry of the plan and the analysis data go in, a `Result` comes out, and `result_rows` reads it
into the ARD. Entries differ in who is analyzed, what stands in for a missing outcome, the weights,
and how far the variance follows the models that made them.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trialrr.analyses.covariates import Missing, completed
from trialrr.analyses.covariates import filled as filled_in
from trialrr.analyses.data import TrialData, cutoff, for_entry
from trialrr.analyses.designs import (
    adjusted_for,
    arm_by_month,
    by_level,
    design_of_response,
    every_covariate,
    nested_arms,
    pattern_cells,
    profiles,
    used,
    with_own_baseline,
)
from trialrr.design import clusters as nesting
from trialrr.design.matrix import Design, beside, filled_columns
from trialrr.estimate.covariance import Covariance, by_name, stacked
from trialrr.estimate.fit import FitError, GlmFit, linear, logistic, modified_poisson
from trialrr.estimate.gee import GeeFit, gee_poisson_exchangeable
from trialrr.estimate.log_binomial import LogBinomialFit, log_binomial
from trialrr.estimate.sandwich import cluster_totals, influence
from trialrr.estimate.separation import separated
from trialrr.missing import stack
from trialrr.missing.pattern_mixture import (
    PatternMixture,
    impute_change,
    impute_responder,
    silverman,
    step_slope,
)
from trialrr.missing.response import ResponseModel, response_weights
from trialrr.plan import Analysis, Plan

Array = NDArray[np.float64]


MODELS = {
    "modified_poisson": modified_poisson,
    "log_binomial": log_binomial,
    "logistic": logistic,
    "linear": linear,
}


@dataclass(frozen=True, slots=True)
class Imputation:
    """model : the pattern mixture; predictors : its design over all person × visit rows;
    observed_person : whose row each row of the model's fit is; bandwidth : of the smoothed step, in
    points of the score, NaN where nothing is dichotomized; slope : (rows,) derivative of the filled
    outcome by its prediction."""

    model: PatternMixture
    predictors: Design
    observed_person: NDArray[np.int64]
    bandwidth: float
    slope: Array


@dataclass(frozen=True, slots=True)
class Result:
    """A fitted entry for one outcome.

    data : the N people of the entry; fit : n rows; names : p columns, of_cells : (p,) which of them
    are intercept, arm, month and arm × month; person, visit : (n,) whose row, which visit;
    outcome : (n,) observed or filled; imputed : (n,) booleans; binary : whether it is so;
    profiles : (arm, month), with a moderator (arm, month, level) → (p,) design row at the covariate
    means of the people in the fit;
    covariance : robust, with its degrees of freedom; naive : (p, p) inverse information;
    clusters : of the N people; separation : what was dropped because no maximum exists, "" if
    nothing; dropped : people; unused : columns of covariates that nobody in the fit has; missing :
    people without a value of a covariate.
    """

    data: TrialData
    fit: GlmFit | LogBinomialFit | GeeFit
    names: tuple[str, ...]
    of_cells: NDArray[np.bool_]
    person: NDArray[np.int64]
    visit: NDArray[np.int64]
    outcome: Array
    imputed: NDArray[np.bool_]
    binary: bool
    profiles: dict[tuple[str, ...], Array]
    covariance: Covariance
    naive: Array
    clusters: nesting.Clusters
    response: ResponseModel | None
    response_design: Design | None
    imputation: Imputation | None
    separation: str
    dropped: int
    unused: tuple[str, ...]
    missing: Missing


def fit(entry: Analysis, outcome: str, plan: Plan, data: TrialData, moderator: str = "") -> Result:
    """Fit one entry of the plan for one outcome (plan, items 1 to 6, 8 and 9).

    moderator : a column of participants whose levels get arm and month effects of their own; people
    without a level are left out. The outcome is the binary form, with `model: linear` the change in
    score. Raises FitError naming the columns at fault when a covariate has a level without an event
    and the entry says `separation: stop`, and when a fit does not converge.
    """
    plan, data = plan.at_times_of(outcome), for_entry(entry, plan, data)
    if moderator:
        data = data.take((data.people[moderator] != "").to_numpy())
    chosen = [plan.covariate(id) for id in every_covariate(entry, outcome, plan)]
    data, missing = completed(entry.id, chosen, plan, data)
    n = len(data.people)
    person, visit = rows_of(entry, outcome, plan, data)
    arm = data.people["arm"].to_numpy()[person]
    cells = arm_by_month(plan, arm, visit)
    levels = tuple(sorted(set(data.people[moderator]))) if moderator else ()
    if moderator:
        cells = by_level(cells, data.people[moderator].to_numpy()[person], levels)
    adjusted = [plan.covariate(id) for id in adjusted_for(entry, outcome, plan)]
    try:
        covariates = filled_columns(data.people, adjusted, plan.models.missing_covariates)
    except ValueError as error:
        whom = f"among the {n} people of analysis {entry.id}"
        raise FitError(f"{whom}: {error}; leave the covariate out of the entry") from None
    covariates, unused = used(covariates, person)
    response_design, response = None, None
    weighted = plan.models.response if entry.weights else ()
    everybody = [plan.covariate(id) for id in weighted]
    if entry.weights:
        response, response_design = weights_of(entry, plan, data)
    weights = np.ones(n) if response is None else response.weights

    observed = measured(entry, data)[outcome][person, visit]
    imputed, imputation, filled = np.isnan(observed), None, observed
    if entry.missing == "pattern_mixture":
        imputation = _impute(entry, outcome, plan, data, person, visit)
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
                imputation.slope[kept],
                imputed[kept],
                imputation.observed_person,
                n,
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
        binary=entry.model != "linear",
        profiles=profiles(plan, design, covariates.take(np.unique(rows)), levels),
        covariance=covariance,
        naive=_dispersion(entry, outcome_fit) * np.linalg.inv(outcome_fit.bread),
        clusters=clusters,
        response=response,
        response_design=response_design,
        imputation=imputation,
        separation=separation,
        dropped=len(np.unique(person)) - len(np.unique(rows)),
        unused=unused,
        missing=missing or filled_in(chosen, everybody, data, rows),
    )


def _dispersion(entry: Analysis, fitted) -> float:
    """Residual variance of a linear model, Σ w (y - μ)²/(n - p); 1 of a binary outcome."""
    if entry.model != "linear":
        return 1.0
    n, p = fitted.design.shape
    return float((fitted.residuals**2 / fitted.weights).sum()) / (n - p)


def measured(entry: Analysis, data: TrialData) -> dict[str, Array]:
    """Outcome → (n, J) what the entry's model explains: the change in score, or the binary form."""
    return data.change if entry.model == "linear" else data.responder


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


def rows_of(entry, outcome, plan, data) -> tuple[NDArray, NDArray]:
    """Person and visit of each row of the fit, people in order, their visits in order.

    A responder is not defined for a baseline score of 0, nor without one: such people are left
    out of the filled analyses (they are among the findings). Weights are of people seen."""
    if entry.missing == "complete_case":
        observed = ~np.isnan(measured(entry, data)[outcome])
        return np.nonzero(observed & data.seen[:, None] if entry.weights else observed)
    people = np.ones(len(data.people), bool)
    if entry.model != "linear" and plan.outcome(outcome).threshold is not None:
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


def _impute(entry, outcome, plan, data, person, visit) -> Imputation:
    """Pattern mixture: arm × month, number of follow-ups (all is the reference), × arm, Z."""
    ids = with_own_baseline(plan.models.imputation, outcome, plan)
    covariates = [plan.covariate(id) for id in ids]
    z = filled_columns(data.people, covariates, plan.models.missing_covariates)
    cells = arm_by_month(plan, data.people["arm"].to_numpy()[person], visit)
    predictors = beside(pattern_cells(plan, data, person, cells), z.take(person))
    observed = measured(entry, data)[outcome][person, visit]
    missing = np.isnan(observed)
    if entry.model == "linear":
        model = impute_change(observed, predictors.values)
        return Imputation(model, predictors, person[~missing], np.nan, np.ones(len(person)))
    model = impute_responder(
        observed,
        data.reduction[outcome][person, visit],
        cutoff(data, plan, outcome)[person],
        predictors.values,
    )
    bandwidth = entry.bandwidth_factor * silverman(model.margin[missing])
    slope = step_slope(model.margin, bandwidth)
    return Imputation(model, predictors, person[~missing], bandwidth, slope)


def _existing(entry, outcome, design: Design, cells: Design, response: Array):
    """Rows and columns on which a maximum of the likelihood exists, and what that took."""
    if entry.model == "linear":
        return np.arange(len(response)), design, ""
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


def _numeric(data: TrialData, column: str) -> Array:
    return pd.to_numeric(data.people[column].replace("", np.nan)).to_numpy(float)
