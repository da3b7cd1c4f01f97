"""Findings: every oddity of the raw data, one row each, gathered before anything stops."""

from collections import Counter
from collections.abc import Iterable

import pandas as pd

COLUMNS = (
    "file",
    "line",
    "participant",
    "event",
    "field",
    "raw_value",
    "parsed_value",
    "rule",
    "severity",
    "action",
)
SUMMARY = ("rule", "file", "field", "severity", "action")
SEVERITIES = ("error", "excluded", "repaired", "note")
CAUSE = ("file", "field", "rule", "action")
"""What errors of one cause have in common."""
LISTED = 50
"""Causes of errors that the message spells out; the rest are counted."""
SHOWN = 3
"""Lines and values that it spells out of each."""
WITHOUT_LINE = 10
"""Values that it spells out where no line says where they stand."""
LONGEST = 80
"""Characters of a raw value that it shows."""


class DataError(ValueError):
    """The raw data cannot be analyzed; the message lists the errors by cause."""


class Findings:
    """Collector of findings. `error` would change an estimate and stops the run at
    `stop_if_errors`; `excluded` rows are not analyzed; `repaired` values are; a `note` informs."""

    def __init__(self) -> None:
        self._rows: list[dict] = []
        self._seen: set[tuple] = set()

    def add(
        self,
        rule: str,
        severity: str,
        file: str,
        line: int | str = "",
        field: str = "",
        raw: object = "",
        parsed: object = "",
        action: str = "",
        participant: str = "",
        event: str = "",
    ) -> None:
        """One finding. `action` says what was done or, for an error, what is expected and what to
        do; it is the same text for all findings of a kind, so that `summary` can count them. The
        same finding twice is one."""
        if severity not in SEVERITIES:
            raise ValueError(f"severity {severity!r}, expected one of {', '.join(SEVERITIES)}")
        values = (file, line, participant, event, field, raw, parsed, rule, severity, action)
        if values not in self._seen:
            self._seen.add(values)
            self._rows.append(dict(zip(COLUMNS, values, strict=True)))

    def error(self, rule: str, file: str, expected: str, do: str, **where) -> None:
        """A finding that stops the run, with what was expected and what to do."""
        self.add(rule, "error", file, action=f"expected {expected}; {do}", **where)

    @property
    def errors(self) -> int:
        """Number of errors so far."""
        return sum(r["severity"] == "error" for r in self._rows)

    def rows(self, severities: Iterable[str] = SEVERITIES) -> list[dict]:
        """Findings of the given severities, sorted by file, line, field and rule."""
        chosen = [r for r in self._rows if r["severity"] in set(severities)]
        order = ("field", "rule", "participant", "event")
        return sorted(chosen, key=lambda r: (r["file"], r["line"] or 0, *(r[k] for k in order)))

    def frame(self) -> pd.DataFrame:
        """All findings as a table with COLUMNS."""
        return pd.DataFrame(self.rows(), columns=list(COLUMNS))

    def summary(self) -> pd.DataFrame:
        """Number of findings of each kind: SUMMARY and n. Holds nothing of any person."""
        counts = Counter(tuple(r[c] for c in SUMMARY) for r in self._rows)
        rows = [(*kind, n) for kind, n in sorted(counts.items())]
        return pd.DataFrame(rows, columns=[*SUMMARY, "n"])

    def stop_if_errors(self) -> None:
        """Raise DataError that lists the errors by cause (one file, field, rule and remedy): how
        many and where, what was found, what was expected, and what to do."""
        errors = self.rows(["error"])
        if not errors:
            return
        causes: dict[tuple, list[dict]] = {}
        for error in errors:
            causes.setdefault(tuple(error[k] for k in CAUSE), []).append(error)
        lines = [_sentence(group) for group in list(causes.values())[:LISTED]]
        if len(causes) > LISTED:
            lines.append(f"... and {len(causes) - LISTED} more, all in the findings table")
        count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        raise DataError(f"the raw data have {count}; nothing was derived\n  " + "\n  ".join(lines))


def _sentence(group: list[dict]) -> str:
    """Errors of one cause in a line, under the place of the first; what cannot be printed is
    escaped, as names and ids come from the file."""
    first = group[0]
    place = ":".join(str(first[k]) for k in ("file", "line", "field") if first[k] != "")
    line = f"{place}: {first['rule']}: found {_found(group)}; {first['action']}"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


def _found(group: list[dict]) -> str:
    """What was found, with whom or, of several, how often and on which lines."""
    lines = [str(line) for line in dict.fromkeys(e["line"] for e in group) if line != ""]
    if len(group) == 1 or not lines:
        return _some([_quoted(error) + _about(error) for error in group], WITHOUT_LINE)
    values = _some(list(dict.fromkeys(_quoted(error) for error in group)), SHOWN)
    place = "line" if len(lines) == 1 else "lines"
    return f"{values} ({len(group)} times, on {place} {_some(lines, SHOWN)})"


def _some(texts: list[str], number: int) -> str:
    more = f" and {len(texts) - number} more" if len(texts) > number else ""
    return ", ".join(texts[:number]) + more


def _quoted(error: dict) -> str:
    """The raw value in quotes, cut where it is long."""
    raw = str(error["raw_value"])
    return repr(raw if len(raw) <= LONGEST else raw[:LONGEST] + "…")


def _about(error: dict) -> str:
    about = [str(error[k]) for k in ("participant", "event") if error[k]]
    return f" ({', '.join(about)})" if about else ""
