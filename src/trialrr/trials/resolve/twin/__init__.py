"""Synthetic twin of RESOLVE: raw exports of a simulated trial, from published aggregates alone.

It is calibrated exactly on published counts and approximately on published moments, quartiles,
model coefficients and intervals of unadjusted ratios (rows of role `exact` and `approximate`);
results that the plan predicts are never read. Every draw comes from a named stream of the seed.

Nothing published says how the forms beside the pain items went on, or who used how much care: those
are assumptions, which `forms` and `utilization` state.
"""

import numpy as np
import pandas as pd

from trialrr import io
from trialrr.trials.resolve.files import DESCRIBED, DICTIONARY
from trialrr.trials.resolve.twin import care, coaches, faults, forms, records, surveys, utilization
from trialrr.trials.resolve.twin.baseline import baseline
from trialrr.trials.resolve.twin.exports import ORIGIN, PREFIX, ExportLayout
from trialrr.trials.resolve.twin.outcomes import follow_up
from trialrr.trials.resolve.twin.outreach import outreach
from trialrr.trials.resolve.twin.randomization import randomize
from trialrr.trials.resolve.twin.response import respond
from trialrr.trials.resolve.twin.targets import Targets

__all__ = ["build", "simulate"]


def simulate(published: pd.DataFrame, seed: int) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """`build` by the trial's own dictionary: name of a file → its table, the dictionary among them,
    and the key of the planted faults."""
    dictionary = io.read_strings(DICTIONARY)
    tables, key = build(published, dictionary, seed)
    tables |= {DESCRIBED: dictionary.assign(data_origin=ORIGIN)}
    return {f"{PREFIX}{file}.csv": table for file, table in tables.items()}, key


def build(
    published: pd.DataFrame, dictionary: pd.DataFrame, seed: int
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Raw exports of a synthetic trial and the key of the faults planted in them.

    published : tidy published numbers (config/published/resolve.csv); dictionary : the data
    dictionary, one row a field; both as strings. Returns file → table of strings with exactly the
    dictionary's columns, and the key (fault, file, line, participant, event, field).
    Raises KeyError for a published number that is missing, ValueError for numbers that no trial
    could satisfy together.
    """
    targets, layout = Targets(published), ExportLayout(dictionary)
    log = randomize(targets, seed)
    people = log.join(baseline(targets, log, seed))
    analyzed = ~people["error"].to_numpy()
    trial = people[analyzed].reset_index(drop=True)
    response = respond(targets, trial, seed)
    trial.loc[response.zero, "interference_sum"] = 0
    people.loc[analyzed, "interference_sum"] = trial["interference_sum"].to_numpy()
    pain = follow_up(targets, trial, response, seed)
    answers = surveys.answer(people, analyzed, response, pain, seed)

    coach = coaches.assign(targets, trial["arm"].to_numpy(), _responders(answers, analyzed), seed)
    left = care.leavers(targets, trial, response, seed)
    gone = left["withdrew"] | left["died"]
    number = care.sessions_completed(targets, trial, response, gone, seed)
    coached, online, busy = care.session_logs(trial, coach, number, seed)
    seen = np.where(answers.exists, answers.day, 0)[analyzed].max(axis=1)
    end = care.end_days(gone, np.maximum(busy, seen), seed)

    everybody_gone = np.ones(len(people), dtype=bool)
    everybody_gone[analyzed] = gone
    sessions = forms.sessions_before(coached, online, answers.day[analyzed, 1])
    later = forms.answer(people, analyzed, pain, sessions, answers, seed)
    survey, key = faults.export_surveys(people, answers, later, everybody_gone, layout, seed)
    formats = layout.formats("redcap_surveys")["survey_on"]
    survey["survey_on"] = records.survey_dates(survey, people, formats)
    mailed, screened = outreach(targets, people, seed)
    events = care.safety(targets, trial, left["died"], end, seed)
    drugs = care.dispensings(trial, left["died"], end, seed)
    admitted = events[events["event"] == "hospitalization"]
    alive = np.where(left["died"], end, care.YEAR)
    encounters = utilization.encounters(trial, admitted, alive, seed)
    encounters, repeated = utilization.mess(encounters, trial, seed)
    status = records.disposition(people, trial, left, end)
    stratified = records.stratified(people)
    tables = {
        "outreach_log": mailed,
        "screening_log": screened,
        "randomization_log": stratified,
        "coach_assignments": trial.assign(coach_id=coach)[coach != ""],
        "redcap_surveys": survey,
        "ehr_extract": stratified,
        "ehr_dispensings": records.dated(drugs, trial, dispensed_on="day"),
        "ehr_utilization": records.dated(encounters, trial, encounter_on="day"),
        "coach_sessions": records.dated(coached, trial, held_on="day"),
        "online_program_log": records.dated(
            online, trial, started_on="started", completed_on="completed"
        ),
        "disposition": status,
        "safety_events": records.dated(events, trial, event_on="day"),
    }
    key = pd.concat([key, faults.in_error(status), repeated], ignore_index=True)
    key = key.sort_values(["file", "line", "field", "fault"], ignore_index=True)
    return {file: layout.export(file, tables[file]) for file in layout.files}, key


def _responders(answers: surveys.Surveys, analyzed: np.ndarray) -> np.ndarray:
    """(n, 3 outcomes, 3 visits) of 1, 0 or NaN, of the analyzed people."""
    bpi = np.where(answers.exists[..., None], answers.bpi, surveys.BLANK)[analyzed]
    responds = surveys.status(bpi)[:, :9].astype(float)
    return np.where(responds < 0, np.nan, responds).reshape(-1, 3, 3)
