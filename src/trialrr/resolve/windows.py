"""Which survey counts for which visit: events, days since randomization, windows, duplicates."""

import numpy as np
import pandas as pd

from trialrr.ingest.findings import Findings
from trialrr.plan import Visit
from trialrr.resolve.cleaning import dictionary
from trialrr.resolve.instruments import BPI, FORMS
from trialrr.resolve.scoring import bpi

BASELINE = "baseline_arm_1"


def event_name(month: str) -> str:
    """REDCap event of a visit."""
    return f"month_{month}_arm_1"


def kept_surveys(
    surveys: pd.DataFrame,
    randomized_on: pd.Series,
    visits: tuple[Visit, ...],
    file: str,
    findings: Findings,
) -> pd.DataFrame:
    """One survey a person and event, with `day` since randomization and `in_window`.

    surveys : typed rows of redcap_surveys of randomized people; randomized_on : by participant.
    Of several surveys of one event the one is kept that lies inside the window, then has most BPI
    items answered, then is earliest, then stands first in the file. Findings: duplicate_survey,
    out_of_window, partial_survey_scored, partial_survey_unscored, forms_left_blank, unused_event.
    """
    windows = {event_name(v.month): v.window for v in visits} | {BASELINE: None}
    unused = sorted(set(surveys["redcap_event_name"]) - set(windows))
    for event in unused:
        findings.add(
            "unused_event",
            "note",
            file,
            field="redcap_event_name",
            event=event,
            raw=event,
            action="no visit of the plan uses the surveys of this event",
        )
    table = surveys[surveys["redcap_event_name"].isin(list(windows))].copy()
    start = table["record_id"].map(randomized_on)
    table["day"] = (table["survey_on"] - start).dt.days
    table["in_window"] = _inside(table["redcap_event_name"], table["day"], windows)
    table["answered"] = table[list(BPI)].notna().sum(axis=1)
    table = table.sort_values(
        ["record_id", "redcap_event_name", "in_window", "answered", "survey_on", "line"],
        ascending=[True, True, False, False, True, True],
    )
    group = table.groupby(["record_id", "redcap_event_name"], sort=False)
    first_line = group["line"].transform("first")
    dropped = table["line"] != first_line
    table["kept_line"] = first_line
    for row in table.loc[dropped, [*PLACE, "kept_line"]].itertuples():
        findings.add(
            "duplicate_survey",
            "excluded",
            field="redcap_event_name",
            raw=row.redcap_event_name,
            parsed=f"line {row.kept_line} kept",
            action="not used: kept is the survey in the window, with most BPI items, the earliest",
            **_place(file, row),
        )
    for row in table.loc[~table["in_window"], [*PLACE, "survey_on", "day"]].itertuples():
        findings.add(
            "out_of_window",
            "excluded",
            field="survey_on",
            raw=row.survey_on.date().isoformat(),
            parsed=f"day {row.day:.0f}",
            action="not used: outside the window of its visit",
            **_place(file, row),
        )
    kept = table[~dropped].drop(columns=["kept_line", "answered"]).sort_values("line")
    _report_partial(kept, file, findings)
    _report_broken_off(kept, file, findings)
    return kept.reset_index(drop=True)


def _inside(events: pd.Series, days: pd.Series, windows: dict) -> np.ndarray:
    inside = np.ones(len(events), dtype=bool)
    for event, window in windows.items():
        if window:
            here = (events == event).to_numpy()
            inside[here] = days[here].between(*window).to_numpy()
    return inside


def _report_partial(kept: pd.DataFrame, file: str, findings: Findings) -> None:
    items = kept[list(BPI)].to_numpy()
    scored = bpi(items)["severity"].scored
    partial = np.isnan(items).any(axis=1)
    rows = kept.loc[partial, [*PLACE, "survey_complete"]]
    for row, is_scored in zip(rows.itertuples(), scored[partial], strict=True):
        findings.add(
            "partial_survey_scored" if is_scored else "partial_survey_unscored",
            "note",
            field="survey_complete",
            raw=row.survey_complete,
            action="severity scored on the items answered" if is_scored else "severity missing",
            **_place(file, row),
        )


def forms_at(event: str) -> list[str]:
    """Forms after the BPI that the survey of an event asks, in order."""
    asked = {f.name: f.events for f in dictionary()["redcap_surveys"]}
    return [form for form, items in FORMS.items() if event in (asked[items[0]] or (event,))]


def _report_broken_off(kept: pd.DataFrame, file: str, findings: Findings) -> None:
    """Surveys that got through the BPI and stopped before the last form."""
    for event, rows in kept.groupby("redcap_event_name"):
        forms = forms_at(str(event))
        answered = np.column_stack([rows[list(FORMS[f])].notna().any(axis=1) for f in forms])
        later = answered[:, ::-1].cumsum(axis=1)[:, ::-1] > 0  # this form or one after it
        stopped = bpi(rows[list(BPI)].to_numpy())["severity"].scored & ~later[:, -1]
        first = later.sum(axis=1)
        for row, k in zip(rows.loc[stopped, PLACE].itertuples(), first[stopped], strict=True):
            findings.add(
                "forms_left_blank",
                "note",
                field=FORMS[forms[k]][0],
                action="the survey broke off: this form and those after it have no score",
                **_place(file, row),
            )


PLACE = ["line", "record_id", "redcap_event_name"]
"""Columns that say where a finding stands; of all columns of a survey a row takes long to make."""


def _place(file: str, row) -> dict:
    return {
        "file": file,
        "line": row.line,
        "participant": row.record_id,
        "event": row.redcap_event_name,
    }
