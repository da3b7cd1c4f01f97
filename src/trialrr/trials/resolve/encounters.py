"""Encounters of the health record: what a row may say, and each encounter once."""

import pandas as pd

from trialrr.ingest.findings import Findings


def check(table: pd.DataFrame, status: pd.DataFrame, file: str, findings: Findings) -> None:
    """One id one encounter, nights of inpatients only, nobody treated after death; every fault is a
    finding. table : typed ehr_utilization, status : typed disposition; file : name on disk."""
    inpatient, kind_known = table["kind"] == "inpatient", table["kind"] != ""
    again, same = _repeats(table)
    rules = [
        (
            again & ~same,
            "duplicated_id",
            "encounter_id",
            "one encounter an encounter_id: an earlier row says otherwise",
            "delete the row that is wrong at the source",
        ),
        (
            inpatient & table["nights"].isna(),
            "blank_required",
            "nights",
            "the nights of an inpatient encounter",
            "fill them in at the source",
        ),
        (
            ~inpatient & kind_known & table["nights"].notna(),
            "nights_outside_inpatient",
            "nights",
            "blank unless inpatient",
            "correct kind or nights",
        ),
    ]
    dead = status[status["status"] == "died"].drop_duplicates("participant_id")
    if len(dead):
        died_on = table["participant_id"].map(dead.set_index("participant_id")["status_on"])
        rules.append(
            (
                table["encounter_on"] > died_on,
                "date_after_death",
                "encounter_on",
                "a date not after the person's death in the disposition",
                "correct the date, the person or the disposition",
            )
        )
    for wrong, rule, field, expected, do in rules:
        for row in table[wrong].itertuples():
            findings.error(
                rule,
                file,
                expected,
                do,
                line=row.line,
                field=field,
                raw=_text(getattr(row, field)),
                participant=row.participant_id,
            )


def once(table: pd.DataFrame, file: str, findings: Findings) -> pd.DataFrame:
    """The rows without those that repeat an earlier one. Findings: duplicate_encounter."""
    _, same = _repeats(table)
    for row in table[same].itertuples():
        findings.add(
            "duplicate_encounter",
            "excluded",
            file,
            row.line,
            "encounter_id",
            row.encounter_id,
            action="not counted: the same encounter stands in an earlier row",
            participant=row.participant_id,
        )
    return table[~same]


def _repeats(table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Rows whose encounter_id stands in an earlier row, and those of them that say all the same.
    Blank ids are nobody's."""
    again = table.duplicated("encounter_id") & (table["encounter_id"] != "")
    return again, again & table.duplicated([c for c in table if c != "line"])


def _text(value) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return f"{value:g}" if isinstance(value, float) else str(value)
