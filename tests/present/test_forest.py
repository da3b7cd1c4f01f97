"""The forest plot at both widths: comparisons, counts, ranges, and what a column leaves out."""

from dataclasses import replace

import pytest

from tests.present import layout
from trialrr import plan
from trialrr.present.kit import style
from trialrr.present.kit.panels import Line, Panels
from trialrr.present.shows.described import published as published_figure
from trialrr.present.shows.described.comparison import beside
from trialrr.present.shows.model import forest
from trialrr.present.shows.model.estimates import events

DRAWS = (forest.draw, forest.draw_active)


def of_plan(results, *ids):
    """`results` with these analyses alone."""
    kept = tuple(a for a in results.plan.analyses if a.id in ids)
    return replace(results, plan=plan.replace(results.plan, analyses=kept))


def lines_of(drawing) -> dict[float, list[str]]:
    """Texts of the sheet that stand at the same height, from left to right."""
    found = {}
    sheet = drawing.figure.axes[0].texts
    for text in (t for t in sheet if t.get_text() not in ("", layout.WATERMARK)):
        x, y = text.get_position()
        found.setdefault(round(y, 4), []).append((x, text.get_text().strip()))
    return {y: [text for _, text in sorted(found[y])] for y in sorted(found)}


def test_comparisons_are_in_one_figure_or_the_other(sensitive):
    against, active = (draw(sensitive) for draw in DRAWS)
    assert {mark[1] for mark in against.marks} == {"PT:UC", "HC:UC"}
    assert {mark[1] for mark in active.marks} == {"HC:PT"}
    assert (against.id, active.id) == ("forest", "forest_active")
    assert active.title.startswith("Relative risk by analysis between active arms: ")
    assert not set(against.title.split()) & {"active"}


def test_a_row_has_the_counts_of_every_arm_once(resolve):
    lines = [*lines_of(forest.draw(resolve)).values()]
    counts = [events(resolve.get("main", "risk", arm, "severity", "3")) for arm in resolve.arms]
    [row] = [line for line in lines if line[0].startswith("Primary analysis")]
    assert row[1:4] == counts and len(row) == 6
    assert ["Analysis", "PT, n/N", "HC, n/N", "UC, n/N"] in (line[:4] for line in lines)
    [row] = [
        line
        for line in lines_of(forest.draw_active(resolve)).values()
        if line[0].startswith("Primary analysis")
    ]
    assert row[1:3] == [counts[1], counts[0]] and len(row) == 4


def test_a_range_has_no_counts_but_its_fits(sensitive):
    lines = lines_of(forest.draw(sensitive)).values()
    id, *_ = (entry.id for entry in sensitive.entries("leave_one_out"))
    [row] = [line for line in lines if line[0] == sensitive.analysis(id)]
    span = sensitive.span(id, "PT:UC", "severity", "3")
    assert row[1] == f"range of {span.fits} fits" and "/" not in "".join(row)


def test_axes_are_wide_enough(sensitive, resolve):
    for results in (sensitive, resolve):
        for draw in DRAWS:
            for width, least in ((style.PAGE, 0.78), (style.COLUMN, 0.9)):
                drawing = draw(results, width)
                for axes in drawing.figure.axes[1:]:
                    assert axes.get_position().width * width >= least


def test_many_rows_leave_the_prespecified_to_the_column(sensitive):
    page, column = forest.draw(sensitive), forest.draw(sensitive, style.COLUMN)
    assert column.marks == tuple(
        mark for mark in page.marks if sensitive.status(mark[0]) == "Prespecified"
    )
    every = len(sensitive.analyses_of("severity", "3"))
    kept = len({mark[0] for mark in column.marks})
    said = " ".join(layout.written(column))
    assert 0 < kept < every and f"{kept} prespecified of {every} analyses" in said
    assert "prespecified of" not in " ".join(layout.written(page))


def test_few_rows_are_all_in_the_column(sensitive, two_arms):
    ranging = sensitive.entries("leave_one_out")[0].id
    few = of_plan(sensitive, "main", "complete_case", "main_person", ranging)
    for results in (few, two_arms):
        page, column = forest.draw(results), forest.draw(results, style.COLUMN)
        assert column.marks == page.marks and column.title == page.title
        assert column.description == page.description
        assert "prespecified of" not in " ".join(layout.written(column))
    assert len({mark[0] for mark in forest.draw(few).marks}) == 4


def test_a_column_has_panels_below_each_other_with_counts_under_names(resolve):
    drawing = forest.draw(resolve, style.COLUMN)
    first, second = (axes.get_position() for axes in drawing.figure.axes[1:])
    assert first.y0 > second.y1 and (first.x0, first.width) == (second.x0, second.width)
    lines = [*lines_of(drawing).values()]
    for contrast in resolve.against_reference:
        arms = contrast.split(":")
        counts = [events(resolve.get("main", "risk", arm, "severity", "3")) for arm in arms]
        assert [" vs ".join(counts)] in lines
        assert [resolve.contrast(contrast)] in lines


def test_a_column_is_no_taller_than_a_page(sensitive, resolve):
    for results in (sensitive, resolve):
        for draw in DRAWS:
            assert draw(results, style.COLUMN).figure.get_size_inches()[1] <= 9.6
            assert draw(results).figure.get_size_inches()[1] <= 10.6


def test_without_active_comparisons_there_is_a_note(two_arms):
    drawing = forest.draw_active(two_arms)
    assert drawing.id == "forest_active" and drawing.marks == ()
    assert drawing.description == style.NOTHING


@pytest.mark.parametrize("arms, across", [(3, 2), (5, 2)])
def test_as_many_panels_stand_side_by_side_as_fit(resolve, arms, across):
    names = [f"A{i}" for i in range(2, arms)]
    pairs = (("PT", "UC"), ("HC", "UC"), *((name, "UC") for name in names))
    more = (plan.Arm(name, f"Arm {name}") for name in names)
    planned = plan.replace(resolve.plan, arms=(*resolve.plan.arms, *more), contrasts=pairs)
    drawing = forest.draw(replace(resolve, plan=planned))
    places = [axes.get_position() for axes in drawing.figure.axes[1:]]
    assert len(places) == len(pairs)
    assert sum(place.y0 == places[0].y0 for place in places) == across


@pytest.mark.parametrize(
    "arms, width, heads",
    [
        (("PT", "UC"), style.COLUMN, ["PT, n/N", "UC, n/N"]),
        (("coach", "usual"), style.COLUMN, ["coach", "usual"]),
        (("health_coach", "usual_care"), style.COLUMN, ["First", "Second"]),
        (("health_coach", "usual_care"), style.PAGE, ["health_coach, n/N", "usual_care, n/N"]),
    ],
)
def test_heads_of_counts_are_as_long_as_there_is_room(resolve, arms, width, heads):
    counts = dict(zip(arms, ("12/34", "5/67"), strict=True))
    contrast = ":".join(arms)
    lines = [Line("Everybody", counts, cells={contrast: ("1.27 (1.06 to 1.54)", None)})]
    made = Panels(resolve, [contrast], lines, {}, width, size=6.4, row=0.13, axis=0.7)
    assert [*made.tiers[0].heads.values()] == heads


def test_published_beside_reproduced_fits_a_column(resolve, published):
    shown, drawing = (
        published_figure.draw(resolve, published, width) for width in (style.PAGE, style.COLUMN)
    )
    assert (drawing.marks, drawing.description) == (shown.marks, shown.description)
    assert layout.faults(drawing) == [] and drawing.figure.get_size_inches()[1] <= 9.6
    written = layout.written(drawing)
    for c in published:
        if c.quantity in ("risk", "risk_ratio") and c.published_text:
            assert beside(c, "published") in written and beside(c, "reproduced") in written
