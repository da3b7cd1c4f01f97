"""Kind `subgroups`: an entry's whole procedure with moderator × arm × month, for one moderator at a
time (plan, item 9)."""

import dataclasses
from functools import partial

import numpy as np

from trialrr import ard
from trialrr.analyses.base import Job
from trialrr.analyses.model.entries import Moderator, Subgroups
from trialrr.analyses.procedure.data import TrialData
from trialrr.analyses.procedure.designs import adjusted_for
from trialrr.analyses.procedure.entry import Analysis
from trialrr.analyses.procedure.model import Result, fit
from trialrr.analyses.procedure.risks import at_month
from trialrr.analyses.procedure.rows import counts, method_text, numbers_of
from trialrr.analyses.procedure.support import together
from trialrr.ard import Contrast, Subgroup
from trialrr.data import levels_of, written
from trialrr.estimate.adjusted import Estimate
from trialrr.estimate.fit import FitError
from trialrr.estimate.interaction import (
    interaction_contrasts,
    interaction_difference,
    interaction_ratio,
)
from trialrr.plan import Plan, replace


def jobs(entry: Subgroups, plan: Plan, data: TrialData) -> list[Job]:
    """Risks, ratios and differences by level and month, without tests of effect in a level; of each
    moderator the interaction with the arm at the primary month, of ratios and of differences. A job
    raises ValueError if nobody has a level of its moderator."""
    return [
        partial(_rows, moderator, entry, outcome, plan, data)
        for outcome in entry.outcomes
        for moderator in entry.moderators
    ]


def _rows(
    moderator: Moderator, entry: Subgroups, outcome: str, plan: Plan, data: TrialData
) -> list[dict]:
    if moderator.id not in data.people or data.people[moderator.id].isna().all():
        raise ValueError(
            f"analysis {entry.id}: nobody has a level of the moderator {moderator.id!r}; derive it "
            "as a column of participants, or take it out of the plan"
        )
    of = plan.analysis(entry.of)
    covariates = (c for c in adjusted_for(of, outcome, plan) if c != moderator.instead_of)
    of = replace(of, id=entry.id, status=entry.status, covariates=tuple(covariates))
    shared = {"analysis": entry.id, "outcome": outcome, "status": entry.status}
    levels = Subgroup.of({moderator.id: ""})
    known = int(data.people[moderator.id].notna().sum())
    try:
        result = fit(of, outcome, plan, data, moderator.id)
    except FitError as error:
        return [ard.not_estimable(str(error), n=known, subgroup=levels, **shared)]
    method = f"{method_text(of, plan, result.missing)}; with {moderator.id} x arm x month"
    cells = shared | {"method": method}
    table, plan = [], plan.at_times_of(outcome)
    of_person = written(result.data.people[moderator.id])
    for level in levels_of(of_person):
        among = (of_person == level).to_numpy()
        for j, month in enumerate(plan.months):
            here = cells | {"month": month, "subgroup": Subgroup.of({moderator.id: level})}
            table += _at_level(result, of, plan, month, level, among, j, here)
    cells["month"] = plan.primary.month if plan.primary.month in plan.months else month
    missing = len(data.people) - known
    left_out = f"people without a level of {moderator.id}, left out"
    return [
        *table,
        *_interactions(result, of, plan, moderator, cells),
        ard.row(quantity="n_without_level", level="all", estimate=missing, n=len(data.people),
                subgroup=levels, **shared, method=left_out),
    ]  # fmt: skip


def _at_level(result, of, plan, month, level, among, j, cells) -> list[dict]:
    risks, table = at_month(result, of, plan, month, level), []
    for arm in (a.id for a in plan.arms):
        found = {"level": arm} | counts(result, [arm], j, among) | cells
        table.append(ard.row(quantity="risk", **numbers_of(risks.risk(arm)), **found))
    for one, other in plan.contrasts:
        found = {"level": Contrast(one, other)} | counts(result, [one, other], j, among) | cells
        for quantity, e in (
            ("risk_ratio", risks.ratio(one, other)),
            ("risk_difference", risks.difference(one, other)),
        ):
            table.append(ard.row(quantity=quantity, **numbers_of(_untested(e)), **found))
    return table


def _untested(e: Estimate) -> Estimate:
    """Without its test: a subgroup's effect is described, the interaction is what is tested."""
    return dataclasses.replace(e, statistic=np.nan, p_value=np.nan)


def _interactions(
    result: Result, of: Analysis, plan: Plan, moderator: Moderator, cells: dict
) -> list[dict]:
    """Wald tests of equal ratios and of equal differences at the month of `cells`."""
    arms = [plan.reference, *(a.id for a in plan.arms if a.id != plan.reference)]
    levels = levels_of(result.data.people[moderator.id])
    keys = {(arm, level): (arm, cells["month"], level) for arm in arms for level in levels}
    shared = {"level": "all", "subgroup": Subgroup.of({moderator.id: ""}), **cells}
    shared |= counts(result, None, plan.months.index(cells["month"]))
    quantities = "interaction_wald", "interaction_wald_difference"
    told = [result.absent[key].reason for key in keys.values() if key in result.absent]
    if told:
        reason = f"{'; '.join(told)}: no test of the interaction"
        return [ard.row(quantity=q, reason=reason, **shared) for q in quantities]
    coef, matrix = result.fit.coef, result.covariance.matrix
    profiles = {cell: result.profiles[key] for cell, key in keys.items()}
    at = np.array(list(profiles.values()))
    found = {
        "interaction_wald": (at, interaction_ratio),
        "interaction_wald_difference": (np.exp(at @ coef)[:, None] * at, interaction_difference),
    }
    table = []
    for quantity, (gradients, test) in found.items():
        contrasts = interaction_contrasts(list(profiles)) @ gradients
        reason = together(result, contrasts, list(keys.values()))
        if reason:
            table.append(ard.row(quantity=quantity, reason=reason, **shared))
            continue
        done = test(profiles, coef, matrix)
        numbers = {"statistic": done.statistic, "df": done.df, "p_value": done.p_value}
        table.append(ard.row(quantity=quantity, **numbers, **shared))
    return table
