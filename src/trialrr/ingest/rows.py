"""From the text of a CSV file to rows of raw strings under their header."""

import csv
import difflib
import io
from collections.abc import Iterator, Sequence

from trialrr.ingest.findings import Findings
from trialrr.ingest.sources import SIGNS, Rows, Source

OPTIONAL_COLUMN = "data_origin"
"""The one column that a file of a data dictionary may lack: exports of real data have none."""


def read_rows(
    file: str, text: str, names: Sequence[str], source: Source, findings: Findings
) -> Rows | None:
    """Rows of `text` with the columns `names` and, where a plan maps the columns, all others.

    Blank lines and rows of nothing but delimiters are left out, with a note. Returns None where the
    header is wrong or no row can be read.
    """
    errors = findings.errors
    filled, blank = [], []
    for line, row in _records(file, text, source, findings):
        (blank if _is_blank(row) else filled).append((line, row))
    _report_blank(file, [line for line, _ in blank], findings)
    if not filled:
        if findings.errors == errors:
            _report_no_rows(file, "blank lines only", findings)
        return None
    (start, header), body = filled[0], filled[1:]
    if source.key:
        header, body = _without_trailing(file, header, body, findings)
    ended = text.endswith(("\n", "\r")) or (source.key and findings.errors > errors) or not body
    cut_off = not ended and _cut_off(file, text, names, header, body[-1][1], source, findings)
    if not _header_is_right(file, start, header, names, source, findings):
        return None
    lines, rows = [], []
    for line, row in body:
        if len(row) == len(header):
            lines.append(line)
            rows.append(row)
        elif not (cut_off and source.key and line == body[-1][0]):
            _report_width(file, line, row, header, source, findings)
    if not rows:
        if findings.errors == errors:
            _report_no_rows(file, "a header only", findings)
        return None
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    if not source.key:
        columns.setdefault(OPTIONAL_COLUMN, ("",) * len(rows))
    return Rows(file, columns, lines)


def _records(
    file: str, text: str, source: Source, findings: Findings
) -> Iterator[tuple[int, list[str]]]:
    """(line on which the row begins, its fields), up to a row that is no CSV. Fields of any length
    are read: the limit of the csv module is as long as the text while it reads."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=source.delimiter)
    start, limit = 1, csv.field_size_limit(len(text) + 1)
    try:
        for row in reader:
            yield start, row
            start = reader.line_num + 1
    except csv.Error as error:
        line, open_quote = _open_quote(text, start, source.delimiter)
        raw = "a quote that is never closed" if open_quote else str(error)
        findings.error(
            "malformed_csv",
            file,
            f"fields separated by {SIGNS[source.delimiter]}, every quote closed",
            'close the quote (a quote inside a field is written twice: "")'
            if source.key
            else "export the file again",
            line=line,
            raw=raw,
        )
    finally:
        csv.field_size_limit(limit)


def _open_quote(text: str, start: int, delimiter: str) -> tuple[int, bool]:
    """Line of the last quote that opens a field from line `start` on, and whether it never closes.
    `start` and False where none opens."""
    inside, at_field, line, opened, skip = False, True, 1, start, False
    characters = text.replace("\r\n", "\n").replace("\r", "\n")
    for k, sign in enumerate(characters):
        if line >= start and not skip:
            if inside:
                if sign == '"':
                    doubled = characters[k + 1 : k + 2] == '"'
                    skip, inside = doubled, doubled
            elif sign == '"' and at_field:
                inside, opened = True, line
            at_field = not inside and sign in (delimiter, "\n")
        else:
            skip = False
        line += sign == "\n"
    return opened, inside


def _is_blank(row: list[str]) -> bool:
    """True for a row without any value; a form feed or the end mark of DOS is none."""
    return all(not value.strip().strip("\x1a") for value in row)


def _report_blank(file: str, blank: list[int], findings: Findings) -> None:
    if blank:
        findings.add(
            "blank_lines",
            "note",
            file,
            line=blank[0],
            action="1 line without any value is skipped"
            if len(blank) == 1
            else f"{len(blank)} lines without any value are skipped",
        )


def _report_no_rows(file: str, raw: str, findings: Findings) -> None:
    findings.error(
        "no_rows",
        file,
        "rows below the header",
        "export the file again with its data",
        line=1,
        raw=raw,
    )


def _without_trailing(file: str, header: list[str], body: list, findings: Findings):
    """Header and rows without the blank fields that delimiters at the end of lines make. Where a
    column without a name has values, all is left as it is."""
    width = len(header)
    while width > 1 and not header[width - 1].strip():
        width -= 1
    beyond = [any(value.strip() for value in row[width:]) for _, row in body]
    if any(v and len(row) <= len(header) for v, (_, row) in zip(beyond, body, strict=True)):
        return header, body
    cut = [
        (line, row if value else row[:width])
        for value, (line, row) in zip(beyond, body, strict=True)
    ]
    if width < len(header) or cut != body:
        findings.add(
            "trailing_delimiter",
            "note",
            file,
            line=1,
            action="blank fields beyond the last named column are left out",
        )
    return header[:width], cut


def _cut_off(file, text, names, header, last, source: Source, findings: Findings) -> bool:
    """Whether a file without a line end after its `last` row was cut off: not if the row has all
    its fields. The exports of a data dictionary always end with a line end."""
    if source.key and len(last) >= len(header):
        findings.add(
            "no_final_line_end",
            "note",
            file,
            line=_line_count(text),
            action="no line end after the last row, which has all its fields: accepted",
        )
        return False
    tail = text.replace("\r", "\n").rsplit("\n", 1)[-1]
    at = tail.count(source.delimiter)
    named = header if source.key else names
    findings.error(
        "truncated_file",
        file,
        f"{len(header)} fields in the last row" if source.key else "a line end after the last row",
        "the export was cut off: export the file again",
        line=_line_count(text),
        field=named[min(at, len(named) - 1)],
        raw=tail[-40:],
    )
    return True


def _line_count(text: str) -> int:
    return text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1


def _header_is_right(
    file: str, line: int, header: list[str], names, source: Source, findings: Findings
) -> bool:
    if source.key and header[0].lower().startswith("sep="):
        findings.error(
            "separator_line",
            file,
            "the names of the columns",
            f"delete this line and declare `delimiter` in {source.key}",
            line=line,
            raw=source.delimiter.join(header),
        )
        return False
    if sign := _other_delimiter(header, names, source.delimiter):
        shown = {"\t": r"\t"}.get(sign, sign)
        findings.error(
            "wrong_delimiter",
            file,
            f"fields separated by {SIGNS[source.delimiter]}",
            f'declare `delimiter: "{shown}"` in {source.key}, and `decimal: ","` there if its '
            "numbers have a decimal comma"
            if source.key
            else "export the file as CSV with commas",
            line=line,
            field=names[0],
            raw=f"fields separated by {SIGNS[sign].removesuffix('s')}",
        )
        return False
    errors = findings.errors
    _report_doubled(file, line, header, names, source, findings)
    _report_absent(file, line, header, names, source, findings)
    if not source.key:
        _report_unknown(file, line, header, names, findings)
    return findings.errors == errors


def _other_delimiter(header: list[str], names: Sequence[str], declared: str) -> str | None:
    """The sign at which the header line splits into more of the wanted names than at the declared
    one, if there is such a sign."""
    line = declared.join(header)
    found = {
        sign: len(set(names) & {part.strip().strip('"') for part in line.split(sign)})
        for sign in SIGNS
    }
    found[declared] = len(set(names) & set(header))
    best = max(found, key=found.__getitem__)
    return best if found[best] > found[declared] else None


def _report_doubled(file, line, header, names, source: Source, findings: Findings) -> None:
    for name in sorted({n for n in header if header.count(n) > 1}):
        raw = f"{header.count(name)} columns {name or 'without a name'}"
        if source.key and name not in names:
            action = f"{raw}, of which none is mapped: not read"
            findings.add("duplicated_column", "note", file, line, name, raw, action=action)
            continue
        findings.error(
            "duplicated_column",
            file,
            f"one column {name}",
            "delete the copy, or rename it" if source.key else "delete the copy",
            line=line,
            field=name,
            raw=raw,
        )
    if source.key and header.count("") == 1:
        action = "a column without a name is not read"
        findings.add("unnamed_column", "note", file, line, raw="1 column", action=action)


def _report_absent(file, line, header, names, source: Source, findings: Findings) -> None:
    for name in names:
        if name in header or (name == OPTIONAL_COLUMN and not source.key):
            continue
        findings.error(
            "missing_column",
            file,
            f"a column {name}" + (_near(name, header) if source.key else ""),
            f"write the name in the plan as the header has it ({source.key} says which file)"
            if source.key
            else "export the file with all columns of the data dictionary",
            line=line,
            field=name,
            raw="no such column",
        )


def _near(name: str, header: list[str]) -> str:
    """(did you mean …?), also for names that differ in spaces or in case only."""
    near = [n for n in header if n.strip().casefold() == name.strip().casefold()]
    near += difflib.get_close_matches(name, header, n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _report_unknown(file, line, header, names, findings: Findings) -> None:
    unknown = [name for name in dict.fromkeys(header) if name not in names]
    for name in unknown:
        findings.error(
            "unknown_column",
            file,
            "the columns of the data dictionary",
            "delete the column or describe it in the dictionary",
            line=line,
            field=name,
            raw=name,
        )
    if not unknown and header != [n for n in names if n in header]:
        action = "columns are read by name"
        findings.add("column_order", "note", file, line, raw=header[0], action=action)


def _report_width(
    file: str, line: int, row: list[str], header: list[str], source: Source, findings: Findings
) -> None:
    few = len(row) < len(header)
    sign = SIGNS[source.delimiter].removesuffix("s")
    fix = "correct the row" if source.key else "correct the row in the source and export again"
    findings.error(
        "wrong_number_of_fields",
        file,
        f"{len(header)} fields, as in the header",
        f"a column is shifted or a {sign} stands unquoted: {fix}",
        line=line,
        field=header[len(row)] if few else header[-1],
        raw=f"{len(row)} fields",
        participant=row[0].strip() if row else "",
    )
