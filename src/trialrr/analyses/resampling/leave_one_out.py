"""Kind `leave_one_out`: an entry's whole procedure without each level of a column."""

from functools import partial

import pandas as pd

from trialrr import ard
from trialrr.analyses.base import Job
from trialrr.analyses.procedure.data import TrialData, for_entry
from trialrr.analyses.procedure.entry import Analysis
from trialrr.analyses.procedure.refits import refit_rows
from trialrr.analyses.resampling.entries import LeaveOneOut
from trialrr.ard import Subgroup
from trialrr.data import levels_of, written
from trialrr.design.clusters import names
from trialrr.plan import Covariate, Plan, replace

CLUSTER = "cluster"
"""The column whose levels are shown by their ranks."""


def jobs(entry: LeaveOneOut, plan: Plan, data: TrialData) -> list[Job]:
    """Risks and contrasts at every month, a job a level; `subgroup` names who is left out, clusters
    by rank. Raises ValueError if the column has no level."""
    levels = _levels(entry, for_entry(plan.analysis(entry.of), plan, data))
    subgroups = {level: _subgroup(level, entry, data) for level in levels}
    return [
        partial(_without, level, subgroups[level], entry, outcome, plan, data)
        for outcome in entry.outcomes
        for level in sorted(levels, key=lambda level: str(subgroups[level]))
    ]


def _subgroup(level: str, entry: LeaveOneOut, data: TrialData) -> Subgroup:
    shown = names(data.people[CLUSTER])[level] if entry.by == CLUSTER else level
    return Subgroup.of({entry.by: shown})


def _without(
    level: str,
    subgroup: Subgroup,
    entry: LeaveOneOut,
    outcome: str,
    plan: Plan,
    data: TrialData,
) -> list[dict]:
    """Rows of the entry `of` for the people of other levels."""
    of = plan.analysis(entry.of)
    rest = data.take((written(data.people[entry.by]) != level).to_numpy())
    people = for_entry(of, plan, rest).people
    empty = [a.id for a in plan.arms if not (people["arm"] == a.id).any()]
    if empty:
        reason = f"nobody of arm {', '.join(empty)} is left, so nothing can be compared with it"
        cells = {"analysis": entry.id, "outcome": outcome, "subgroup": subgroup}
        return [ard.not_estimable(reason, n=len(people), status=entry.status, **cells)]
    plan, of, gone = _for_people(plan, of, people)
    words = [f"one {entry.by} left out"] + [f"covariate {id} left out" for id in gone]
    return refit_rows(entry, of, outcome, plan, rest, plan.months, subgroup, "; ".join(words))


def _levels(entry: LeaveOneOut, data: TrialData) -> list[str]:
    found = levels_of(data.people[entry.by]) if entry.by in data.people else []
    if not found:
        raise ValueError(
            f"analysis {entry.id}: nobody has a {entry.by}, so there is no level to leave out; "
            "name another column in `by`, or take the entry out of the plan"
        )
    return found


def _commonest(values: pd.Series) -> str:
    """The most frequent level, the first by name of several."""
    counts = written(values).value_counts()
    return min(counts.index[counts == counts.max()])


def _for_people(
    plan: Plan, of: Analysis, people: pd.DataFrame
) -> tuple[Plan, Analysis, tuple[str, ...]]:
    """Plan and entry for the people left: a reference level that nobody has gives way to the most
    frequent one (estimates are the same by any, but a rare level may have to be set aside), and
    covariates that are the same for everybody leave the models. Last those left out."""
    levels = {c.id: levels_of(people[c.id]) for c in plan.covariates if c.id in people}
    gone = {id for id, found in levels.items() if len(found) < 2}

    def remaining(ids: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(id for id in ids if id not in gone)

    def referred(c: Covariate) -> Covariate:
        fits = c.reference is None or c.id in gone or c.reference in levels.get(c.id, [c.reference])
        return c if fits else replace(c, reference=_commonest(people[c.id]))

    old = plan.models
    models = replace(
        old,
        adjusted=remaining(old.adjusted),
        response=remaining(old.response),
        imputation=remaining(old.imputation),
        response_references={
            id: level
            for id, level in old.response_references.items()
            if level in levels.get(id, [level])
        },
    )
    used = {*old.adjusted, *old.response, *old.imputation, *(of.covariates or ())}
    changed = replace(plan, covariates=tuple(map(referred, plan.covariates)), models=models)
    entry = of if of.covariates is None else replace(of, covariates=remaining(of.covariates))
    return changed, entry, tuple(sorted(gone & used))
