"""Synthetic twin of RESOLVE: raw exports of a simulated trial, from published aggregates alone.

It is calibrated exactly on published counts and approximately on published moments, quartiles and
model coefficients (rows of role `exact` and `approximate`); results that the plan predicts are
never read. Every draw comes from a named stream of the seed.
"""

import numpy as np
import pandas as pd

from trialrr.resolve.twin import care, coaches, faults, surveys
from trialrr.resolve.twin.baseline import baseline
from trialrr.resolve.twin.exports import PREFIX, Layout, dates
from trialrr.resolve.twin.outcomes import follow_up
from trialrr.resolve.twin.outreach import outreach
from trialrr.resolve.twin.randomization import randomize
from trialrr.resolve.twin.response import respond
from trialrr.resolve.twin.targets import Targets

__all__ = ["build"]

DAY = np.timedelta64(1, "D")


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
    targets, layout = Targets(published), Layout(dictionary)
    log = randomize(targets, seed)
    people = log.join(baseline(targets, log, seed))
    analyzed = ~people["error"].to_numpy()
    trial = people[analyzed].reset_index(drop=True)
    response = respond(targets, trial, seed)
    trial.loc[response.zero, "interference_sum"] = 0
    people.loc[analyzed, "interference_sum"] = trial["interference_sum"].to_numpy()
    pain = follow_up(targets, trial, response, seed)
    answers = surveys.answer(people, analyzed, response, pain, seed)

    arm = trial["arm"].to_numpy()
    coach = coaches.assign(targets, arm, _responders(answers, analyzed), seed)
    left = care.leavers(targets, trial, response, seed)
    gone = left["withdrew"] | left["died"]
    number = care.sessions_completed(targets, trial, response, gone, seed)
    coached, online, busy = care.session_logs(trial, coach, number, seed)
    seen = np.where(answers.exists, answers.day, 0)[analyzed].max(axis=1)
    end = care.end_days(gone, np.maximum(busy, seen), seed)

    events = care.safety(targets, trial, left["died"], end, seed)
    drugs = care.dispensings(trial, left["died"], end, seed)
    mailed, screened = outreach(targets, people, seed)

    everybody_left = np.ones(len(people), dtype=bool)
    everybody_left[analyzed] = gone
    name = f"{PREFIX}redcap_surveys.csv"
    sums = tuple(_spread(values, analyzed) for values in pain)
    survey, key = faults.export_surveys(
        people, answers, sums, everybody_left, layout.fields("redcap_surveys"),
        layout.reversed_items("redcap_surveys"), name, seed,
    )
    survey["survey_on"] = _survey_dates(survey, people, layout)
    status = _disposition(people, trial, left, end)

    start = trial["randomized_on"].to_numpy().astype("datetime64[D]")
    ids = trial["participant_id"].to_numpy()

    def dated(table: pd.DataFrame, **days: str) -> pd.DataFrame:
        person = table["person"].to_numpy()
        on = {field: start[person] + table[day].to_numpy() * DAY for field, day in days.items()}
        return table.drop(columns=list(on), errors="ignore").assign(
            participant_id=ids[person], **on
        )

    online = online.assign(completed_on=online["completed"])
    program = dated(online, started_on="started", completed_on="completed")
    program.loc[program["completed"] < 0, "completed_on"] = pd.NaT
    events["event_id"] = [f"E{k:04d}" for k in range(1, len(events) + 1)]
    in_hc = arm == "HC"
    tables = {
        "outreach_log": mailed,
        "screening_log": screened,
        "randomization_log": _randomization_log(people),
        "coach_assignments": pd.DataFrame(
            {"participant_id": ids[in_hc], "coach_id": coach[in_hc]}
        ),
        "redcap_surveys": survey,
        "ehr_extract": people.assign(
            sex=np.where(people["female"] == 1, "female", "male"),
            rural_or_underserved=people["rural"],
        ),
        "ehr_dispensings": dated(drugs, dispensed_on="day"),
        "coach_sessions": dated(coached, held_on="day"),
        "online_program_log": program,
        "disposition": status,
        "safety_events": dated(events, event_on="day"),
    }
    key = pd.concat([key, _errors_key(status)], ignore_index=True)
    key = key.sort_values(["file", "line", "field", "fault"], ignore_index=True)
    return {file: layout.export(file, tables[file]) for file in layout.files}, key


def _responders(answers: surveys.Surveys, analyzed: np.ndarray) -> np.ndarray:
    """(n, 3 outcomes, 3 visits) of 1, 0 or NaN, of the analyzed people."""
    bpi = np.where(answers.exists[..., None], answers.bpi, surveys.BLANK)[analyzed]
    responds = surveys.status(bpi)[:, :9].astype(float)
    return np.where(responds < 0, np.nan, responds).reshape(-1, 3, 3)


def _spread(values: np.ndarray, analyzed: np.ndarray) -> np.ndarray:
    """Rows of the analyzed people put back among all randomized ones."""
    out = np.zeros((len(analyzed), values.shape[1]), dtype=int)
    out[analyzed] = values
    return out


def _survey_dates(survey: pd.DataFrame, people: pd.DataFrame, layout: Layout) -> np.ndarray:
    """Dates of the surveys; paper forms are keyed in as month/day/year."""
    start = people["randomized_on"].to_numpy().astype("datetime64[D]")
    on = start[survey["person"].to_numpy()] + survey["day"].to_numpy() * DAY
    iso = dates(on, layout.formats("redcap_surveys")["survey_on"])
    paper = survey["survey_mode"].str.strip() == "paper"
    return np.where(paper, dates(on, "%m/%d/%Y"), iso)


def _randomization_log(people: pd.DataFrame) -> pd.DataFrame:
    return people.assign(
        stratum_sex=np.where(people["female"] == 1, "female", "male"),
        stratum_severity=np.where(people["severe"] == 1, ">=7", "<7"),
        stratum_rural=np.where(people["rural"] == 1, "yes", "no"),
    )


def _disposition(
    people: pd.DataFrame, trial: pd.DataFrame, left: dict[str, np.ndarray], end: np.ndarray
) -> pd.DataFrame:
    """Withdrawals, deaths and randomizations in error, by participant."""
    parts = []
    for status, mask in left.items():
        rows = trial[mask]
        parts.append(pd.DataFrame({
            "participant_id": rows["participant_id"],
            "status": status,
            "status_on": rows["randomized_on"].to_numpy().astype("datetime64[D]")
            + end[mask] * DAY,
            "note": "",
        }))
    wrong = people[people["error"]]
    parts.append(pd.DataFrame({
        "participant_id": wrong["participant_id"],
        "status": "randomized_in_error",
        "status_on": wrong["randomized_on"].to_numpy().astype("datetime64[D]") + 9 * DAY,
        "note": care.ERROR_NOTE,
    }))
    return pd.concat(parts).sort_values(["participant_id", "status"], ignore_index=True)


def _errors_key(status: pd.DataFrame) -> pd.DataFrame:
    """Key of the people randomized in error."""
    rows = status.index[status["status"] == "randomized_in_error"]
    return pd.DataFrame({
        "fault": "randomized_in_error",
        "file": f"{PREFIX}disposition.csv",
        "line": rows + 2,
        "participant": status.loc[rows, "participant_id"].to_numpy(),
        "event": "",
        "field": "status",
    })
