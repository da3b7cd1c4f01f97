"""The mess of real exports, planted on purpose, each fault with its key."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from trialrr.resolve.instruments import BPI, FUNCTION, SOCIAL
from trialrr.resolve.twin.surveys import BLANK, SKIPPED, WINDOWS, Surveys, pain_items
from trialrr.seeds import stream

EVENTS = ("baseline_arm_1", "month_3_arm_1", "month_6_arm_1", "month_12_arm_1")
KEY = ["fault", "file", "line", "participant", "event", "field"]
ABANDONED = 14
"""Surveys opened in the window and left before anything could be scored."""
LATE = 62
"""Surveys outside the window of a visit that thereby was not completed."""
LATE_NEVER_SEEN = 14
"""Such surveys of people never seen inside a window."""
LATE_BESIDE = 24
"""Surveys outside the window beside one inside."""
TWICE = 45
"""Surveys exported twice."""
RESUMED = 38
"""Surveys begun, left and answered again."""
SPACES = {"survey_mode": 26, "education": 14, "employment": 9}
DAMAGED_SITE = "C"
"""The site whose export went through a spreadsheet."""
CODED_ON_PAPER = 0.8
SOCIAL_FORMS = (SOCIAL, FUNCTION)


@dataclass
class _Table:
    """Survey rows as lists of strings by field, with the marks of what was planted where."""

    rows: list[dict[str, str]] = field(default_factory=list)
    marks: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, row: dict) -> int:
        self.rows.append(row)
        return len(self.rows) - 1

    def mark(self, row: int, fault: str, name: str) -> None:
        self.marks.append((row, fault, name))


def export_surveys(
    people: pd.DataFrame,
    surveys: Surveys,
    sums: tuple[np.ndarray, np.ndarray],
    left: np.ndarray,
    fields: list[str],
    items: dict[str, tuple[int, int]],
    file: str,
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The survey export with its mess, and the key of the planted faults.

    people : randomized; sums : (n, 3) intensity and interference sums at follow-up, also of visits
    missed; left : (n,) withdrew, died or randomized in error; fields : columns of the export;
    items : reversed items and their range; file : its name on disk.
    """
    rng = stream(seed, "twin", "faults")
    table = _Table()
    text = people[[f for f in fields if f in people.columns]].astype(str)
    free = ~surveys.exists & ~left[:, None]
    free[:, 0] = False
    for i, e in zip(*np.nonzero(surveys.exists), strict=True):
        _add(table, people, text, surveys, i, e, surveys.bpi[i, e], surveys.day[i, e], rng)
    for row, record in enumerate(table.rows):
        _mark_partial(table, row, record, rng)
    _abandon(table, people, text, surveys, free, rng)
    _miss_windows(table, people, text, surveys, free, sums, rng)
    for row, record in enumerate(table.rows):
        _reverse(table, row, record, items)
        if record["survey_mode"] == "paper":
            table.mark(row, "date_format", "survey_on")
    _damage(table, people, rng)
    _repeat(table, rng)
    return _finish(table, fields, file)


def _add(table, people, text, surveys, i, e, bpi, day, rng) -> int:
    """One survey row; a skipped item of a paper form carries a code."""
    mode = surveys.mode[i, e]
    answers = dict(zip(BPI, (int(v) for v in bpi), strict=True))
    if e == 0:
        answers |= {name: int(values[i]) for name, values in surveys.forms.items()}
    row = {
        "person": int(i),
        "event": int(e),
        "day": int(day),
        "record_id": people["participant_id"].iat[i],
        "redcap_event_name": EVENTS[e],
        "survey_mode": str(mode),
        "survey_on": "",
        "survey_complete": "2",
    }
    number = table.add(row)
    for name, value in answers.items():
        row[name] = str(value) if value >= 0 else ""
        if value == SKIPPED and mode == "paper" and rng.random() < CODED_ON_PAPER:
            row[name] = str(rng.choice(["88", "99"]))
            table.mark(number, "paper_code", name)
    if e == 0:
        row |= text.iloc[i].to_dict()
    return number


def _answered(record: dict) -> list[bool]:
    return [record[name] not in ("", "88", "99") for name in BPI]


def _mark_partial(table: _Table, row: int, record: dict, rng: np.random.Generator) -> None:
    """Mark a kept survey that lacks items, and give it an unfinished status."""
    answered = _answered(record)
    if all(answered):
        return
    scored = all(answered[:4]) and sum(answered[4:]) >= 4
    record["survey_complete"] = str(rng.choice(["0", "1"]))
    fault = "partial_survey_scored" if scored else "partial_survey_unscored"
    table.mark(row, fault, "survey_complete")


def _abandon(table, people, text, surveys, free, rng) -> None:
    """Surveys left after at most three items, by people seen at another visit."""
    seen = surveys.exists[:, 1:].any(axis=1)
    places = np.argwhere(free & seen[:, None])
    for i, e in places[rng.choice(len(places), ABANDONED, replace=False)]:
        bpi = surveys.bpi[i, e].copy()
        bpi[rng.integers(0, 4) :] = BLANK
        row = _add(table, people, text, surveys, i, e, bpi, surveys.day[i, e], rng)
        _mark_partial(table, row, table.rows[row], rng)
        free[i, e] = False


def _miss_windows(table, people, text, surveys, free, sums, rng) -> None:
    """Surveys before or after the window, alone or beside one inside it."""
    never = ~surveys.exists[:, 1:].any(axis=1)
    beside = surveys.exists.copy()
    beside[:, 0] = False
    for places, number in (
        (np.argwhere(free & ~never[:, None]), LATE),
        (np.argwhere(free & never[:, None]), LATE_NEVER_SEEN),
        (np.argwhere(beside), LATE_BESIDE),
    ):
        for i, e in places[rng.choice(len(places), number, replace=False)]:
            first, last = WINDOWS[e - 1]
            early = rng.random() < 0.3
            day = first - rng.integers(1, 15) if early else last + rng.integers(1, 28)
            bpi = pain_items(sums[0][i, e - 1 : e], sums[1][i, e - 1 : e], rng)[0]
            row = _add(table, people, text, surveys, i, e, bpi, day, rng)
            table.mark(row, "out_of_window", "survey_on")
            if surveys.exists[i, e]:
                table.mark(row, "duplicate_survey", "redcap_event_name")


def _reverse(table: _Table, row: int, record: dict, items: dict[str, tuple[int, int]]) -> None:
    """Turn the short forms of a phone survey round, as its script reads them out."""
    if record["survey_mode"] != "phone":
        return
    for form in SOCIAL_FORMS:
        if not any(record.get(name) for name in form):
            continue
        for name in form:
            if record[name]:
                record[name] = str(sum(items[name]) - int(record[name]))
        table.mark(row, "reversed_short_form", form[0])


def _damage(table: _Table, people: pd.DataFrame, rng: np.random.Generator) -> None:
    """Trailing spaces in code fields; pain durations that a spreadsheet read as dates."""
    site = people["site"].to_numpy()
    for row, record in enumerate(table.rows):
        if record.get("pain_duration") == "1-5" and site[record["person"]] == DAMAGED_SITE:
            record["pain_duration"] = "5-Jan"
            table.mark(row, "excel_damage", "pain_duration")
    for name, number in SPACES.items():
        filled = [k for k, record in enumerate(table.rows) if record.get(name)]
        for row in rng.choice(filled, number, replace=False):
            table.rows[row][name] += " "
            table.mark(int(row), "trailing_space", name)


def _repeat(table: _Table, rng: np.random.Generator) -> None:
    """Export some surveys twice; let some people begin, stop, and answer all of it later."""
    marks: dict[int, list[tuple[str, str]]] = {}
    for row, fault, name in table.marks:
        marks.setdefault(row, []).append((fault, name))
    outside = {row for row, fault, _ in table.marks if fault == "out_of_window"}
    whole = [k for k, r in enumerate(table.rows) if k not in outside and all(_answered(r))]
    drawn = rng.permutation(whole)
    resumed = [k for k in drawn if _may_start_earlier(table.rows[k])][:RESUMED]
    again = [k for k in drawn if k not in set(resumed)][:TWICE]
    content = [name for name in table.rows[whole[0]] if name not in ("person", "event", "day")]
    header = content[: content.index("survey_complete")]
    for k in again:
        copy = table.add(dict(table.rows[k]))
        _copy_marks(table, marks.get(k, []), k, copy)
        table.mark(copy, "duplicate_survey", "redcap_event_name")
    for k in resumed:
        record = table.rows[k]
        begun = {n: v for n, v in record.items() if n in ("person", "event", *header)}
        begun["day"] = record["day"] - int(rng.integers(1, 4))
        begun["survey_complete"] = "0"
        begun |= {name: record[name] for name in BPI[: rng.integers(2, 10)]}
        copy = table.add(begun)
        _copy_marks(table, marks.get(k, []), k, copy)
        table.mark(copy, "duplicate_survey", "redcap_event_name")


def _may_start_earlier(record: dict) -> bool:
    """Whether three days earlier are still inside the window."""
    return record["event"] == 0 or record["day"] - 3 >= WINDOWS[record["event"] - 1][0]


def _copy_marks(table: _Table, marks: list[tuple[str, str]], source: int, copy: int) -> None:
    """Faults of a row that its copy shows too."""
    for fault, name in marks:
        if fault == "date_format" or table.rows[copy].get(name, "") == table.rows[source][name]:
            table.mark(copy, fault, name)


def _finish(table: _Table, fields: list[str], file: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows in the order of the export, marks with their lines."""
    order = sorted(
        range(len(table.rows)),
        key=lambda k: (*(table.rows[k][n] for n in ("record_id", "event", "day")), k),
    )
    line = {row: position + 2 for position, row in enumerate(order)}
    columns = ["person", "day", *fields]
    frame = pd.DataFrame([table.rows[k] for k in order], columns=columns)
    frame[fields] = frame[fields].astype(object).where(frame[fields].notna(), "")
    key = [
        (fault, file, line[row], table.rows[row]["record_id"],
         table.rows[row]["redcap_event_name"], name)
        for row, fault, name in table.marks
    ]
    return frame, pd.DataFrame(key, columns=KEY)
