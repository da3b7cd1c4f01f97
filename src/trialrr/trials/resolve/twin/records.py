"""Tables about people, dated: what the logs, the health record and the disposition hold."""

import numpy as np
import pandas as pd

from trialrr.trials.resolve.twin.exports import dates

DAY = np.timedelta64(1, "D")
ERROR_FOUND = 9
"""Days until a randomization in error is noticed."""
ERROR_NOTE = "randomized in error; not eligible at review"


def dated(table: pd.DataFrame, people: pd.DataFrame, **days: str) -> pd.DataFrame:
    """`table` with participant_id by `person`, and dates by columns of days since randomization.

    days : field → column of days, NaN where there is no date.
    """
    person = table["person"].to_numpy()
    start = people["randomized_on"].to_numpy().astype("datetime64[D]")[person]
    on = {f: start + table[day].to_numpy().astype("timedelta64[D]") for f, day in days.items()}
    named = {"participant_id": people["participant_id"].to_numpy()[person]}
    return table.drop(columns=[*days.values()]).assign(**named, **on)


def survey_dates(survey: pd.DataFrame, people: pd.DataFrame, formats: list[str]) -> np.ndarray:
    """Dates of the surveys in the first format, of paper forms in the second."""
    start = people["randomized_on"].to_numpy().astype("datetime64[D]")
    on = start[survey["person"].to_numpy()] + survey["day"].to_numpy() * DAY
    paper = survey["survey_mode"].str.strip() == "paper"
    return np.where(paper, dates(on, formats[1]), dates(on, formats[0]))


def stratified(people: pd.DataFrame) -> pd.DataFrame:
    """`people` with the strata and the record's flags as the exports code them."""
    sex = np.where(people["female"] == 1, "female", "male")
    return people.assign(
        sex=sex,
        stratum_sex=sex,
        stratum_severity=np.where(people["severe"] == 1, ">=7", "<7"),
        stratum_rural=np.where(people["rural"] == 1, "yes", "no"),
        rural_or_underserved=people["rural"],
    )


def disposition(
    people: pd.DataFrame, trial: pd.DataFrame, left: dict[str, np.ndarray], end: np.ndarray
) -> pd.DataFrame:
    """Withdrawals, deaths and randomizations in error, by participant.

    people : randomized; trial : analyzed; left : status → (n,) mask; end : (n,) day.
    """
    parts = [_status(trial[mask], status, end[mask], "") for status, mask in sorted(left.items())]
    wrong = people[people["error"]]
    parts.append(_status(wrong, "randomized_in_error", ERROR_FOUND, ERROR_NOTE))
    return pd.concat(parts).sort_values(["participant_id", "status"], ignore_index=True)


def _status(rows: pd.DataFrame, status: str, day: np.ndarray | int, note: str) -> pd.DataFrame:
    start = rows["randomized_on"].to_numpy().astype("datetime64[D]")
    return pd.DataFrame(
        {
            "participant_id": rows["participant_id"],
            "status": status,
            "status_on": start + day * DAY,
            "note": note,
        }
    )
