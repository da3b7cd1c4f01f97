import re

import pytest

from tests.present import layout
from tests.present.conftest import resolve_plan, resolve_rows, results_of
from trialrr.present.kit import style
from trialrr.present.shows.described import consort, flow
from trialrr.present.words import numbers


def with_count(step, level, n, subgroup=""):
    rows = resolve_rows()
    [row] = [
        r
        for r in rows
        if (r["analysis"], r["outcome"], r["level"], r["subgroup"], r["month"])
        == ("flow", step, level, subgroup, "")
    ]
    row["estimate"] = n
    return results_of(rows, resolve_plan())


def test_the_published_flow_adds_up(resolve):
    read = flow.read(resolve)
    assert read.overall["mailed"] == 62125
    assert read.by_arm["UC"]["analyzed"] == 777
    assert read.completed["HC"] == {"3": 635, "6": 621, "12": 639}
    assert sum(read.reasons.values()) == 1243


@pytest.mark.parametrize(
    ("step", "level", "n", "both_sides"),
    [
        ("mailed", "all", 62124, ["all: mailed 62124", "screened 7628 = 62125"]),
        ("ineligible_other", "all", 1242, ["ineligible 4481", "ineligible_other 1242 = 4480"]),
        ("randomized", "all", 2332, ["randomized 2332", "PT 776 + HC 778 + UC 779 = 2333"]),
        ("analyzed", "UC", 778, ["UC: randomized 779", "randomized_in_error 2 = 780"]),
        ("sessions_0", "HC", 119, ["HC: randomized 778", "sessions_0 119 = 779"]),
        ("any_follow_up", "PT", 500, ["PT: completed at 3 542 is more than any_follow_up 500"]),
        ("died", "UC", 800, ["UC: withdrew 16 + died 800 = 816 is more than randomized 779"]),
    ],
)
def test_a_flow_that_does_not_add_up_is_not_drawn(step, level, n, both_sides):
    with pytest.raises(flow.FlowError) as caught:
        consort.draw(with_count(step, level, n))
    for side in both_sides:
        assert re.search(re.escape(side), str(caught.value))


def test_a_reason_of_more_people_than_were_excluded_is_refused():
    results = with_count("ineligible_other", "all", 1300, subgroup="reason=surgery_planned")
    with pytest.raises(flow.FlowError, match="is more than ineligible_other 1243"):
        flow.read(results)


def test_a_person_may_have_several_reasons_but_nobody_is_without_a_row():
    several = with_count("ineligible_other", "all", 700, subgroup="reason=surgery_planned")
    assert flow.read(several).reasons["surgery_planned"] == 700
    unaccounted = with_count("ineligible_other", "all", 119, subgroup="reason=not_recorded")
    with pytest.raises(flow.FlowError, match="ineligible_other 1243 is more than"):
        flow.read(unaccounted)


def test_every_count_that_does_not_hold_is_named():
    results = with_count("eligible", "all", 3000)
    with pytest.raises(flow.FlowError) as caught:
        flow.read(results)
    assert "screened 7628 but" in str(caught.value)
    assert "eligible 3000 but" in str(caught.value)


def test_a_column_holds_the_counts_of_the_page(resolve):
    drawing, wide = consort.draw(resolve, style.COLUMN), consort.draw(resolve)
    assert drawing.marks == wide.marks and drawing.description == wide.description
    assert drawing.figure.get_size_inches()[1] <= 9.6 and not layout.faults(drawing)
    for shown in (drawing, wide):
        found = re.findall(r"\(n\u00a0=\u00a0([\d,]+)\)", " ".join(layout.written(shown)))
        assert sorted(found) == sorted(numbers.count(mark[-1]) for mark in shown.marks)


def test_who_left_stands_beside_the_arrow_from_one_step_to_the_next(resolve):
    for width in (style.PAGE, style.COLUMN):
        frames = [patch.get_bbox() for patch in consort.draw(resolve, width).figure.axes[0].patches]
        here, lost, after = frames[:3]
        middle = (lost.y0 + lost.y1) / 2
        assert here.y1 < middle < after.y0 and lost.x0 > max(here.x1, after.x1)
