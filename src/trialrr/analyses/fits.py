"""Kind `model`: all rows of an entry that is one fit an outcome."""

from trialrr import ard
from trialrr.analyses import companions, rows
from trialrr.analyses.data import TrialData
from trialrr.analyses.model import NothingToEstimate, fit
from trialrr.analyses.naming import of_analysis
from trialrr.estimate.fit import FitError
from trialrr.plan import Analysis, Plan


def entry_rows(entry: Analysis, plan: Plan, data: TrialData) -> list[dict]:
    """Rows of the entry: its population, then of each outcome the fit and its companions, of the
    primary analysis also the models behind it and who is left out.

    An outcome without any event is one row `not_estimable` with the reason, and one whose fit is
    impossible too if the entry says `separation: report`; else FitError, which names the entry,
    goes on.
    """
    table = rows.population_rows(entry, data)
    for outcome in entry.outcomes:
        try:
            with of_analysis(entry.id):
                result = fit(entry, outcome, plan, data)
        except FitError as error:
            if entry.separation != "report" and not isinstance(error, NothingToEstimate):
                raise
            cells = {"analysis": entry.id, "outcome": outcome, "status": entry.status}
            table.append(ard.not_estimable(str(error), n=len(data.people), **cells))
            continue
        table += rows.result_rows(result, entry, outcome, plan)
        table += companions.companion_rows(result, entry, outcome, plan)
        if entry.id == plan.primary.analysis:
            table += rows.model_rows(result, entry, outcome, plan)
            if outcome == plan.primary.outcome:
                table += rows.left_out_rows(result, entry, outcome, plan)
    return table
