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
LISTED = 50
"""Errors that the message spells out; the rest are counted."""


class DataError(ValueError):
    """The raw data cannot be analyzed; the message lists every error with its place."""


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
        """Raise DataError that lists every error as file:line:field: found, expected, remedy."""
        errors = self.rows(["error"])
        if not errors:
            return
        lines = [_sentence(e) for e in errors[:LISTED]]
        if len(errors) > LISTED:
            lines.append(f"... and {len(errors) - LISTED} more, all in the findings table")
        count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        raise DataError(f"the raw data have {count}; nothing was derived\n  " + "\n  ".join(lines))


def _sentence(error: dict) -> str:
    place = ":".join(str(error[k]) for k in ("file", "line", "field") if error[k] != "")
    about = [error[k] for k in ("participant", "event") if error[k]]
    person = f" ({', '.join(about)})" if about else ""
    return f"{place}: {error['rule']}: found {error['raw_value']!r}{person}; {error['action']}"
