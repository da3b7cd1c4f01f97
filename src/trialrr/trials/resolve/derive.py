"""Analysis data of RESOLVE from clean raw tables: participants, visits, sessions, quarters."""

import pandas as pd

from trialrr.ingest.findings import Findings
from trialrr.ingest.observed import unobserved
from trialrr.plan import Plan, replace
from trialrr.trials.base import AnalysisData
from trialrr.trials.resolve import cleaning, schemas, windows
from trialrr.trials.resolve.care import quarter_rows, session_rows, use
from trialrr.trials.resolve.cleaning import Raw
from trialrr.trials.resolve.instruments import OPIOID_RUN, SCORES, every
from trialrr.trials.resolve.people import participants
from trialrr.trials.resolve.visits import survey_outcomes, visit_rows


def derive(raw: Raw, plan: Plan, findings: Findings) -> AnalysisData:
    """Analysis data of checked raw tables; what is repaired or left out goes to `findings`.

    Further tables: sessions, one row per person of an arm with sessions; quarters, one row per
    person and quarter of the dispensings; other_windows, the visits by each further set of windows
    of the plan, with a column `windows`. Raises DataError if an arm has no observed outcome at a
    visit at which the plan wants one.
    """
    log = raw["randomization_log"].sort_values("participant_id", ignore_index=True)
    start, file = log.set_index("participant_id")["randomized_on"], raw.name("redcap_surveys")
    repaired = cleaning.repair_short_forms(raw, findings)
    surveys = windows.kept_surveys(repaired, start, plan.visits, file, findings)
    scores = every(surveys)
    people = participants(raw, log, surveys, scores, findings)
    sessions = session_rows(raw, people)
    people = pd.concat([people, use(raw, log, people, sessions, findings)], axis=1)
    visits = visit_rows(people, surveys, scores, plan)
    quarters = quarter_rows(raw, log, people, plan)
    _report_zero_baselines(raw, surveys, scores, plan, findings)
    _check_observed(people, visits, plan, file, findings)
    _check_quarters(people, quarters, plan, raw.name("ehr_dispensings"), findings)
    others = [visits.iloc[:0].assign(windows="")]
    for id in plan.windows:
        table = _visits_by(id, repaired, start, people, plan, file)
        _check_observed(people, table, plan, file, findings, by=f" by the windows {id}")
        others.append(table)
    findings.stop_if_errors()
    tables = {
        "participants": people,
        "visits": visits,
        "sessions": sessions,
        "other_windows": pd.concat(others, ignore_index=True),
        "quarters": quarters,
    }
    return AnalysisData.of(tables, schemas.schemas(plan))


def _visits_by(id: str, surveys, start, people, plan: Plan, file: str) -> pd.DataFrame:
    """Visits by the set of windows `id`; a month that it leaves out keeps its own window. What this
    keeps or leaves out is no finding: those are about the plan's own windows."""
    months = plan.windows[id]
    visits = tuple(replace(v, window=months.get(v.month, v.window)) for v in plan.visits)
    kept = windows.kept_surveys(surveys, start, visits, file, Findings())
    return visit_rows(people, kept, every(kept), plan).assign(windows=id)


def _report_zero_baselines(raw: Raw, surveys, scores, plan: Plan, findings: Findings) -> None:
    """A baseline score of 0 leaves the responder undefined."""
    baseline = (surveys["redcap_event_name"] == windows.BASELINE).to_numpy()
    for outcome in survey_outcomes(plan):
        if outcome.threshold is None:
            continue
        score = scores[SCORES[outcome.source]]
        zero = baseline & score.scored & (score.total == 0)
        for row in surveys[zero].itertuples():
            findings.add(
                "zero_baseline",
                "note",
                raw.name("redcap_surveys"),
                row.line,
                outcome.source,
                "0",
                action="no responder is defined: the outcome counts as missing",
                participant=row.record_id,
                event=row.redcap_event_name,
            )


def _check_observed(
    people, visits, plan: Plan, file: str, findings: Findings, by: str = ""
) -> None:
    """Every arm has an observed outcome of the survey at every visit of it, or no effect can be
    computed."""
    own = replace(plan, outcomes=tuple(survey_outcomes(plan)))
    for outcome, arm, month in unobserved(people, visits, own):
        findings.error(
            "arm_missing",
            file,
            "somebody observed in every arm at every visit",
            "export all surveys, or take the arm or the visit out of the plan",
            field=plan.outcome(outcome).source,
            raw=f"nobody of arm {arm} with {outcome} observed{by}",
            event=windows.event_name(month),
        )


def _check_quarters(people, quarters, plan: Plan, file: str, findings: Findings) -> None:
    """`_check_observed` for the outcomes that the dispensings measure, at their quarters."""
    own = replace(plan, outcomes=tuple(o for o in plan.outcomes if o.source == OPIOID_RUN))
    for outcome, arm, month in unobserved(people, quarters, own):
        findings.error(
            "arm_missing",
            file,
            "somebody with pharmacy data in every arm in every quarter",
            "export the dispensings of all sites that have them, or take the outcome out of the "
            "plan",
            field="participant_id",
            raw=f"nobody of arm {arm} with {outcome} observed in the quarter to month {month}",
        )
