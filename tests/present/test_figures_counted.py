"""Figures of counts show the rows of the results, all and no other."""

import re
from dataclasses import replace

import pytest

from tests.present import counted, layout
from tests.present.conftest import filled, results_of
from tests.present.layout import written
from trialrr import ard, plan
from trialrr.present import shows
from trialrr.present.kit import style
from trialrr.present.page import figures, report
from trialrr.present.results import Results
from trialrr.present.shows.described import change_distribution, change_grid, clusters, missingness
from trialrr.present.words import numbers


def without(results: Results, subgroup: str) -> Results:
    gone = results.table["subgroup"].str.startswith(subgroup)
    return replace(results, table=results.table[~gone])


def counts(asked: plan.Plan) -> list[str]:
    """Figures of counts that a plan asks for."""
    return [show.id for show in shows.asked_figures(asked) if show.analyses and show.quantity]


# --------------------------------------------------------------------------- what is shown


def test_what_a_plan_asks_for(resolve, two_arms):
    assert counts(resolve.plan) == ["missingness", "change_distribution", "clusters"]
    assert counts(two_arms.plan) == []
    one = plan.replace(resolve.plan, visits=resolve.plan.visits[:1])
    assert counts(one) == ["change_distribution", "clusters"]
    people = tuple(plan.replace(arm, clusters="person") for arm in resolve.plan.arms)
    assert counts(plan.replace(resolve.plan, arms=people)) == [
        *("missingness", "change_distribution")
    ]
    event = tuple(
        o if o.id != "severity" else plan.replace(o, threshold=None, event="<=3")
        for o in resolve.plan.outcomes
    )
    assert counts(plan.replace(resolve.plan, outcomes=event)) == ["missingness", "clusters"]


@pytest.mark.parametrize(
    ("figure", "subgroup"),
    [("missingness", "seen="), ("change_distribution", "change="), ("clusters", "cluster=")],
)
def test_without_rows_a_figure_is_a_note_and_has_no_place(resolve, figure, subgroup):
    results = without(resolve, subgroup)
    asked = shows.figures(plan.replace(results.plan, published=""))
    makers = dict(zip(asked, figures.makers(results), strict=True))
    drawing = makers[figure](results, width=style.PAGE)
    assert drawing.id == figure
    assert drawing.marks == () and style.NOTHING in written(drawing)
    listed = report.figures_of(resolve, published=False)
    assert figure in listed
    assert report.figures_of(results, published=False) == [id for id in listed if id != figure]


# ----------------------------------------------------------------------------- missingness


def test_who_was_seen_when(resolve):
    drawing = missingness.draw(resolve)
    wanted = {
        (pattern, arm, k, counted.PEOPLE[arm])
        for pattern, counts in counted.PATTERNS.items()
        for arm, k in zip(counted.PEOPLE, counts, strict=True)
    }
    assert len(drawing.marks) == len(wanted) and set(drawing.marks) == wanted
    said = written(drawing)
    for *_, k, n in wanted:
        assert f"{k} ({numbers.percent(k / n)})" in said
    for name in missingness.GROUPS:
        assert said.count(name) == 1
    assert "Seen at no visit: painTRAINER (online CBT) 133/776 (17.1%)" in drawing.description
    ends = [
        (line.get_xdata()[-1], line.get_marker())
        for line in drawing.figure.axes[1].lines
        if line.get_marker() in style.MARKERS
    ]
    marks = dict(zip(counted.PEOPLE, style.MARKERS, strict=False))
    assert sorted(ends) == sorted((100 * k / n, marks[arm]) for _, arm, k, n in wanted)


def test_in_a_column_a_count_stands_beside_its_mark(resolve):
    drawing, wide = missingness.draw(resolve, style.COLUMN), missingness.draw(resolve)
    assert drawing.marks == wide.marks and drawing.description == wide.description
    assert not layout.faults(drawing)
    said = written(drawing)
    assert "PT\u00a0776, HC\u00a0778, UC\u00a0777" in " ".join(said)
    texts = {t.get_text(): t for t in layout.texts(drawing)}
    axes = drawing.figure.axes[1]
    top = drawing.figure.get_size_inches()[1] * (1 - axes.get_position().y1)
    marks = [line for line in axes.lines if line.get_marker() in style.MARKERS]
    for rank, count in enumerate(("463 (59.7)", "562 (72.2)", "540 (69.5)")):
        assert texts[count].get_position()[1] == pytest.approx(top + marks[rank].get_ydata()[0])


def test_the_groups_of_patterns():
    yes, no = True, False
    assert missingness.group((yes, yes, yes)) == missingness.EVERY
    assert missingness.group((yes, yes, no)) == missingness.GONE
    assert missingness.group((yes, no, no)) == missingness.GONE
    assert missingness.group((yes, no, yes)) == missingness.BACK
    assert missingness.group((no, no, yes)) == missingness.BACK
    assert missingness.group((no, no, no)) == missingness.NEVER


def test_visits_with_names_and_patterns_too_many():
    document = plan.read("config/examples/licorice_gargle.yaml")
    months = [visit["month"] for visit in document["visits"]]
    rows = []
    for code in range(16):
        seen = "+".join(m for i, m in enumerate(months) if code >> i & 1) or "none"
        for arm in ("licorice", "sugar"):
            rows.append({"analysis": "follow_up", "outcome": "pattern", "quantity": "events"}
                        | {"subgroup": f"seen={seen}", "level": arm, "estimate": code}
                        | {"events": code, "n": 120})  # fmt: skip
    results = results_of(filled(rows), document)
    for width in (style.PAGE, style.COLUMN):
        drawing = missingness.draw(results, width)
        assert not layout.faults(drawing)
        assert len(drawing.marks) == 32 and "Seen at" in written(drawing)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(missingness, "MOST", 10)
        cut = missingness.draw(results)
    assert {events for *_, events, _ in cut.marks} == {*range(6, 16)}
    assert any("6 rarer patterns are not drawn" in text for text in written(cut))


# ---------------------------------------------------------------------- change_distribution


def test_the_changes_are_those_of_the_results(resolve):
    drawing = change_distribution.draw(resolve)
    bins = [mark[1:] for mark in drawing.marks if mark[0] == "bin"]
    assert sorted(bins) == sorted(counted.bins(resolve)) and len(bins) == 72
    found = {mark[1:3]: mark[3:] for mark in drawing.marks if mark[0] == "quartiles"}
    months = ("3", "6", "12")
    assert found == {(m, arm): q for m in months for arm, q in counted.QUARTILES.items()}
    said = written(drawing)
    assert said.count("−1.1 (−2.2 to −0.2), n\u00a0=\u00a0551") == 3
    assert "wider where an arm would have 1 to 4 people in one" in " ".join(said)
    assert any("negative is better" in text for text in said)
    assert said.count("← better") == 3 == said.count("worse →")
    assert "3 months, Usual care: −0.6 (−1.6 to 0.2), n\u00a0=\u00a0624." in drawing.description


def test_a_histogram_has_the_area_of_everybody_and_the_outline_of_the_reference(resolve):
    drawing = change_distribution.draw(resolve)
    panels = [axes for axes in drawing.figure.axes[1:] if axes.get_ylim()[1] > 1]
    assert len(panels) == 9
    outlines = 0
    for axes in panels:
        for line in (line for line in axes.lines if len(line.get_xdata()) > 2):
            xs, ys = line.get_xdata(), line.get_ydata()
            corners = zip(xs, xs[1:], ys[1:], strict=False)
            area = sum((right - left) * height for left, right, height in corners)
            assert area == pytest.approx(100)
            outlines += line.is_dashed()
    assert outlines == 6


def test_a_bin_of_two_points_is_half_as_high(resolve):
    drawing = change_distribution.draw(resolve)
    cluster = [axes for axes in drawing.figure.axes[1:] if axes.get_ylim()[1] > 1][1]
    line = next(line for line in cluster.lines if len(line.get_xdata()) > 2)
    assert [*line.get_xdata()[:4]] == [-6.5, -6.5, -4.5, -4.5]
    assert [*line.get_ydata()[1:4]] == pytest.approx([3.5 / 6.53, 3.5 / 6.53, 12 / 6.53])
    assert cluster.get_ylabel() == "% per point"


def test_in_a_column_names_stand_above_and_quartiles_in_a_second_line(resolve):
    drawing, wide = (
        change_distribution.draw(resolve, style.COLUMN),
        change_distribution.draw(resolve),
    )
    assert drawing.marks == wide.marks and drawing.description == wide.description
    assert not layout.faults(drawing)
    said = written(drawing)
    assert "painTRAINER (online CBT)" in said
    assert said.count("−1.1, n\u00a0=\u00a0551") == 3 == said.count("(−2.2 to −0.2)")
    panels = [axes for axes in drawing.figure.axes[1:] if axes.get_ylim()[1] > 1]
    assert all(axes.get_position().width * style.COLUMN > 0.75 for axes in panels)


@pytest.mark.parametrize(("several", "across"), [(1, 1), (3, 3), (4, 2), (5, 3)])
def test_visits_that_do_not_fit_a_column_stand_in_bands_of_one_length(several, across):
    assert change_grid.across(["a long name of an arm"], several, style.COLUMN).visits == across
    assert change_grid.across(["a long name of an arm"], several, style.PAGE).visits == several


def test_bins_of_a_point_alone_have_no_rule(resolve):
    narrow = without(resolve, "change=-6.5")
    said = " ".join(written(change_distribution.draw(narrow)))
    assert "Bins of one point. Above" in said


def test_the_axis_holds_every_bin(resolve):
    drawing = change_distribution.draw(resolve)
    for axes in drawing.figure.axes[1:]:
        assert axes.get_xlim() == (-6.5, 2.5)


# ----------------------------------------------------------------------------------- clusters


def test_clusters_stand_in_order_of_their_shares(resolve):
    drawing = clusters.draw(resolve)
    drawn = [mark[1] for mark in drawing.marks]
    assert drawn == ["C02", "C01", "C03", "others", ""]
    for _, cluster, *values in drawing.marks[:-1]:
        k, n, *wanted = counted.CLUSTERS[cluster]
        assert values == [*wanted, k, n]
    assert drawing.marks[-1] == ("HC", "", 0.383, 59, 154)
    line = next(line for line in drawing.figure.axes[1].lines if line.is_dashed())
    assert [*line.get_xdata()] == [38.3, 38.3]
    said = written(drawing)
    assert "12/47 (25.5)" in said and "15.3 to 39.5" in said
    assert "HC: 38.3%" in said and "Others (2)" in said
    assert "fewer than 5 people seen stands in one row, Others: 2 here." in " ".join(said)
    assert "C02 25.5 (15.3 to 39.5)%, n 47" in drawing.description


def test_in_a_column_the_interval_of_a_cluster_is_drawn_and_not_written(resolve):
    drawing, wide = clusters.draw(resolve, style.COLUMN), clusters.draw(resolve)
    assert drawing.marks == wide.marks and drawing.description == wide.description
    assert not layout.faults(drawing)
    said = written(drawing)
    assert "12/47 (25.5)" in said and "15.3 to 39.5" not in said and "95% CI, %" not in said
    intervals = [[*line.get_xdata()] for line in drawing.figure.axes[1].lines]
    assert [15.3, 39.5] in [[round(x, 1) for x in ends] for ends in intervals]


def test_a_cluster_of_few_people_is_never_named(resolve):
    every = without(resolve, "cluster=others")
    said = " ".join(written(clusters.draw(every)))
    assert "stands in one row, Others: none here." in said and "Others (" not in said


@pytest.mark.parametrize(
    ("several", "width", "highest", "named"),
    [
        *((60, style.PAGE, 10.6, True), (150, style.PAGE, 10.6, False)),
        *((50, style.COLUMN, 9.6, True), (150, style.COLUMN, 9.6, False)),
    ],
)
def test_many_clusters_fit_a_page_or_a_column(resolve, several, width, highest, named):
    made = [
        {"analysis": "clusters", "outcome": "severity", "month": "3", "quantity": "risk"}
        | {"level": "HC", "subgroup": f"cluster=C{i:03}", "estimate": i / 200, "events": i}
        | {"lower": i / 400, "upper": (i + 200) / 400, "n": 200, "n_clusters": 1}
        for i in range(several)
    ]
    table = ard.concat([without(resolve, "cluster=").table, ard.frame(filled(made))])
    drawing = clusters.draw(replace(resolve, table=table), width)
    assert drawing.figure.get_size_inches()[1] <= highest
    assert [mark[1] for mark in drawing.marks] == [*(f"C{i:03}" for i in range(several)), ""]
    assert any(re.fullmatch(r"C\d{3}", text) for text in written(drawing)) == named
    assert not layout.faults(drawing)
