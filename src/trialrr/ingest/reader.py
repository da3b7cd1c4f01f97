"""Strict reader of raw CSV files: every value is what the dictionary says, or it is a finding.

`files` decodes, `rows` splits, `values` parses; here they make a typed table.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from trialrr.ingest import files, rows
from trialrr.ingest.fields import Field
from trialrr.ingest.findings import Findings
from trialrr.ingest.sources import Rows, Source
from trialrr.ingest.values import parse


def read_table(
    path: str | Path,
    fields: Sequence[Field],
    findings: Findings,
    person: str = "participant_id",
    event: str | None = None,
) -> pd.DataFrame | None:
    """Rows of a file of a data dictionary, one typed column per field, and `line` (the header is
    line 1).

    Integers and numbers are float64 with NaN, dates datetime64, the rest strings with "" for
    missing. Nothing is inferred from the values. Faults go to `findings`; a faulty value becomes
    missing. `person` and `event` name the columns that identify a row in a finding.
    Returns None where the file as a whole cannot be trusted: it is missing, empty, not UTF-8, cut
    off, or its header or the number of fields of a row is wrong.
    """
    path = Path(path)
    raw = read_rows(path, path.name, [f.name for f in fields], Source(), findings)
    if raw is None:
        return None
    table = typed(raw, fields, findings, person, event)
    return table if raw.whole else None


def read_rows(
    path: Path, file: str, names: Sequence[str], source: Source, findings: Findings
) -> Rows | None:
    """Raw rows of the CSV file at `path`, called `file` in findings, with the columns `names`."""
    errors = findings.errors
    text = files.read_text(path, file, source.key, source.delimiter, findings)
    if text is None:
        return None
    raw = rows.read_rows(file, text, names, source, findings)
    whole = findings.errors == errors
    return raw and Rows(raw.file, raw.columns, raw.lines, whole)


def typed(
    raw: Rows,
    fields: Sequence[Field],
    findings: Findings,
    person: str,
    event: str | None = None,
) -> pd.DataFrame:
    """Typed table of raw rows, one column per field under the name that the field is `called`. What
    a value must be, what is repaired and what is a fault: see `read_table` and `Field`."""
    blank = [""] * len(raw.lines)
    places = _Places(
        raw.file,
        raw.lines,
        [v.strip() for v in raw.columns.get(person, blank)],
        [v.strip() for v in raw.columns[event]] if event else blank,
    )
    table = {"line": np.array(raw.lines)}
    for field in fields:
        column = _column(field, raw.columns[field.name], places, findings)
        table[field.called or field.name] = column
    return pd.DataFrame(table)


class _Places:
    """Where the rows of a file stand: line, participant and event of each."""

    def __init__(self, file: str, lines: Sequence[int], people: list[str], events: list[str]):
        self.file, self.lines, self.people, self.events = file, lines, people, events

    def of(self, row: int) -> dict:
        return {
            "file": self.file,
            "line": self.lines[row],
            "participant": self.people[row],
            "event": self.events[row],
        }


def _column(field: Field, raw: Sequence[str], places: _Places, findings: Findings):
    """Typed array of one column. Each distinct value is parsed once."""
    parsed: dict[str, object] = {}
    remarks: dict[str, list] = {}
    for value in set(raw):
        parsed[value], remark = parse(field, value)
        if remark:
            remarks[value] = remark
    if remarks:
        _report(field, raw, remarks, places, findings)
    if field.events:
        _report_events(field, raw, places, findings)
    values = [parsed[v] for v in raw]
    if field.type in ("integer", "number"):
        return np.array([np.nan if v is None else v for v in values], dtype=float)
    if field.type == "date":
        days = ["NaT" if v is None else v for v in values]
        return np.array(days, dtype="datetime64[D]").astype("datetime64[s]")
    return np.array(["" if v is None else v for v in values], dtype=object)


def _report(field, raw, remarks, places, findings) -> None:
    for row, value in enumerate(raw):
        for rule, severity, shown, action in remarks.get(value, ()):
            findings.add(
                rule,
                severity,
                field=field.name,
                raw=value,
                parsed=shown,
                action=action,
                **places.of(row),
            )


def _report_events(field, raw, places, findings) -> None:
    for row, value in enumerate(raw):
        if value and not value.isspace() and places.events[row] not in field.events:
            findings.add(
                "not_asked_here",
                "error",
                field=field.name,
                raw=value,
                action=f"expected blank, the item is asked at {', '.join(field.events)} only; "
                "correct the event name or clear the value",
                **places.of(row),
            )
