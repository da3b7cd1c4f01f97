"""Strict reader of raw CSV files: every value is what the dictionary says, or it is a finding."""

import csv
import io
import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from trialrr.ingest.fields import Field
from trialrr.ingest.findings import Findings

OPTIONAL_COLUMN = "data_origin"
"""The one column that a file may lack: exports of real data do not carry it."""

_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_SHAPES = {
    "%Y-%m-%d": re.compile(r"\d{4}-\d\d-\d\d", re.ASCII),
    "%m/%d/%Y": re.compile(r"\d{1,2}/\d{1,2}/\d{4}", re.ASCII),
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SPREADSHEET_DATE = re.compile(r"0?(\d{1,2})-([A-Z][a-z]{2})", re.ASCII)


def read_table(
    path: str | Path,
    fields: Sequence[Field],
    findings: Findings,
    person: str = "participant_id",
    event: str | None = None,
    others: bool = False,
) -> pd.DataFrame | None:
    """Rows of a raw file, one typed column a field, and `line` (the header is line 1).

    Integers and numbers are float64 with NaN, dates datetime64, the rest strings with "" for
    missing. Nothing is inferred from the values. Faults go to `findings`; a faulty value becomes
    missing. `person` and `event` name the columns that identify a row in a finding. With `others`
    the file may have columns that no field describes; they are not read.
    Returns None where the file as a whole cannot be trusted: it is missing, empty, not UTF-8, cut
    off, or its header or the number of fields of a row is wrong.
    """
    path = Path(path)
    errors = findings.errors
    text = _text(path, findings)
    if text is None:
        return None
    names = [f.name for f in fields]
    header, lines, rows = _rows(path.name, text, names, findings, others)
    if header is None or not rows:
        return None
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    columns.setdefault(OPTIONAL_COLUMN, ("",) * len(rows))
    whole = findings.errors == errors
    table = typed(path.name, columns, lines, fields, findings, person, event)
    return table if whole else None


def typed(
    file: str,
    columns: dict[str, Sequence[str]],
    lines: Sequence[int],
    fields: Sequence[Field],
    findings: Findings,
    person: str,
    event: str | None = None,
) -> pd.DataFrame:
    """Typed table of the raw strings in `columns`, one a field, all as long as `lines`. What a
    value must be, what is repaired and what is a fault: see `read_table` and `Field`."""
    blank = [""] * len(lines)
    places = _Places(
        file,
        lines,
        [v.strip() for v in columns.get(person, blank)],
        [v.strip() for v in columns[event]] if event else blank,
    )
    table = {"line": np.array(lines)}
    for field in fields:
        table[field.name] = _column(field, columns[field.name], places, findings)
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


# ------------------------------------------------------------------------------ file and rows


def _text(path: Path, findings: Findings) -> str | None:
    """Decoded content, or None with a finding. Bytes that are not UTF-8 are each reported, then
    replaced, so that the rest of the file is checked too."""
    file = path.name
    if not path.is_file():
        findings.error(
            "missing_file",
            file,
            f"the file {file} in the folder of raw files",
            "export it again or correct data.directory in the plan",
            raw="no such file",
        )
        return None
    data = path.read_bytes()
    if not data.strip():
        findings.error(
            "empty_file",
            file,
            "a header line and rows",
            "export the file again",
            line=1,
            raw="an empty file",
        )
        return None
    if data.startswith(b"\xef\xbb\xbf"):
        findings.add(
            "byte_order_mark",
            "repaired",
            file,
            line=1,
            raw="EF BB BF",
            action="byte order mark removed",
        )
        data = data[3:]
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        _report_bytes(file, data, findings)
    return data.decode("utf-8", errors="replace")


def _report_bytes(file: str, data: bytes, findings: Findings) -> None:
    header = data.split(b"\n", 1)[0].decode("utf-8", errors="replace").rstrip("\r").split(",")
    for number, line in enumerate(data.split(b"\n"), start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            before = line[: error.start].count(b",")
            findings.error(
                "not_utf8",
                file,
                "UTF-8 text",
                "save the file as UTF-8 (in a spreadsheet: CSV UTF-8)",
                line=number,
                field=header[before] if number > 1 and before < len(header) else "",
                raw=f"byte 0x{line[error.start]:02X} at column {error.start + 1}",
            )


def _rows(file: str, text: str, names: list[str], findings: Findings, others: bool):
    """(header, line numbers, rows of the right width), or (None, ...) if the header is wrong."""
    if not text.endswith("\n"):
        last = text.rsplit("\n", 1)[-1]
        findings.error(
            "truncated_file",
            file,
            "a line end after the last row",
            "the export was cut off: export the file again",
            line=text.count("\n") + 1,
            field=names[min(last.count(","), len(names) - 1)],
            raw=last[-40:],
        )
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines, rows, header, start = [], [], None, 1
    try:
        for row in reader:
            if header is None:
                header = row
                if not _header_is_right(file, header, names, findings, others):
                    return None, [], []
            elif len(row) == len(header):
                lines.append(start)
                rows.append(row)
            else:
                _report_width(file, start, row, header, findings)
            start = reader.line_num + 1
    except csv.Error as error:
        findings.error(
            "malformed_csv",
            file,
            "fields separated by commas, quotes closed on their line",
            "export the file again",
            line=start,
            raw=str(error),
        )
    if not rows and start == 2:
        findings.error(
            "no_rows",
            file,
            "rows below the header",
            "export the file again with its data",
            line=1,
            raw="a header only",
        )
    return header, lines, rows


def _header_is_right(
    file: str, header: list[str], names: list[str], findings: Findings, others: bool
) -> bool:
    where = {"line": 1}
    if len(header) == 1 and len(names) > 1:
        for sign, word in ((";", "semicolon"), ("\t", "tab"), ("|", "bar")):
            if sign in header[0]:
                findings.error(
                    "wrong_delimiter",
                    file,
                    "fields separated by commas",
                    "export the file as CSV with commas",
                    field=names[0],
                    raw=f"fields separated by {word}",
                    **where,
                )
                return False
    right = True
    for name in sorted({n for n in header if header.count(n) > 1}):
        right = False
        findings.error(
            "duplicated_column",
            file,
            f"one column {name}",
            "delete the copy",
            field=name,
            raw=f"{header.count(name)} columns {name}",
            **where,
        )
    for name in names:
        if name not in header and name != OPTIONAL_COLUMN:
            right = False
            findings.error(
                "missing_column",
                file,
                f"a column {name}",
                "export the file with all columns of the data dictionary",
                field=name,
                raw="no such column",
                **where,
            )
    for name in dict.fromkeys(header):
        if name not in names and not others:
            right = False
            findings.error(
                "unknown_column",
                file,
                "the columns of the data dictionary",
                "delete the column or describe it in the dictionary",
                field=name,
                raw=name,
                **where,
            )
    if right and not others and header != [n for n in names if n in header]:
        findings.add(
            "column_order",
            "note",
            file,
            raw=header[0],
            action="columns are read by name",
            **where,
        )
    return right


def _report_width(
    file: str, line: int, row: list[str], header: list[str], findings: Findings
) -> None:
    few = len(row) < len(header)
    findings.error(
        "wrong_number_of_fields",
        file,
        f"{len(header)} fields, as in the header",
        "a column is shifted or a comma stands unquoted: correct the row in the source and export "
        "again",
        line=line,
        field=header[len(row)] if few else header[-1],
        raw=f"{len(row)} fields",
        participant=row[0].strip() if row else "",
    )


# ------------------------------------------------------------------------------------ values


def _column(field: Field, raw: Sequence[str], places: _Places, findings: Findings):
    """Typed array of one column. Each distinct value is parsed once."""
    parsed: dict[str, object] = {}
    remarks: dict[str, tuple] = {}
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


def parse(field: Field, raw: str) -> tuple[object, list[tuple[str, str, str, str]]]:
    """(value or None, remarks) of one raw string. A remark is (rule, severity, parsed, action).

    Dates come back as datetime.date, integers as int, numbers as float, the rest as str.
    """
    remarks = []
    value = raw
    if field.type != "text" and raw != raw.strip():
        value = raw.strip()
        if value:
            action = "leading and trailing spaces removed"
            remarks.append(("trailing_space", "repaired", value, action))
    if value == "" or (field.type == "text" and value.isspace()):
        if field.required:
            remarks.append(_fault("blank_required", field, "fill it in at the source"))
        return None, remarks
    if value in field.missing_codes:
        action = "refused or unreadable on paper: set to missing"
        return None, [*remarks, ("paper_code", "repaired", "", action)]
    match field.type:
        case "integer":
            if not _INTEGER.fullmatch(value):
                return None, [*remarks, _fault("not_an_integer", field)]
            number = int(value)
        case "number":
            if not _NUMBER.fullmatch(value):
                return None, [*remarks, _fault("not_a_number", field)]
            number = float(value)
        case "flag":
            if value not in ("0", "1"):
                return None, [*remarks, _fault("unknown_code", field)]
            return value, remarks
        case "code":
            return _code(field, value, remarks)
        case "date":
            return _date(field, value, remarks)
        case "id":
            if len(value.split()) > 1:
                return None, [*remarks, _fault("not_an_id", field)]
            return value, remarks
        case _:
            return value, remarks
    low = field.minimum is not None and number < field.minimum
    high = field.maximum is not None and number > field.maximum
    if low or high:
        return None, [*remarks, _fault("out_of_range", field)]
    return number, remarks


def _fault(rule: str, field: Field, do: str = "correct it at the source and export again"):
    return rule, "error", "", f"expected {field.expected}; {do}"


def _code(field: Field, value: str, remarks: list):
    if value in field.codes:
        return value, remarks
    hit = _SPREADSHEET_DATE.fullmatch(value)
    if hit and hit[2] in _MONTHS:
        day, month = int(hit[1]), _MONTHS.index(hit[2]) + 1
        meant = {f"{month}-{day}", f"{day}-{month}"} & set(field.codes)
        if len(meant) == 1:
            code = meant.pop()
            action = "a spreadsheet made a date of the code: code restored"
            return code, [*remarks, ("excel_damage", "repaired", code, action)]
    return None, [*remarks, _fault("unknown_code", field)]


def _date(field: Field, value: str, remarks: list):
    for form in field.formats:
        day = _day(value, form)
        if day is None:
            continue
        if form != field.formats[0]:
            action = "read as month/day/year"
            remarks = [*remarks, ("date_format", "repaired", day.isoformat(), action)]
        return day, remarks
    return None, [*remarks, _fault("not_a_date", field)]


def _day(value: str, form: str) -> date | None:
    if form in _SHAPES and not _SHAPES[form].fullmatch(value):
        return None
    try:
        if form == "%Y-%m-%d":
            return date.fromisoformat(value)
        return datetime.strptime(value, form).date()
    except ValueError:
        return None
