"""Kind `subgroups`: an entry's whole procedure with moderator × arm × month, for one moderator at a
time (plan, item 9)."""

from dataclasses import replace

import numpy as np

from trialrr import ard
from trialrr.analyses.data import TrialData
from trialrr.analyses.designs import adjusted_for
from trialrr.analyses.model import Result, fit
from trialrr.analyses.refits import packed, unpacked
from trialrr.analyses.risks import at_month
from trialrr.analyses.rows import counts, method_text, numbers_of
from trialrr.estimate.adjusted import Estimate
from trialrr.estimate.fit import FitError
from trialrr.estimate.interaction import interaction_difference, interaction_ratio
from trialrr.plan import Analysis, Moderator, Plan, Subgroups


def tasks(entry: Subgroups, plan: Plan) -> list[str]:
    return [f"{outcome}/{m.id}" for outcome in entry.outcomes for m in entry.moderators]


def run(task: str, entry: Subgroups, plan: Plan, data: TrialData) -> dict[str, np.ndarray]:
    """Rows of one moderator. Raises ValueError if nobody has a level of it."""
    outcome, id = task.split("/")
    moderator = next(m for m in entry.moderators if m.id == id)
    return packed(_rows(moderator, entry, outcome, plan, data))


def rows(
    entry: Subgroups, plan: Plan, data: TrialData, done: dict[str, dict[str, np.ndarray]]
) -> list[dict]:
    """Risks, ratios and differences by level and month, without tests of effect in a level; of each
    moderator the interaction with the arm at the primary month, of ratios and of differences."""
    return [row for task in tasks(entry, plan) for row in unpacked(done[task])]


def _rows(
    moderator: Moderator, entry: Subgroups, outcome: str, plan: Plan, data: TrialData
) -> list[dict]:
    if moderator.id not in data.people or not (data.people[moderator.id] != "").any():
        raise ValueError(
            f"analysis {entry.id}: nobody has a level of the moderator {moderator.id!r}; derive it "
            "as a column of participants, or take it out of the plan"
        )
    of = plan.analysis(entry.of)
    covariates = (c for c in adjusted_for(of, outcome, plan) if c != moderator.instead_of)
    of = replace(of, id=entry.id, status=entry.status, covariates=tuple(covariates))
    shared = {"analysis": entry.id, "outcome": outcome, "status": entry.status}
    known = int((data.people[moderator.id] != "").sum())
    try:
        result = fit(of, outcome, plan, data, moderator.id)
    except FitError as error:
        return [ard.not_estimable(str(error), n=known, subgroup=moderator.id, **shared)]
    method = f"{method_text(of, plan, result.missing)}; with {moderator.id} x arm x month"
    cells = shared | {"method": method}
    table, plan = [], plan.at_times_of(outcome)
    for level in sorted(set(result.data.people[moderator.id])):
        among = (result.data.people[moderator.id] == level).to_numpy()
        for j, month in enumerate(plan.months):
            here = cells | {"month": month, "subgroup": f"{moderator.id}={level}"}
            table += _at_level(result, of, plan, month, level, among, j, here)
    cells["month"] = plan.primary["month"] if plan.primary["month"] in plan.months else month
    missing = len(data.people) - known
    left_out = f"people without a level of {moderator.id}, left out"
    return [
        *table,
        *_interactions(result, of, plan, moderator, cells),
        ard.row(quantity="n_without_level", level="all", estimate=missing, n=len(data.people),
                subgroup=moderator.id, **shared, method=left_out),
    ]  # fmt: skip


def _at_level(result, of, plan, month, level, among, j, cells) -> list[dict]:
    risks, table = at_month(result, of, plan, month, level), []
    for arm in (a.id for a in plan.arms):
        found = {"level": arm} | counts(result, [arm], j, among) | cells
        table.append(ard.row(quantity="risk", **numbers_of(risks.risk(arm)), **found))
    for one, other in plan.contrasts:
        found = {"level": f"{one}:{other}"} | counts(result, [one, other], j, among) | cells
        for quantity, e in (
            ("risk_ratio", risks.ratio(one, other)),
            ("risk_difference", risks.difference(one, other)),
        ):
            table.append(ard.row(quantity=quantity, **numbers_of(_untested(e)), **found))
    return table


def _untested(e: Estimate) -> Estimate:
    """Without its test: a subgroup's effect is described, the interaction is what is tested."""
    return replace(e, statistic=np.nan, p_value=np.nan)


def _interactions(
    result: Result, of: Analysis, plan: Plan, moderator: Moderator, cells: dict
) -> list[dict]:
    """Wald tests of equal ratios and of equal differences at the month of `cells`."""
    arms = [plan.reference, *(a.id for a in plan.arms if a.id != plan.reference)]
    levels = sorted(set(result.data.people[moderator.id]))
    profiles = {
        (arm, level): result.profiles[arm, cells["month"], level]
        for arm in arms
        for level in levels
    }
    coef, matrix = result.fit.coef, result.covariance.matrix
    found = {
        "interaction_wald": interaction_ratio(profiles, coef, matrix),
        "interaction_wald_difference": interaction_difference(profiles, coef, matrix),
    }
    at = plan.months.index(cells["month"])
    return [
        ard.row(quantity=quantity, level="all", subgroup=moderator.id, statistic=test.statistic,
                df=test.df, p_value=test.p_value, **counts(result, None, at), **cells)
        for quantity, test in found.items()
    ]  # fmt: skip
