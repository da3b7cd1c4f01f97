"""Long-term opioid therapy on hand-drawn timelines; days count from randomization."""

import pytest

from trialrr.resolve.opioids import WINDOW, covered_days, long_term, longest_run


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
