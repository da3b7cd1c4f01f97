"""From a file to its text: is it there, is it text at all, and in UTF-8?"""

import re
from pathlib import Path

from trialrr.ingest.findings import Findings

LINE_END = re.compile(r"\r\n|\n|\r")

_SAVE = "open it in its program and save it as CSV UTF-8"
_UNPACK = "unpack it and name the CSV file inside"
_SIGNATURES = (
    (b"\x1f\x8b", "a gzip archive", _UNPACK),
    (b"BZh", "a bzip2 archive", _UNPACK),
    (b"\xfd7zXZ\x00", "an xz archive", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook of the old kind, or one with a password", _SAVE),
    (b"\xff\xfe", "UTF-16 text", "save the file as UTF-8 (in a spreadsheet: CSV UTF-8)"),
    (b"\xfe\xff", "UTF-16 text", "save the file as UTF-8 (in a spreadsheet: CSV UTF-8)"),
    (b"%PDF", "a PDF document", "export the table itself as CSV UTF-8"),
    (b"{\\rtf", "a document of a word processor", _SAVE),
    (b"PAR1", "a Parquet file", "write it as CSV UTF-8"),
    (b"SQLite format 3", "an SQLite database", "export the table as CSV UTF-8"),
    (b"$FL2", "an SPSS file", _SAVE),
    (b"<stata_dta>", "a Stata file", _SAVE),
    (b"version https://git-lfs", "a pointer of Git LFS and not the data", "fetch it: git lfs pull"),
)
_MARKUP = (
    (b"<!doctype html", "a web page (often a log-in or error page)", "export the table again"),
    (b"<html", "a web page (often a log-in or error page)", "export the table again"),
    (b"<?xml", "an XML document", "export the table as CSV"),
    (b'{"', "a JSON document (often the error message of a server)", "export the table as CSV"),
    (b"[{", "a JSON document", "export the table as CSV"),
)


def kind_of(data: bytes) -> tuple[str, str] | None:
    """What a file is that is no text table, and how to get one, or None. Told by its first bytes,
    or by bytes of zero, which no text has."""
    if data.startswith(b"PK\x03\x04"):
        workbook = b"xl/" in data
        return ("an Excel workbook", _SAVE) if workbook else ("a zip archive", _UNPACK)
    for start, what, how in _SIGNATURES:
        if data.startswith(start):
            return what, how
    begin = data[:200].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for start, what, how in _MARKUP:
        if begin.startswith(start):
            return what, how
    if b"\0" in data:
        return "binary data, or UTF-16 text (it has bytes of zero)", "save it as CSV UTF-8"
    return None


def read_text(path: Path, file: str, key: str, delimiter: str, findings: Findings) -> str | None:
    """Decoded content, or None with a finding. `file` is the name in findings, `key` the plan's
    key that names the file, or blank. Bytes that are not UTF-8 are each reported, then replaced, so
    that the rest of the file is checked too."""
    data = _bytes(path, file, key, findings)
    if data is None:
        return None
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
    if kind := kind_of(data):
        findings.error("not_a_text_table", file, "a CSV file, which is text", kind[1], raw=kind[0])
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
        _report_bytes(file, data, delimiter, findings)
    return data.decode("utf-8", errors="replace")


def _bytes(path: Path, file: str, key: str, findings: Findings) -> bytes | None:
    try:
        if path.is_file():
            return path.read_bytes()
        raw = "a folder" if path.is_dir() else "no such file"
    except OSError as error:
        raw = f"a file that cannot be read: {(error.strerror or 'unknown error').lower()}"
    place = f"{key}.file or data.directory" if key else "data.directory"
    findings.error(
        "missing_file",
        file,
        f"the file {file} in the folder of raw files",
        f"export it again or correct {place} in the plan",
        raw=raw,
    )
    return None


def _report_bytes(file: str, data: bytes, delimiter: str, findings: Findings) -> None:
    lines = re.split(rb"\r\n|\n|\r", data)
    sign = delimiter.encode()
    header = lines[0].decode("utf-8", errors="replace").split(delimiter)
    for number, line in enumerate(lines, start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            before = line[: error.start].count(sign)
            findings.error(
                "not_utf8",
                file,
                "UTF-8 text",
                "save the file as UTF-8 (in a spreadsheet: CSV UTF-8)",
                line=number,
                field=header[before] if number > 1 and before < len(header) else "",
                raw=f"byte 0x{line[error.start]:02X} at column {error.start + 1}",
            )
