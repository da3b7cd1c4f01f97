"""The mess of real exports, planted on purpose, each fault with its key."""

import numpy as np
import pandas as pd

from trialrr.seeds import stream
from trialrr.trials.resolve.instruments import FORMS, PAIN_ITEMS
from trialrr.trials.resolve.twin.exports import PREFIX, ExportLayout
from trialrr.trials.resolve.twin.forms import ASKED, Forms
from trialrr.trials.resolve.twin.surveys import BLANK, SKIPPED, WINDOWS, Surveys

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
EARLIER = 3
"""Days between the two at most."""
SPACES = {"survey_mode": 26, "education": 14, "employment": 9}
SPACES_IN_FORMS = {"gcps_pain_days": 9, "eq5d_mobility": 12, "selfefficacy1": 6, "pgic_pain": 10}
DAMAGED_SITE = "C"
"""The site whose export went through a spreadsheet."""
CODED_ON_PAPER = 0.8
"""Share of the items skipped on paper that are keyed in as a code."""
CODES = ("88", "99")
WAVER = 0.2
"""Share of the later items that a second survey of an event answers by a step differently."""


def export_surveys(
    people: pd.DataFrame,
    surveys: Surveys,
    forms: tuple[Forms, ...],
    gone: np.ndarray,
    layout: ExportLayout,
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The survey export with its mess, and the key of the planted faults.

    people : randomized, with the baseline answers; forms : later forms of each event; gone : (n,)
    withdrew, died or randomized in error: they send nothing outside the plan. The export has the
    columns of the dictionary as strings, and person (row of `people`) and day (from randomization).
    """
    export = _Export(people, surveys, forms, layout, seed)
    export.plan()
    export.miss_visits(~gone)
    export.read_out_in_reverse(layout.reversed_items("redcap_surveys"))
    export.damage()
    export.repeat()
    export.mark_broken_off()
    return export.finish(layout.fields("redcap_surveys"))


def in_error(status: pd.DataFrame) -> pd.DataFrame:
    """Key of the people randomized in error. status : the disposition in the order of its file."""
    rows = status[status["status"] == "randomized_in_error"]
    key = [
        ("randomized_in_error", f"{PREFIX}disposition.csv", row.Index + 2, row.participant_id, "",
         "status")
        for row in rows.itertuples()
    ]  # fmt: skip
    return pd.DataFrame(key, columns=KEY)


class _Export:
    """Survey rows, and the marks of what was planted where: (row, fault, field)."""

    def __init__(
        self,
        people: pd.DataFrame,
        surveys: Surveys,
        forms: tuple[Forms, ...],
        layout: ExportLayout,
        seed: int,
    ) -> None:
        self.rng = stream(seed, "twin", "faults")
        self.rng_of_forms = stream(seed, "twin", "faults in forms")
        self.surveys, self.forms = surveys, forms
        self.ranges = layout.ranges("redcap_surveys")
        self.ids = people["participant_id"].to_numpy()
        self.site = people["site"].to_numpy()
        asked = [f for f in layout.fields("redcap_surveys") if f in people.columns]
        self.baseline = people[asked].astype(str).to_dict("records")
        self.rows: list[dict] = []
        self.marks: list[tuple[int, str, str]] = []

    def add(self, i: int, event: int, bpi: np.ndarray, day: int) -> int:
        """One survey row with its unfinished status, paper codes and date; its number."""
        surveys, number = self.surveys, len(self.rows)
        mode = str(surveys.mode[i, event])
        answers = dict(zip(PAIN_ITEMS, bpi, strict=True))
        if event == 0:
            answers |= {name: values[i] for name, values in surveys.forms.items()}
        row = {
            "person": int(i),
            "event": int(event),
            "day": int(day),
            "record_id": self.ids[i],
            "redcap_event_name": EVENTS[event],
            "survey_mode": mode,
            "survey_complete": "2",
        }
        for name, value in answers.items():
            row[name] = str(value) if value >= 0 else ""
            if value == SKIPPED and mode == "paper" and self.rng.random() < CODED_ON_PAPER:
                row[name] = str(self.rng.choice(CODES))
                self.marks.append((number, "paper_code", name))
        if event == 0:
            row |= self.baseline[i]
        if bpi[-1] != BLANK:
            row |= self._later_forms(i, event, number, mode)
        if mode == "paper":
            self.marks.append((number, "date_format", "survey_on"))
        self.rows.append(row)
        self._mark_partial(number)
        return number

    def _later_forms(self, i: int, event: int, number: int, mode: str) -> dict[str, str]:
        """Answers to the forms after the BPI, by item; paper codes where paper passed one over."""
        forms = self.forms[event]
        given = dict(zip(forms.items, forms.answers[i].tolist(), strict=True))
        answers = {name: str(value) if value >= 0 else "" for name, value in given.items()}
        for name, value in given.items() if mode == "paper" else ():
            if value == SKIPPED and self.rng_of_forms.random() < CODED_ON_PAPER:
                answers[name] = str(self.rng_of_forms.choice(CODES))
                self.marks.append((number, "paper_code", name))
        return answers

    def _mark_partial(self, number: int) -> None:
        answered = _answered(self.rows[number])
        if all(answered):
            return
        scored = _scored(answered)
        self.rows[number]["survey_complete"] = str(self.rng.choice(["0", "1"]))
        fault = "partial_survey_scored" if scored else "partial_survey_unscored"
        self.marks.append((number, fault, "survey_complete"))

    def plan(self) -> None:
        """The surveys of the plan: baseline, completed visits, partial ones that score a part."""
        for i, event in np.argwhere(self.surveys.exists):
            self.add(i, event, self.surveys.bpi[i, event], self.surveys.day[i, event])

    def miss_visits(self, free: np.ndarray) -> None:
        """Surveys left after at most three items; surveys before or after the window, alone or
        beside one inside it. free : (n,) people who may send them."""
        surveys = self.surveys
        seen = surveys.exists[:, 1:].any(axis=1)
        missed = ~surveys.exists & free[:, None]
        missed[:, 0] = False
        for i, event in self._some(missed & seen[:, None], ABANDONED):
            bpi = surveys.bpi[i, event].copy()
            bpi[self.rng.integers(0, 4) :] = BLANK
            self.add(i, event, bpi, surveys.day[i, event])
            missed[i, event] = False
        for i, event in self._some(missed & seen[:, None], LATE):
            self._outside(i, event, surveys.bpi[i, event])
        for i, event in self._some(missed & ~seen[:, None], LATE_NEVER_SEEN):
            self._outside(i, event, surveys.bpi[i, event])
        inside = surveys.exists.copy()
        inside[:, 0] = False
        inside &= (surveys.bpi >= 0).all(axis=2)
        for i, event in self._some(inside, LATE_BESIDE):
            bpi = np.clip(surveys.bpi[i, event] + self.rng.integers(-1, 2), 0, 10)
            number = self._outside(i, event, bpi)
            self._waver(self.rows[number])
            self.marks.append((number, "duplicate_survey", "redcap_event_name"))

    def _some(self, places: np.ndarray, number: int) -> np.ndarray:
        """(number, 2) person and event drawn among the places."""
        return self.rng.permutation(np.argwhere(places))[:number]

    def _outside(self, i: int, event: int, bpi: np.ndarray) -> int:
        first, last = WINDOWS[event - 1]
        early = self.rng.random() < 0.3
        day = first - self.rng.integers(1, 15) if early else last + self.rng.integers(1, 28)
        number = self.add(i, event, bpi, day)
        self.marks.append((number, "out_of_window", "survey_on"))
        return number

    def _waver(self, row: dict) -> None:
        """Move some later answers of a second survey by a step, inside their range."""
        for name in self.forms[row["event"]].items:
            step = self.rng_of_forms.choice([-1, 0, 1], p=[WAVER / 2, 1 - WAVER, WAVER / 2])
            if step and row[name] not in ("", *CODES):
                low, high = self.ranges[name]
                row[name] = str(min(max(int(row[name]) + int(step), low), high))

    def read_out_in_reverse(self, items: dict[str, tuple[int, int]]) -> None:
        """Turn the short forms of phone surveys round. items : item → least and greatest value."""
        for number, row in enumerate(self.rows):
            for form in (FORMS["social"], FORMS["function"]):
                given = [name for name in form if row.get(name)]
                if row["survey_mode"] != "phone" or not given:
                    continue
                row |= {name: str(sum(items[name]) - int(row[name])) for name in given}
                self.marks.append((number, "reversed_short_form", form[0]))

    def damage(self) -> None:
        """Pain durations that a spreadsheet read as dates; trailing spaces in code fields."""
        for number, row in enumerate(self.rows):
            if row.get("pain_duration") == "1-5" and self.site[row["person"]] == DAMAGED_SITE:
                row["pain_duration"] = "5-Jan"
                self.marks.append((number, "excel_damage", "pain_duration"))
        for name, number in SPACES.items():
            filled = [k for k, row in enumerate(self.rows) if row.get(name)]
            for k in self.rng.choice(filled, number, replace=False):
                self.rows[k][name] += " "
                self.marks.append((int(k), "trailing_space", name))
        for name, number in SPACES_IN_FORMS.items():
            filled = [k for k, row in enumerate(self.rows) if row.get(name, "") not in ("", *CODES)]
            for k in self.rng_of_forms.choice(filled, number, replace=False):
                self.rows[k][name] += " "
                self.marks.append((int(k), "trailing_space", name))

    def repeat(self) -> None:
        """Export some surveys twice; let some people begin, stop, and answer all of it later."""
        outside = {number for number, fault, _ in self.marks if fault == "out_of_window"}
        whole = [k for k, r in enumerate(self.rows) if k not in outside and all(_answered(r))]
        drawn = [int(k) for k in self.rng.permutation(whole)]
        resumed = [k for k in drawn if _may_start_earlier(self.rows[k])][:RESUMED]
        twice = [k for k in drawn if k not in set(resumed)][:TWICE]
        faults: dict[int, list[tuple[str, str]]] = {}
        for number, fault, name in self.marks:
            faults.setdefault(number, []).append((fault, name))
        for k in twice:
            self._copy(k, dict(self.rows[k]), faults.get(k, []))
        for k in resumed:
            row = self.rows[k]
            kept = ["person", "event", "record_id", "redcap_event_name", "survey_mode"]
            kept += PAIN_ITEMS[: self.rng.integers(2, 10)]
            begun = {name: row[name] for name in kept} | {"survey_complete": "0"}
            begun["day"] = row["day"] - int(self.rng.integers(1, EARLIER + 1))
            self._copy(k, begun, faults.get(k, []))

    def _copy(self, k: int, row: dict, faults: list[tuple[str, str]]) -> None:
        """Add `row`, made of row k, with the faults of k that it shows too."""
        number = len(self.rows)
        self.rows.append(row)
        for fault, name in faults:
            if fault == "date_format" or row.get(name) == self.rows[k][name]:
                self.marks.append((number, fault, name))
        self.marks.append((number, "duplicate_survey", "redcap_event_name"))

    def mark_broken_off(self) -> None:
        """Key of the surveys that count for their event and stopped after the BPI, before the last
        form: the first form of those left blank."""
        copies = {number for number, fault, _ in self.marks if fault == "duplicate_survey"}
        for number, row in enumerate(self.rows):
            if number in copies or not _scored(_answered(row)):
                continue
            asked = [FORMS[form] for form in FORMS if row["event"] in ASKED[form]]
            blank = None
            for items in reversed(asked):
                if any(row[name] not in ("", *CODES) for name in items):
                    break
                blank = items
            if blank:
                self.marks.append((number, "forms_left_blank", blank[0]))

    def finish(self, fields: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Rows in the order of the export, marks with their lines."""
        by = ("record_id", "event", "day")
        order = sorted(range(len(self.rows)), key=lambda k: (*(self.rows[k][n] for n in by), k))
        line = {number: position + 2 for position, number in enumerate(order)}
        frame = pd.DataFrame(
            [self.rows[k] for k in order], columns=["person", "day", *fields], dtype=object
        )
        key = []
        for number, fault, name in self.marks:
            row = self.rows[number]
            place = (line[number], row["record_id"], row["redcap_event_name"])
            key.append((fault, f"{PREFIX}redcap_surveys.csv", *place, name))
        numbers = {"person": int, "day": int}
        return frame.astype(numbers).fillna(""), pd.DataFrame(key, columns=KEY)


def _answered(row: dict) -> list[bool]:
    return [row[name] not in ("", *CODES) for name in PAIN_ITEMS]


def _scored(answered: list[bool]) -> bool:
    return all(answered[:4]) and sum(answered[4:]) >= 4


def _may_start_earlier(row: dict) -> bool:
    """Whether a survey begun up to EARLIER days before is still inside the window."""
    return row["event"] == 0 or row["day"] - EARLIER >= WINDOWS[row["event"] - 1][0]
