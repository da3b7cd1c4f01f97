"""The trial's model of an outcome: GEE over visits, modified Poisson of a responder, linear of a
change in score, and the models that stand in for what is missing.

One entry of the plan and the analysis data go in, a `Result` comes out, and `result_rows` reads it
into the ARD. Entries differ in who is analyzed, what stands in for a missing outcome, the weights,
and how far the variance follows the models that made them.
"""

import itertools
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from trialrr.analyses.procedure.covariates import Missing, completed
from trialrr.analyses.procedure.covariates import filled as filled_in
from trialrr.analyses.procedure.data import TrialData, cutoff, for_entry
from trialrr.analyses.procedure.designs import (
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
from trialrr.analyses.procedure.engines import refused
from trialrr.analyses.procedure.entry import Analysis
from trialrr.analyses.procedure.naming import of_model
from trialrr.data import levels_of, numbers, written
from trialrr.design import clusters as nesting
from trialrr.design.matrix import Design, beside, filled_columns
from trialrr.estimate.columns import REPEATED, repeating
from trialrr.estimate.covariance import (
    HETEROSCEDASTIC,
    Covariance,
    by_name_or_reason,
    stacked,
)
from trialrr.estimate.fit import FitError, GlmFit, linear, logistic, modified_poisson
from trialrr.estimate.gee import GeeFit, gee_poisson_exchangeable
from trialrr.estimate.identified import LEAST_SQUARES
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
from trialrr.plan import Plan

Array = NDArray[np.float64]


class NothingToEstimate(FitError):
    """Nobody analyzed has an event, or nobody is analyzed."""


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
class EmptyCell:
    """Why a fit has nothing on an arm at a visit, "arm UC has no event at month 3"; risk : 0 there,
    NaN if nobody is analyzed; clusters : of the people analyzed."""

    reason: str
    risk: float
    clusters: int


@dataclass(frozen=True, slots=True)
class PersonVisits:
    """Rows of people × visits: person, visit : (m,) whose, which; outcome : (m,) observed or
    filled; imputed : (m,) booleans."""

    person: NDArray[np.int64]
    visit: NDArray[np.int64]
    outcome: Array
    imputed: NDArray[np.bool_]

    def take(self, at) -> "PersonVisits":
        return PersonVisits(self.person[at], self.visit[at], self.outcome[at], self.imputed[at])


@dataclass(frozen=True, slots=True)
class Result:
    """A fitted entry for one outcome.

    data : the N people of the entry; fit : n rows; names : p columns, of_cells : (p,) which of them
    are intercept, arm, month and arm × month; person, visit : (n,) whose row, which visit;
    cluster : (n,) number of the row's cluster, its own where the covariance takes rows one by one;
    outcome : (n,) observed or filled; imputed : (n,) booleans; binary : whether it is so;
    profiles : (arm, month), with a moderator (arm, month, level) → (p,) design row at the covariate
    means of the people in the fit, without the cells of `absent`;
    absent : by the same keys the cells without an event, or without people, which have no profile;
    aside : the rows of those cells, which are analyzed but not in the fit;
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
    cluster: NDArray[np.int64]
    outcome: Array
    imputed: NDArray[np.bool_]
    binary: bool
    profiles: dict[tuple[str, ...], Array]
    absent: dict[tuple[str, ...], EmptyCell]
    aside: PersonVisits
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

    @property
    def analyzed(self) -> PersonVisits:
        """The rows of the fit, then those set aside because their arm has no event at a visit."""
        own, aside = (self.person, self.visit, self.outcome, self.imputed), self.aside
        others = (aside.person, aside.visit, aside.outcome, aside.imputed)
        return PersonVisits(*map(np.concatenate, zip(own, others, strict=True)))

    @property
    def size(self) -> float:
        """Root mean square of the outcomes, √(Σ w y²/n)."""
        return float(np.sqrt(self.fit.weights @ self.outcome**2 / len(self.outcome)))

    @property
    def claimed(self) -> Array:
        """(p, p) a covariance that the data's own size gives, against which a robust one is judged
        to be rounding or not: `naive`, and of a linear model, whose residuals may be rounding
        themselves, a share of Σ w y²/n A⁻¹."""
        if self.binary:
            return self.naive
        return LEAST_SQUARES * self.size**2 * np.linalg.inv(self.fit.bread)


def fit(entry: Analysis, outcome: str, plan: Plan, data: TrialData, moderator: str = "") -> Result:
    """Fit one entry of the plan for one outcome (plan, items 1 to 6, 8 and 9).

    moderator : a column of participants whose levels get arm and month effects of their own; people
    without a level are left out. The outcome is the binary form, with `model: linear` the change in
    score. An arm without an event at a visit costs the estimates of that visit which need it, and
    nothing else: see `Result.absent`. Raises FitError naming the columns at fault when a covariate
    has a level without an event and the entry says `separation: stop`, when columns repeat each
    other, and when a fit does not converge; of it NothingToEstimate without any event. Raises
    ValueError for choices that do not go together (`engines.CHOICES`).
    """
    for key, value, engine in refused(partial(getattr, entry)):
        raise ValueError(f"analysis {entry.id}: {key} {value} takes {engine.words}")
    plan, data = plan.at_times_of(outcome), for_entry(entry, plan, data)
    if moderator:
        data = data.take(data.people[moderator].notna().to_numpy())
    chosen = [plan.covariate(id) for id in every_covariate(entry, outcome, plan)]
    data, missing = completed(entry.id, chosen, plan, data)
    n = len(data.people)
    person, visit = rows_of(entry, outcome, plan, data)
    arm = data.people["arm"].to_numpy()[person]
    cells = arm_by_month(plan, arm, visit)
    levels = tuple(levels_of(data.people[moderator])) if moderator else ()
    level = written(data.people[moderator]).to_numpy()[person] if moderator else None
    if moderator:
        cells = by_level(cells, level, levels)
    adjusted = [plan.covariate(id) for id in adjusted_for(entry, outcome, plan)]
    try:
        covariates = filled_columns(data.people, adjusted, plan.models.missing_covariates)
    except ValueError as error:
        whom = f"among the {n} people of analysis {entry.id}"
        raise FitError(f"{whom}: {error}; leave the covariate out of the entry") from None
    response_design, response = None, None
    weighted = plan.models.response if entry.weights else ()
    everybody = [plan.covariate(id) for id in weighted]
    if entry.weights:
        response, response_design = weights_of(entry, plan, data)
    weights = np.ones(n) if response is None else response.weights

    observed = measured(entry, data)[outcome][person, visit]
    imputed = np.isnan(observed)
    of_rows = PersonVisits(person, visit, observed, imputed)
    filled, imputation = _filled(entry, outcome, plan, data, of_rows)

    clusters = nesting.of_people(data.people, nested_arms(entry, plan))
    of_row = arm, visit, level, _numbered(entry, clusters.labels[person])
    absent, inside = _absent(entry, outcome, plan, filled, of_row, levels)
    covariates, unused = used(covariates, person[inside])
    kept_cells = np.ones(len(cells.names), bool)
    if absent:
        kept_cells = ~repeating(cells.values[inside])
    design = beside(cells.columns(kept_cells), covariates.take(person))
    of_cells = np.arange(len(design.names)) < kept_cells.sum()
    columns = np.append(kept_cells, np.ones(len(covariates.names), bool))
    kept, present, separation = _existing(entry, outcome, design.take(inside), filled[inside])
    kept = np.flatnonzero(inside)[kept]
    design, of_cells = design.columns(present).take(kept), of_cells[present]
    columns[np.flatnonzero(columns)[~present]] = False
    _no_column_repeats(entry, outcome, design)
    rows = person[kept]
    outcome_fit = _outcome_fit(entry, filled[kept], design.values, weights[rows], rows)

    covariance = by_name_or_reason(entry.covariance, outcome_fit, clusters.labels[rows])
    if entry.variance != "robust":
        correction = stack.through_weights(stack.totals(outcome_fit.scores, rows, n), response)
        if entry.variance == "stacked" and imputed[kept].any():
            correction = correction + _through(imputation, outcome_fit, kept, imputed, n)
        taken = cluster_totals(influence(outcome_fit.bread, correction), clusters.labels)
        covariance = stacked(covariance, np.unique(clusters.labels), taken)
    return Result(
        data=data,
        fit=outcome_fit,
        names=design.names,
        of_cells=of_cells,
        person=rows,
        visit=visit[kept],
        cluster=_numbered(entry, clusters.labels[rows]),
        outcome=filled[kept],
        imputed=imputed[kept],
        binary=entry.model != "linear",
        profiles={
            key: profile[columns]
            for key, profile in profiles(plan, covariates.take(np.unique(rows)), levels).items()
            if key not in absent
        },
        absent=absent,
        aside=PersonVisits(person, visit, filled, imputed).take(~inside),
        covariance=covariance,
        naive=_dispersion(entry, outcome_fit) * np.linalg.inv(outcome_fit.bread),
        clusters=clusters,
        response=response,
        response_design=response_design,
        imputation=imputation,
        separation=separation,
        dropped=len(np.unique(person[inside])) - len(np.unique(rows)),
        unused=unused,
        missing=missing or filled_in(chosen, everybody, data, rows),
    )


def _filled(
    entry: Analysis, outcome: str, plan: Plan, data: TrialData, rows: PersonVisits
) -> tuple[Array, Imputation | None]:
    """Outcomes (m,) of the rows with what stands in for missing ones, and the imputation model."""
    if entry.missing == "pattern_mixture":
        imputation = _impute(entry, outcome, plan, data, rows.person, rows.visit)
        return imputation.model.filled, imputation
    if entry.missing == "worst_best_case":
        reference = data.people["arm"].to_numpy()[rows.person] == plan.reference
        return np.where(rows.imputed, reference, rows.outcome), None
    return rows.outcome, None


def _through(
    imputation: Imputation, fitted, kept: NDArray, imputed: NDArray[np.bool_], n: int
) -> Array:
    """(n, p) what the imputation model adds to each person's score of the outcome model.

    kept : which of the rows are in the fit; imputed : (rows,) of all.
    """
    return stack.through_imputation(
        fitted,
        imputation.model.fit,
        imputation.predictors.values[kept],
        imputation.slope[kept],
        imputed[kept],
        imputation.observed_person,
        n,
    )


def _numbered(entry: Analysis, labels: NDArray) -> NDArray[np.int64]:
    if entry.covariance in HETEROSCEDASTIC:
        return np.arange(len(labels))
    return np.unique(labels, return_inverse=True)[1]


def _dispersion(entry: Analysis, fitted) -> float:
    """Residual variance of a linear model, Σ w (y - μ)²/(n - p); 1 of a binary outcome, NaN
    where nothing is left to estimate it from."""
    if entry.model != "linear":
        return 1.0
    n, p = fitted.design.shape
    return float((fitted.residuals**2 / fitted.weights).sum()) / (n - p) if n > p else np.nan


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
        people = np.nan_to_num(numbers(data.people[plan.outcome(outcome).baseline])) > 0
    if entry.missing == "pattern_mixture" or entry.weights:
        people &= data.seen
    months = len(plan.months)
    person = np.repeat(np.flatnonzero(people), months)
    return person, np.tile(np.arange(months), int(people.sum()))


def weights_of(entry: Analysis, plan: Plan, data: TrialData) -> tuple[ResponseModel, Design]:
    """Response weights of an entry that has them, for people as they are in `data`, and the design
    of their model. Raises FitError if the model has no maximum."""
    design = design_of_response(plan, data)
    arms = design.values[:, : len(plan.arms)] if entry.weights == "response_stabilized" else None
    with of_model("response model of any follow-up", "models.response", design.names):
        known = [a.id for a in plan.arms if data.seen[data.people["arm"] == a.id].all()]
        if 0 < len(known) < len(plan.arms):
            raise FitError(
                f"everybody of arm {' and '.join(known)} was seen, so the odds of it are infinite; "
                "take `weights` out of the entry"
            )
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
    whose = f"imputation model of outcome {outcome}"
    if entry.model == "linear":
        with of_model(whose, "models.imputation", predictors.names):
            model = impute_change(observed, predictors.values)
        return Imputation(model, predictors, person[~missing], np.nan, np.ones(len(person)))
    with of_model(whose, "models.imputation", predictors.names):
        model = impute_responder(
            observed,
            data.reduction[outcome][person, visit],
            cutoff(data, plan, outcome)[person],
            predictors.values,
        )
    bandwidth = entry.bandwidth_factor * silverman(model.margin[missing])
    slope = step_slope(model.margin, bandwidth)
    return Imputation(model, predictors, person[~missing], bandwidth, slope)


def _absent(entry, outcome, plan, response: Array, of_row, levels) -> tuple[dict, NDArray]:
    """Cells of arm × month (× level of a moderator) that no fit can say anything on, with the
    reason, and which rows are in the others. In a model of a ratio that is a cell without an event,
    in every model one without people.

    of_row : arm, visit, level (or None) and cluster of each row. Raises FitError when no cell is
    left, and for a cell of events alone where the model has no maximum there.
    """
    arm, visit, level, cluster = of_row
    absent, inside, certain = {}, np.ones(len(response), bool), []
    ids = [a.id for a in plan.arms]
    for key in itertools.product(ids, plan.months, *([levels] if levels else [])):
        own = (arm == key[0]) & (visit == plan.months.index(key[1]))
        where = f"at month {key[1]}"
        if levels:
            own &= level == key[2]
            where += f" among those with level {key[2]}"
        if not own.any():
            absent[key] = EmptyCell(f"nobody of arm {key[0]} is analyzed {where}", np.nan, 0)
        elif entry.model != "linear" and not response[own].any():
            count = len(np.unique(cluster[own]))
            absent[key] = EmptyCell(f"arm {key[0]} has no event {where}", 0.0, count)
            inside &= ~own
        elif entry.model in ("logistic", "log_binomial") and response[own].all():
            certain.append(f"everybody of arm {key[0]} has the event {where}")
    named = f"analysis {entry.id}, outcome {outcome}"
    if not len(response) or not inside.any():
        found = "no event in any arm at any visit" if len(response) else "nobody is analyzed"
        raise NothingToEstimate(f"{named}: {found}, so there is nothing to estimate")
    if certain:
        raise FitError(
            f"{named}: {'; '.join(certain)}, where a {entry.model.replace('_', '-')} model has no "
            "maximum inside its domain. What to do: use model: modified_poisson, or report the "
            "counts"
        )
    return absent, inside


def _existing(entry, outcome, design: Design, response: Array):
    """Rows on which a maximum of the likelihood exists, the columns (p,) that they have, and what
    that took."""
    everything = np.arange(len(response)), np.ones(len(design.names), bool), ""
    if entry.model == "linear":
        return everything
    gone = separated(response, design.values)
    if not gone.any():
        return everything
    eventless = (design.values[response > 0] == 0).all(axis=0)
    what = ", ".join(design.columns(eventless).names) or "a combination of columns"
    found = f"{what}: {int(gone.sum())} rows and no event, so a coefficient has no finite estimate"
    if entry.separation == "drop":
        kept = np.flatnonzero(~gone)
        return kept, (design.values[kept] != 0).any(axis=0), found
    _no_column_repeats(entry, outcome, design)  # the deeper fault, if it is there too
    raise FitError(
        f"analysis {entry.id}, outcome {outcome}: {found} (quasi-separation). What to do: leave "
        "the covariate out, merge its levels, or say `separation: drop` in the plan to set those "
        "people aside and report it"
    )


def _no_column_repeats(entry, outcome, design: Design) -> None:
    """Raises FitError naming the columns that are constant or repeat those before them."""
    repeated = repeating(design.values)
    if not repeated.any():
        return
    spread = np.ptp(design.values, axis=0)
    same, near = spread == 0, spread <= REPEATED * np.abs(design.values).max(axis=0)
    told = {
        "the same for everybody analyzed": design.columns(repeated & same).names,
        "the same for everybody analyzed but for a millionth of its size (subtract a constant "
        "from it in the data)": design.columns(repeated & near & ~same).names,
        "made of the columns before": design.columns(repeated & ~near & ~same).names,
    }
    found = "; ".join(
        f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} {what}"
        for what, names in told.items()
        if names
    )
    raise FitError(
        f"analysis {entry.id}, outcome {outcome}: {found}, so no coefficient of its own exists. "
        f"The columns are, in order: {', '.join(design.names)}. What to do: take the covariate out "
        "of the plan's list, or merge its levels"
    )
