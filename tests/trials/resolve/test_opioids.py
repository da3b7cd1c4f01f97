"""Long-term opioid therapy on hand-drawn timelines; days count from randomization."""

import pytest

from trialrr.trials.resolve.opioids import (
    QUARTERS,
    WINDOW,
    covered_days,
    long_term,
    longest_run,
    opioid_run,
)


@pytest.mark.parametrize(
    ("dispensings", "yes"),
    [
        ([], False),
        ([(-90, 60)], True),  # -90..-31
        ([(-90, 59)], False),
        ([(-60, 90)], True),  # -60..-1, the rest lies after randomization
        ([(-59, 90)], False),
        ([(-90, 30), (-60, 30)], True),  # end to end: -90..-31
        ([(-90, 30), (-59, 30)], False),  # a gap of a day
        ([(-90, 30), (-70, 30)], True),  # filled early: the supplies add up, -90..-31
        ([(-70, 30), (-90, 30)], True),  # in any order
        ([(-120, 90)], True),  # carried in: -120..-31
        ([(-120, 89)], False),  # carried in: 59 days left
        ([(-200, 90), (-150, 90)], True),  # both carried on: -200..-21
        ([(-90, 20), (-60, 20), (-30, 20)], False),  # 60 days, with gaps
        ([(-90, 30), (-90, 30)], True),  # two scripts of one day
        ([(0, 90)], False),  # after randomization
        ([(-400, 180)], False),
    ],
)
def test_timelines(dispensings, yes):
    assert long_term(dispensings) is yes


def test_days_are_those_of_the_window():
    assert covered_days([(-91, 3)], WINDOW) == {-90, -89}
    assert covered_days([(-2, 30)], WINDOW) == {-2, -1}


def test_the_longest_run():
    assert longest_run([]) == 0
    assert longest_run([5, 1, 2, 3, 9, 8]) == 3


def test_windows_follow_each_other_without_a_gap():
    assert WINDOW == (-90, -1)
    assert list(QUARTERS.items()) == [
        ("3", (1, 90)),
        ("6", (91, 180)),
        ("9", (181, 270)),
        ("12", (271, 360)),
    ]


@pytest.mark.parametrize(
    ("dispensings", "runs"),
    [
        ([], (0, 0, 0, 0, 0)),
        ([(1, 60)], (0, 60, 0, 0, 0)),  # exactly 60
        ([(1, 59)], (0, 59, 0, 0, 0)),  # exactly 59
        ([(0, 60)], (0, 59, 0, 0, 0)),  # day 0 belongs to no window: 1..59
        ([(-30, 120)], (30, 89, 0, 0, 0)),  # carried in: -30..-1, then 1..89
        ([(80, 30)], (0, 11, 19, 0, 0)),  # over a window's end: 80..90, 91..109
        ([(31, 60), (91, 60)], (0, 60, 60, 0, 0)),  # a window's end breaks no therapy
        ([(1, 30), (31, 30)], (0, 60, 0, 0, 0)),  # end to end
        ([(1, 30), (32, 30)], (0, 30, 0, 0, 0)),  # a gap of exactly one day, 31
        ([(1, 30), (30, 30)], (0, 60, 0, 0, 0)),  # filled a day early: stocked, 1..60
        ([(1, 30), (1, 30), (1, 30)], (0, 90, 0, 0, 0)),  # three at once: 1..90
        ([(1, 90), (60, 90)], (0, 90, 90, 0, 0)),  # stock carried into the next quarter: 91..180
        ([(85, 90), (150, 30)], (0, 6, 90, 24, 0)),  # 85..174, then 175..204
        ([(-60, 30), (-29, 30)], (30, 0, 0, 0, 0)),  # -60..-31, a gap on -30, -29..0
        ([(355, 30)], (0, 0, 0, 0, 6)),  # cut at day 360
        ([(361, 30)], (0, 0, 0, 0, 0)),
        ([(271, 30), (302, 59)], (0, 0, 0, 0, 59)),  # the longest run, not the sum of days
    ],
)
def test_runs_by_window(dispensings, runs):
    windows = (WINDOW, *QUARTERS.values())
    assert tuple(opioid_run(dispensings, w) for w in windows) == runs
    for window, run in zip(windows, runs, strict=True):
        assert long_term(dispensings, window) is (run >= 60)
