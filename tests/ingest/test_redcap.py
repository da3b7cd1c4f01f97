"""A long export: which row of an event counts, and what is told about the others."""

import numpy as np
import pandas as pd
import pytest

from trialrr.ingest import redcap
from trialrr.ingest.fields import Field
from trialrr.ingest.findings import Findings

EXPORT = redcap.LongExport("visits.csv", date="seen_on", mode="mode", person="who", event="visit")
WINDOWS = {"base_arm_1": None, "late_arm_1": (80, 120)}
START = pd.Series(pd.to_datetime(["2024-01-01", "2024-01-01"]), index=["A", "B"])


def table(*rows) -> pd.DataFrame:
    """Rows of (who, visit, day, a, b), on lines 2, 3, …"""
    made = pd.DataFrame(rows, columns=["who", "visit", "day", "a", "b"])
    seen = pd.Timestamp("2024-01-01") + pd.to_timedelta(made.pop("day"), unit="D")
    return made.assign(seen_on=seen, mode="web", line=range(2, len(made) + 2))


def kept(*rows) -> tuple[list[int], list[tuple]]:
    """Lines that count, and (rule, line) of what was found."""
    findings = Findings()
    found = redcap.kept_rows(table(*rows), START, WINDOWS, ["a", "b"], "items", EXPORT, findings)
    told = [(f["rule"], f["line"]) for f in findings.rows()]
    return found.loc[found["in_window"], "line"].tolist(), told


def test_the_name_of_an_event():
    assert redcap.event_name("month_3") == "month_3_arm_1"
    assert redcap.event_name("month_3", arm=2) == "month_3_arm_2"


def test_a_baseline_has_no_window_and_a_visit_has_both_ends_inside():
    rows = [("A", "base_arm_1", -900, 1, 1), ("A", "late_arm_1", 80, 1, 1)]
    assert kept(*rows, ("B", "late_arm_1", 120, 1, 1)) == ([2, 3, 4], [])
    assert kept(("A", "late_arm_1", 79, 1, 1), ("B", "late_arm_1", 121, 1, 1)) == (
        [],
        [("out_of_window", 2), ("out_of_window", 3)],
    )


@pytest.mark.parametrize(
    ("first", "second", "line"),
    [
        ((130, 1, 1), (90, 1, np.nan), 3),  # inside the window, though with fewer items
        ((90, 1, np.nan), (100, 1, 1), 3),  # more items, though later
        ((100, 1, 1), (90, 1, 1), 3),  # the earlier one
        ((90, 1, 1), (90, 1, 1), 2),  # the first in the file
    ],
)
def test_of_two_rows_of_an_event_one_counts(first, second, line):
    lines, told = kept(("A", "late_arm_1", *first), ("A", "late_arm_1", *second))
    assert lines == [line]
    assert ("duplicate_survey", 5 - line) in told


def test_an_event_of_no_visit_is_a_note():
    assert kept(("A", "extra_arm_1", 5, 1, 1)) == ([], [("unused_event", "")])


def test_the_row_of_each_person():
    rows = table(("B", "late_arm_1", 90, 1, 1), ("A", "late_arm_1", 70, 1, 1))
    found = redcap.kept_rows(rows, START, WINDOWS, ["a"], "items", EXPORT, Findings())
    ids = pd.Series(["A", "B", "C"])
    assert redcap.row_of(found, "late_arm_1", ids, EXPORT).tolist() == [-1, 0, -1]


FIELDS = [Field(n, "integer", minimum=1, maximum=5, reversed_in_mode="phone") for n in ("a", "b")]


def test_a_form_that_a_mode_asks_in_reverse_is_turned_back_there_only():
    rows = table(*[(who, "late_arm_1", 90, 1, np.nan) for who in "ABA"])
    rows["mode"], rows.loc[2, "a"] = ["phone", "web", "phone"], np.nan
    findings = Findings()
    found = redcap.turned_back(rows, [("a", "b")], FIELDS, EXPORT, findings)
    np.testing.assert_array_equal(found["a"], [5, 1, np.nan])
    np.testing.assert_array_equal(rows["a"], [1, 1, np.nan])
    (told,) = findings.rows()
    assert (told["rule"], told["line"], told["raw_value"], told["parsed_value"]) == (
        "reversed_short_form",
        2,
        "1",
        "5",
    )


def test_where_a_row_broke_off():
    fields = [Field("a", "integer"), Field("b", "integer", events=("late_arm_1",))]
    forms = {"one": ("a",), "two": ("b",)}
    rows = table(
        ("A", "late_arm_1", 90, 1, np.nan),  # stopped before form two
        ("B", "late_arm_1", 90, np.nan, 1),  # passed one over, and ended
        ("A", "base_arm_1", 0, 1, np.nan),  # is not asked form two
        ("B", "late_arm_1", 91, np.nan, np.nan),  # not begun
    )
    findings, begun = Findings(), np.array([True, True, True, False])
    redcap.report_broken_off(rows, begun, forms, fields, EXPORT, findings)
    assert [(f["rule"], f["line"], f["field"]) for f in findings.rows()] == [
        ("forms_left_blank", 2, "b")
    ]
