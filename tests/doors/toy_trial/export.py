"""The two raw files, by the dictionary beside this module."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from trialrr.ingest import fields, reader

DICTIONARY = fields.load(Path(__file__).with_name("dictionary.csv"))


@dataclass(frozen=True, slots=True)
class ToyExport:
    """Typed tables, None where a file could not be read."""

    people: pd.DataFrame | None
    answers: pd.DataFrame | None


def read(directory, findings) -> ToyExport:
    people, answers = (
        reader.read_table(
            Path(directory) / f"{file}.csv", DICTIONARY[file], findings, "record_id", event
        )
        for file, event in (("people", None), ("answers", "redcap_event_name"))
    )
    return ToyExport(people, answers)


def check(raw: ToyExport, plan, findings) -> None:
    """People once each, and answers of people who were randomized."""
    if raw.people is None or raw.answers is None:
        return
    people, answers = raw.people, raw.answers
    for file, rows, rule, expected in (
        ("people.csv", people[people.duplicated("record_id")], "duplicated_id", "each id once"),
        (
            "answers.csv",
            answers[~answers["record_id"].isin(people["record_id"])],
            "never_randomized",
            "a person of people.csv",
        ),
    ):
        for row in rows.itertuples():
            findings.error(
                rule,
                file,
                expected,
                "correct the id at the source",
                line=row.line,
                field="record_id",
                raw=row.record_id,
                participant=row.record_id,
            )
