"""An entry of kind model fitted again, a little changed, for another entry: its rows of the ARD."""

from trialrr import ard
from trialrr.analyses.procedure.data import TrialData
from trialrr.analyses.procedure.entry import Analysis
from trialrr.analyses.procedure.model import fit
from trialrr.analyses.procedure.risks import at_month
from trialrr.analyses.procedure.rows import counts, method_text, numbers_of
from trialrr.ard import EVERYBODY, Contrast, Subgroup
from trialrr.estimate.fit import FitError
from trialrr.plan import Entry, Plan, replace


def refit_rows(
    entry: Entry,
    of: Analysis,
    outcome: str,
    plan: Plan,
    data: TrialData,
    months: tuple[str, ...],
    subgroup: Subgroup = EVERYBODY,
    words: str = "",
) -> list[dict]:
    """Risks, ratios and differences of `of` at some months, as rows of `entry`; where the fit is
    impossible one row `not_estimable` with the reason.

    subgroup : of every row; words : added to the method.
    """
    of = replace(of, id=entry.id, status=entry.status)
    cells = {"analysis": entry.id, "outcome": outcome, "status": entry.status, "subgroup": subgroup}
    try:
        result = fit(of, outcome, plan, data)
    except FitError as error:
        return [ard.not_estimable(str(error), n=len(data.people), **cells)]
    cells |= {"method": "; ".join(filter(None, [method_text(of, plan, result.missing), words]))}
    rows = []
    for month in months:
        risks, j = at_month(result, of, plan, month), plan.months.index(month)
        for arm in (a.id for a in plan.arms):
            found = {"month": month, "level": arm} | counts(result, [arm], j) | cells
            rows.append(ard.row(quantity="risk", **numbers_of(risks.risk(arm)), **found))
        for one, other in plan.contrasts:
            found = {"month": month, "level": Contrast(one, other)} | cells
            found |= counts(result, [one, other], j)
            ratio, difference = risks.ratio(one, other), risks.difference(one, other)
            rows.append(ard.row(quantity="risk_ratio", **numbers_of(ratio), **found))
            rows.append(ard.row(quantity="risk_difference", **numbers_of(difference), **found))
    return rows
