"""What the people of a trial cost and gained, `CostEffectData` of an entry of kind `economics`."""

import numpy as np
from numpy.typing import NDArray

from trialrr.analyses.economics.entries import Economics
from trialrr.analyses.procedure import designs, model
from trialrr.analyses.procedure.data import TrialData, cutoff
from trialrr.analyses.procedure.engines import COSTS_AND_EFFECTS
from trialrr.analyses.procedure.entry import Analysis
from trialrr.data import numbers, written
from trialrr.design.matrix import covariate_columns
from trialrr.estimate.net_benefit import trapezoid
from trialrr.plan import Covariate, Plan, replace
from trialrr.resample.incremental import (
    Array,
    CostEffectData,
    Costs,
    Prediction,
    Responders,
    Utilities,
)

BEFORE = "_before"


def chain(entry: Economics, plan: Plan, data: TrialData) -> CostEffectData:
    """The chain of `entry` for people as they are in `data`, whose population, windows and
    definition are already those of the entry `of`.

    Raises ValueError for several outcomes, for an entry `of` without responders, with worst and
    best cases or with weights other than plain ones, for a month at which something is not
    measured, and for columns that are not there.
    """
    of, outcome = plan.analysis(entry.of), _outcome(entry)
    if not COSTS_AND_EFFECTS.can_do(of):
        raise ValueError(
            f"analysis {entry.id}: costs and effects of the people of {of.id} cannot be resampled; "
            f"expected {COSTS_AND_EFFECTS.words}"
        )
    month, order = _place(entry, outcome, plan), {a.id: k for k, a in enumerate(plan.arms)}
    people = np.zeros(len(data.people), bool)
    person, visit = model.rows_of(of, outcome, plan, data)
    people[person[visit == month]] = True
    response = None
    if of.weights:
        response = designs.design_of_response(plan, data, fill=False).values
    return CostEffectData(
        data.people["arm"].map(order).to_numpy(int),
        len(plan.arms),
        people,
        _covariates(entry, of, outcome, plan, data, people),
        costs(entry, data),
        entry.winsorize,
        _utilities(entry, plan, data, people),
        _responders(of, outcome, plan, data, people, month),
        data.seen,
        response,
    )


def counts_of(column: str, entry: Economics, data: TrialData) -> Array:
    """(n,) how much of a column each person used, NaN where missing. Raises ValueError where
    participants lack the column, or where nobody of an arm has it."""
    if column not in data.people:
        raise ValueError(
            f"analysis {entry.id}: participants lack column {column!r}, which `unit_costs` prices; "
            "derive the data with it, or take it out of the plan"
        )
    found = numbers(data.people[column])
    for arm in sorted(set(data.people["arm"])):
        if np.isnan(found[(data.people["arm"] == arm).to_numpy()]).all():
            raise ValueError(
                f"analysis {entry.id}: column {column!r} is blank for everybody of arm {arm}, so "
                "its costs cannot be compared; take it out of `unit_costs`"
            )
    return found


def costs(entry: Economics, data: TrialData) -> Costs:
    """Σ over columns of use × unit cost, apart from columns that somebody lacks."""
    known, lacking = np.zeros(len(data.people)), []
    for column, price in entry.unit_costs.items():
        cost = price * counts_of(column, entry, data)
        if np.isnan(cost).any():
            lacking.append(cost)
        else:
            known += cost
    empty = np.empty((len(known), 0))
    return Costs(known, np.column_stack(lacking) if lacking else empty)


def cost_before(entry: Economics, data: TrialData) -> Array | None:
    """(n,) cost before the trial of the columns that have a twin `_before`, where missing at the
    mean of everybody in the data at hand; None if no column has one."""
    found = None
    for column, price in entry.unit_costs.items():
        if column + BEFORE in data.people:
            use = counts_of(column + BEFORE, entry, data)
            own = price * np.where(np.isnan(use), np.nanmean(use), use)
            found = own if found is None else found + own
    return found


def followed(data: TrialData, utility: str, places: int) -> tuple[Array, NDArray[np.bool_]]:
    """(n, J) utilities at the first `places` visits, and where they are to be predicted.

    People who died have 0 from the first visit after the last at which they were seen: the day of
    death is not among the participants' data, so the utility falls on a straight line from that
    last visit to the next.
    """
    score = data.score[utility][:, :places]
    gone = np.zeros(len(score), bool)
    if "died" in data.people:
        gone = (written(data.people["died"]) == "1").to_numpy()
    later = np.flip(np.isnan(np.flip(score, axis=1)).cumprod(axis=1), axis=1).astype(bool)
    dead = later & gone[:, None]
    return np.where(dead, 0.0, score), np.isnan(score) & ~dead


def _outcome(entry: Economics) -> str:
    if len(entry.outcomes) != 1:
        raise ValueError(
            f"analysis {entry.id}: outcomes {', '.join(entry.outcomes) or 'none'}; expected one, "
            "whose responders are the effect; write an entry for each other"
        )
    return entry.outcomes[0]


def _place(entry: Economics, outcome: str, plan: Plan) -> int:
    """Which visit of the plan the entry's month is."""
    for id in (outcome, entry.utility):
        months = plan.at_times_of(id).months
        if entry.month not in months:
            raise ValueError(
                f"analysis {entry.id}: {id} is not measured at month {entry.month}; expected one "
                f"of {', '.join(months)}"
            )
    return plan.months.index(entry.month)


def _covariates(entry, of: Analysis, outcome, plan, data, people) -> Array:
    """(n, q) covariates of all regressions, NaN where missing: Z, the outcome's own baseline, the
    baseline utility, the cost before; without those that are the same for everybody."""
    ids = designs.adjusted_for(replace(of, covariates=entry.covariates), outcome, plan)
    utility = plan.outcome(entry.utility).baseline
    listed = [plan.covariate(id) for id in ids]
    if utility not in ids:
        listed.append(Covariate(utility))
    columns = [covariate_columns(data.people, listed, fill=False).values]
    before = cost_before(entry, data)
    if before is not None:
        columns.append(before[:, None])
    values = np.hstack(columns)
    varies = np.nanmax(values[people], axis=0) > np.nanmin(values[people], axis=0)
    return values[:, varies]


def _utilities(entry: Economics, plan: Plan, data: TrialData, people) -> Utilities:
    own = plan.at_times_of(entry.utility)
    places = own.months.index(entry.month) + 1
    declared = plan.outcome(entry.utility)
    if not declared.baseline or entry.utility not in data.score:
        raise ValueError(
            f"analysis {entry.id}: {entry.utility} has no score with a baseline in these data; "
            "expected utilities at baseline and at follow-up"
        )
    utility, gaps = followed(data, entry.utility, places)
    score = data.score[entry.utility].copy()
    score[~people] = np.nan
    wanted = np.zeros(score.shape, bool)
    wanted[:, :places] = gaps & people[:, None]
    years = np.array([0, *map(float, own.months[:places])]) / 12
    weights = np.zeros(1 + score.shape[1])
    weights[: 1 + places] = trapezoid(years)
    known = np.full(score.shape, np.nan)
    known[:, :places] = utility
    ids = plan.models.imputation
    z = [plan.covariate(id) for id in ids]
    z += [Covariate(declared.baseline)] if declared.baseline not in ids else []
    prediction = _prediction(z, own, plan, data, score, wanted)
    baseline = numbers(data.people[declared.baseline])
    return Utilities(baseline, known, weights, prediction)


def _responders(of, outcome, plan, data, people, month: int) -> Responders:
    observed = data.responder[outcome]
    if of.missing == "complete_case":
        return Responders(observed[:, month], month, np.full(len(observed), np.nan), None)
    if outcome not in data.reduction:
        raise ValueError(
            f"outcome {outcome!r} has no reduction in score to predict; expected an outcome with "
            "a threshold, or an entry with missing: complete_case"
        )
    score = np.where(people[:, None], data.reduction[outcome], np.nan)
    wanted = np.isnan(observed) & people[:, None]
    ids = designs.with_own_baseline(plan.models.imputation, outcome, plan)
    z = [plan.covariate(id) for id in ids]
    prediction = _prediction(z, plan, plan, data, score, wanted)
    return Responders(observed[:, month], month, cutoff(data, plan, outcome), prediction)


def _prediction(covariates, own: Plan, plan: Plan, data: TrialData, score, wanted) -> Prediction:
    """The pattern mixture's linear model of a score, at the visits of the plan `own`: arm × month,
    number of follow-ups among the visits of `plan`, that × arm, covariates."""
    n, visits = score.shape
    person, visit = np.repeat(np.arange(n), visits), np.tile(np.arange(visits), n)
    cells = designs.arm_by_month(own, data.people["arm"].to_numpy()[person], visit)
    columns = designs.pattern_cells(plan, data, person, cells).values
    z = covariate_columns(data.people, covariates, fill=False).values
    return Prediction(columns.reshape(n, visits, -1), z, score, wanted)
