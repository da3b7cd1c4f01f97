"""A long REDCap export: a row per record and event, in windows, sometimes twice, with breaks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from trialrr.ingest.fields import Field
from trialrr.ingest.findings import Findings

Window = tuple[int, int]
"""Days after randomization, both ends inside."""


@dataclass(frozen=True, slots=True)
class LongExport:
    """Which columns of a long export say whose row it is, of which event, from which day and in
    which mode. file : its name in findings. The typed table has the column `line` beside them."""

    file: str
    date: str
    mode: str = ""
    person: str = "record_id"
    event: str = "redcap_event_name"

    @property
    def place(self) -> list[str]:
        """Columns that say where a finding stands; of all columns a row takes long to make."""
        return ["line", self.person, self.event]

    def at(self, row) -> dict:
        """The same as the cells of a finding, of a row of `itertuples`."""
        person, event = getattr(row, self.person), getattr(row, self.event)
        return {"file": self.file, "line": row.line, "participant": person, "event": event}


def event_name(event: str, arm: int = 1) -> str:
    """The name by which REDCap exports an event of an arm."""
    return f"{event}_arm_{arm}"


def kept_rows(
    table: pd.DataFrame,
    randomized_on: pd.Series,
    windows: Mapping[str, Window | None],
    items: Sequence[str],
    called: str,
    export: LongExport,
    findings: Findings,
) -> pd.DataFrame:
    """One row per person and event, in the order of the file, with `day` since randomization and
    `in_window`.

    table : typed rows; randomized_on : by person; windows : event → window, None: any day counts;
    items : what a fuller row has more of, `called` so in a message. Of several rows of one event
    the one is kept that lies inside the window, then has most items answered, then is earliest,
    then stands first in the file. Findings: unused_event, duplicate_survey, out_of_window.
    """
    for event in sorted(set(table[export.event]) - set(windows)):
        findings.add(
            "unused_event",
            "note",
            export.file,
            field=export.event,
            event=event,
            raw=event,
            action="no visit of the plan uses the surveys of this event",
        )
    table = table[table[export.event].isin(list(windows))].copy()
    start = table[export.person].map(randomized_on)
    table["day"] = (table[export.date] - start).dt.days
    table["in_window"] = inside(table[export.event], table["day"], windows)
    table["answered"] = table[list(items)].notna().sum(axis=1)
    table = table.sort_values(
        [export.person, export.event, "in_window", "answered", export.date, "line"],
        ascending=[True, True, False, False, True, True],
    )
    group = table.groupby([export.person, export.event], sort=False)
    table["kept_line"] = group["line"].transform("first")
    dropped = table["line"] != table["kept_line"]
    _report_duplicates(table[dropped], called, export, findings)
    _report_outside(table[~table["in_window"]], export, findings)
    return table[~dropped].drop(columns=["kept_line", "answered"]).sort_values("line")


def inside(events: pd.Series, days: pd.Series, windows: Mapping[str, Window | None]) -> np.ndarray:
    """(n,) whether a row's day lies in the window of its event."""
    found = np.ones(len(events), dtype=bool)
    for event, window in windows.items():
        if window:
            here = (events == event).to_numpy()
            found[here] = days[here].between(*window).to_numpy()
    return found


def _report_duplicates(
    dropped: pd.DataFrame, called: str, export: LongExport, findings: Findings
) -> None:
    for row in dropped[[*export.place, "kept_line"]].itertuples():
        findings.add(
            "duplicate_survey",
            "excluded",
            field=export.event,
            raw=getattr(row, export.event),
            parsed=f"line {row.kept_line} kept",
            action=f"not used: kept is the survey in the window, with most {called}, the earliest",
            **export.at(row),
        )


def _report_outside(outside: pd.DataFrame, export: LongExport, findings: Findings) -> None:
    for row in outside[[*export.place, export.date, "day"]].itertuples():
        findings.add(
            "out_of_window",
            "excluded",
            field=export.date,
            raw=getattr(row, export.date).date().isoformat(),
            parsed=f"day {row.day:.0f}",
            action="not used: outside the window of its visit",
            **export.at(row),
        )


def row_of(table: pd.DataFrame, event: str, ids: pd.Series, export: LongExport) -> np.ndarray:
    """(n,) position in `table`, of `kept_rows`, of each person's row of `event`, -1 if there is
    none in its window."""
    chosen = table[(table[export.event] == event) & table["in_window"]]
    where = pd.Series(chosen.index, index=chosen[export.person])
    return ids.map(where).fillna(-1).to_numpy().astype(int)


def turned_back(
    table: pd.DataFrame,
    forms: Collection[Sequence[str]],
    fields: Collection[Field],
    export: LongExport,
    findings: Findings,
) -> pd.DataFrame:
    """The table with forms whose fields are `reversed_in_mode` turned back in rows of that mode:
    v → minimum + maximum - v. One finding reversed_short_form per row and form, at its first item.
    """
    table, by_name = table.copy(), {f.name: f for f in fields}
    for form in forms:
        first = by_name[form[0]]
        rows = table[export.mode].eq(first.reversed_in_mode)
        rows &= table[list(form)].notna().any(axis=1)
        for row in table[rows].itertuples():
            value = getattr(row, first.name)
            blank, back = pd.isna(value), first.minimum + first.maximum - value
            findings.add(
                "reversed_short_form",
                "repaired",
                field=first.name,
                raw="" if blank else f"{value:.0f}",
                parsed="" if blank else f"{back:.0f}",
                action=f"items of the form turned back: {first.reversed_in_mode} asks them in "
                "reverse",
                **export.at(row),
            )
        for item in form:
            low, high = by_name[item].minimum, by_name[item].maximum
            table.loc[rows, item] = low + high - table.loc[rows, item]
    return table


def forms_at(event: str, forms: Mapping[str, Sequence[str]], fields: Collection[Field]) -> list:
    """Those of `forms` (name → items, in the order asked) that an event asks, by the dictionary."""
    asked = {f.name: f.events for f in fields}
    return [form for form, items in forms.items() if event in (asked[items[0]] or (event,))]


def report_broken_off(
    kept: pd.DataFrame,
    begun: np.ndarray,
    forms: Mapping[str, Sequence[str]],
    fields: Collection[Field],
    export: LongExport,
    findings: Findings,
) -> None:
    """A note forms_left_blank for each row that was `begun` (n,) and stopped before the last of the
    forms that its event asks, at the first item of the first form left blank."""
    begun = pd.Series(begun, index=kept.index)
    for event, rows in kept.groupby(export.event):
        asked = forms_at(str(event), forms, fields)
        answered = np.column_stack([rows[list(forms[f])].notna().any(axis=1) for f in asked])
        later = answered[:, ::-1].cumsum(axis=1)[:, ::-1] > 0  # this form or one after it
        stopped = begun[rows.index].to_numpy() & ~later[:, -1]
        first = later.sum(axis=1)
        places = rows.loc[stopped, export.place].itertuples()
        for row, k in zip(places, first[stopped], strict=True):
            findings.add(
                "forms_left_blank",
                "note",
                field=forms[asked[k]][0],
                action="the survey broke off: this form and those after it have no score",
                **export.at(row),
            )
