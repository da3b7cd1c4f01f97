"""Percentages with the outcome: the panels of outcomes and how they stand."""

from dataclasses import replace

import pytest

from tests.present import layout
from trialrr import plan
from trialrr.present.kit import style
from trialrr.present.results import Results
from trialrr.present.shows.model import percentages


def panels(drawing) -> list:
    return drawing.figure.axes[1:]


def of_outcomes(results: Results, ids: list[str]) -> Results:
    """`results` whose primary analysis covers these outcomes alone."""
    entries = tuple(
        plan.replace(entry, outcomes=tuple(ids)) if entry is results.primary_entry else entry
        for entry in results.plan.analyses
    )
    return replace(results, plan=plan.replace(results.plan, analyses=entries))


def test_panels_stand_side_by_side_on_a_page_and_one_above_the_other_in_a_column(resolve):
    wide, column = percentages.draw(resolve), percentages.draw(resolve, style.COLUMN)
    assert column.marks == wide.marks and column.description == wide.description
    assert len({axes.get_position().y0 for axes in panels(wide)}) == 1
    assert len({axes.get_position().x0 for axes in panels(column)}) == 1
    tops = [axes.get_position().y1 for axes in panels(column)]
    assert tops == sorted(tops, reverse=True) and len(set(tops)) == 3
    assert [bool(axes.get_ylabel()) for axes in panels(wide)] == [True, False, False]
    assert all(axes.get_ylabel() for axes in panels(column))


@pytest.mark.parametrize("width", [style.PAGE, style.COLUMN])
def test_every_panel_has_the_same_scales_and_names_its_lines(resolve, width):
    drawing = percentages.draw(resolve, width)
    assert not layout.faults(drawing)
    assert len({(axes.get_ylim(), axes.get_xlim()) for axes in panels(drawing)}) == 1
    assert all(axes.get_ylim()[0] == 0 for axes in panels(drawing))
    for axes in panels(drawing):
        assert {t.get_text() for t in axes.texts} == {"PT", "HC", "UC"}
        assert axes.get_xlabel() == "Months after randomization"


def test_a_line_of_each_arm_goes_through_its_estimates(resolve):
    drawing = percentages.draw(resolve, style.COLUMN)
    first = [line for line in panels(drawing)[0].lines if len(line.get_xdata()) == 3]
    for line, arm in zip(first, resolve.arms, strict=True):
        wanted = [
            100 * mark[3] for mark in drawing.marks if mark[:1] + mark[2:3] == ("severity", arm)
        ]
        assert [*line.get_ydata()] == pytest.approx(wanted)


@pytest.mark.parametrize("width", [style.PAGE, style.COLUMN])
def test_one_outcome_and_two_arms_with_long_names(two_arms, width):
    drawing = percentages.draw(two_arms, width)
    assert len(panels(drawing)) == 1 and not layout.faults(drawing)


def test_one_outcome_of_several_fills_the_column(resolve):
    one = percentages.draw(of_outcomes(resolve, ["severity"]), style.COLUMN)
    assert len(panels(one)) == 1 and not layout.faults(one)
    assert one.figure.get_size_inches()[1] < 4.5
