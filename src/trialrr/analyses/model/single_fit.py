"""Kind `model`: all rows of an entry that is one fit an outcome."""

from functools import partial

from trialrr import ard
from trialrr.analyses.base import Job
from trialrr.analyses.model import companions
from trialrr.analyses.procedure import rows
from trialrr.analyses.procedure.data import TrialData
from trialrr.analyses.procedure.entry import Analysis
from trialrr.analyses.procedure.model import NothingToEstimate, fit
from trialrr.analyses.procedure.naming import of_analysis
from trialrr.estimate.fit import FitError
from trialrr.plan import Plan


def jobs(entry: Analysis, plan: Plan, data: TrialData) -> list[Job]:
    """Its population, then of each outcome the fit and its companions, of the primary analysis also
    the models behind it and who is left out.

    An outcome without any event is one row `not_estimable` with the reason, and one whose fit is
    impossible too if the entry says `separation: report`; else its job raises FitError.
    """
    of_outcomes = [partial(_outcome_rows, entry, outcome, plan, data) for outcome in entry.outcomes]
    return [partial(rows.population_rows, entry, data), *of_outcomes]


def _outcome_rows(entry: Analysis, outcome: str, plan: Plan, data: TrialData) -> list[dict]:
    try:
        with of_analysis(entry.id):
            result = fit(entry, outcome, plan, data)
    except FitError as error:
        if entry.separation != "report" and not isinstance(error, NothingToEstimate):
            raise
        cells = {"analysis": entry.id, "outcome": outcome, "status": entry.status}
        return [ard.not_estimable(str(error), n=len(data.people), **cells)]
    table = rows.result_rows(result, entry, outcome, plan)
    table += companions.companion_rows(result, entry, outcome, plan)
    if entry.id == plan.primary.analysis:
        table += rows.model_rows(result, entry, outcome, plan)
        if outcome == plan.primary.outcome:
            table += rows.left_out_rows(result, entry, outcome, plan)
    return table
