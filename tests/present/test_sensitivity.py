"""Figures, tables and sentences of the sensitivity analyses show the results, all and no other."""

import re
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from math import isnan

import pytest
from matplotlib.colors import to_hex

from tests.present import layout
from tests.present.conftest import sketches
from tests.present.test_report import Page
from tests.present.test_tables import cells, check_interval, printed
from trialrr import plan
from trialrr.ard import Subgroup
from trialrr.present import shows
from trialrr.present.kit import intervals, style
from trialrr.present.page import figures, report, sensitivity, tables
from trialrr.present.results import Results
from trialrr.present.shows.base import together
from trialrr.present.shows.missing import balance, grid, surface
from trialrr.present.shows.model import forest
from trialrr.present.shows.resampling import specification_curve
from trialrr.present.words import sentences

OURS = together(*shows.families().values())
OF_FIGURES = {show.id: show.kinds for show in OURS.figures if show.kinds}
OF_TABLES = {show.id: show.kinds for show in OURS.tables if show.kinds}
KINDS = {kind for of in (OF_FIGURES, OF_TABLES) for kinds in of.values() for kind in kinds}
APART = [show.name for show in OURS.kinds if show.apart]
RANGING = [show.name for show in OURS.kinds if show.ranging]


@pytest.fixture(scope="module")
def drawings(sensitive, drawn):
    return {d.id: d for d in drawn(sensitive)}


@pytest.fixture(scope="module")
def made(sensitive):
    return {t.id: t for t in [*tables.make(sensitive), tables.failures(sensitive)]}


def without(results: Results, *kinds: str) -> Results:
    """`results` of the same plan, but without rows of these kinds of analyses."""
    gone = {entry.id for entry in results.entries(*kinds)}
    return replace(results, table=results.table[~results.table["analysis"].isin(gone)])


# ----------------------------------------------------------------------------- what is shown


def test_what_the_plan_asks_for_is_what_is_made(sensitive, drawings, made):
    asked = plan.replace(sensitive.plan, published="")
    assert shows.figures(asked) == [*drawings] == report.figures_of(sensitive, published=False)
    assert [*shows.tables(asked), "failures"] == [*made]
    assert {e.kind for e in sensitive.plan.analyses} >= KINDS


def test_a_plan_with_published_numbers_asks_for_the_comparison(sensitive):
    assert shows.figures(sensitive.plan)[-1] == "published_vs_reproduced"
    assert shows.tables(sensitive.plan)[-5:] == [
        *("published_vs_reproduced", "calibration_counts", "calibration", "estimands"),
        "deviations",
    ]
    data = plan.parse({"data": {"origin": "real", "route": "tidy"}}).data
    real = plan.replace(sensitive.plan, data=data)
    assert shows.tables(real)[-3:] == ["published_vs_reproduced", "estimands", "deviations"]
    assert "safety" not in shows.tables(real)


def test_saying_what_is_shown_draws_nothing():
    code = "import sys, trialrr.present.shows; print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"matplotlib", "pandas", "numpy", "jinja2"} & set(out.stdout.split())


def test_what_has_no_rows_has_an_empty_file_and_no_place_in_the_report(sensitive):
    results = without(sensitive, *KINDS)
    asked = plan.replace(results.plan, published="")
    drawn = {d.id: d for d in figures.draw(results)}
    assert [*drawn] == shows.figures(asked)
    made = {table.id: table for table in tables.make(results)}
    assert [*made] == shows.tables(asked)
    listed = report.figures_of(results, published=False)
    page = report.render(results, sketches(listed))
    for figure in OF_FIGURES:
        assert figure not in listed and drawn[figure].marks == ()
        assert style.NOTHING in layout.written(drawn[figure])
    for table in OF_TABLES.keys() - {"definitions"}:  # which also shows fits
        assert made[table].rows == ()
        assert made[table].caption not in page


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_kind_without_rows_is_alone_in_having_no_place(sensitive, kind):
    results = without(sensitive, kind)
    lost = [figure for figure, kinds in OF_FIGURES.items() if kinds == (kind,)]
    every = report.figures_of(sensitive, published=False)
    assert report.figures_of(results, published=False) == [id for id in every if id not in lost]
    empty = {table.id for table in tables.make(results) if not table.rows}
    assert empty == {table for table, kinds in OF_TABLES.items() if kinds == (kind,)}


# --------------------------------------------------------------------------------- figures


def rows_of(results, kind, quantity, month="3"):
    for entry in results.entries(kind):
        yield from (r for r in results.rows(entry.id, quantity) if r.month == month)


def test_the_forest_shows_headlines_and_ranges(sensitive):
    against, active = (draw(sensitive) for draw in (forest.draw, forest.draw_active))
    marks = against.marks + active.marks
    assert len(marks) == len(set(marks))
    apart = {entry.id for entry in sensitive.entries(*APART)}
    single = {
        (r.analysis, r.level, r.estimate, r.lower, r.upper)
        for r in sensitive
        if r.quantity == "risk_ratio"
        and (r.outcome, r.month, r.subgroup) == ("severity", "3", "")
        and not sensitive.ranging(r.analysis)
        and r.analysis not in apart
    }
    assert {mark for mark in marks if len(mark) == 5} == single
    spans = {}
    for kind in RANGING:
        for row in rows_of(sensitive, kind, "risk_ratio"):
            if row.subgroup and not isnan(row.estimate):
                spans.setdefault((row.analysis, row.level), []).append(row.estimate)
    wanted = {(*key, min(values), max(values)) for key, values in spans.items()}
    assert {mark for mark in marks if len(mark) == 4} == wanted
    assert len({mark[0] for mark in marks}) > 35
    listed = [a for _, members in sensitive.grouped("severity", "3") for a in members]
    assert list(dict.fromkeys(mark[0] for mark in against.marks)) == listed
    written = [t.get_text() for t in against.figure.axes[0].texts]
    assert written.count("1.57 to 1.60") == written.count("range of 4 fits") == 1
    for head in dict.fromkeys(a.group for a in sensitive.plan.analyses):
        assert not head or written.count(head) == (head in dict(sensitive.grouped("severity", "3")))


def test_the_primary_analysis_runs_through_every_panel(sensitive):
    both = (forest.draw(sensitive), forest.draw_active(sensitive))
    panels = [axes for drawing in both for axes in drawing.figure.axes[1:]]
    for contrast, axes in zip(["PT:UC", "HC:UC", "HC:PT"], panels, strict=True):
        main = sensitive.need("main", "risk_ratio", contrast, "severity", "3")
        assert any([*line.get_xdata()] == [main.estimate] * 2 for line in axes.lines)


def test_a_single_analysis_has_no_band(two_arms):
    first = two_arms.plan.analyses[:1]
    drawing = forest.draw(replace(two_arms, plan=plan.replace(two_arms.plan, analyses=first)))
    said = " ".join(t.get_text() for t in drawing.figure.axes[0].texts)
    assert len(drawing.marks) == 1 and "Dashed line" not in said and "27/295" in said


def test_tick_labels_stand_apart():
    limits, ticks = (0.1, 10), [0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10]
    for width in (0.4, 0.8, 1.5, 6.0):
        labels = intervals.labelled(ticks, limits, width)
        assert labels[ticks.index(1)] == "1"
        kept = [(t, text) for t, text in zip(ticks, labels, strict=True) if text]
        place = [width * intervals.log10(t / limits[0]) / 2 for t, _ in kept]
        for i in range(len(kept) - 1):
            half = sum(style.text_width(text) for _, text in kept[i : i + 2]) / 2
            assert place[i + 1] - place[i] > half
    assert [t for t in labels if t] == [f"{t:g}" for t in ticks]


def test_the_specification_curve_draws_every_specification_in_order(sensitive, drawings):
    marks = drawings["specification_curve"].marks
    given = {
        (r.level, r.subgroup, r.estimate, r.lower, r.upper)
        for r in rows_of(sensitive, "specification_curve", "risk_ratio")
    }
    assert {(m[0], *m[2:]) for m in marks} == given and len(given) == len(marks) == 2 * 648
    for contrast in ("PT:UC", "HC:UC"):
        estimates = [m[3] for m in marks if m[0] == contrast]
        assert estimates == sorted(estimates)
        assert [m[1] for m in marks if m[0] == contrast] == [*range(648)]


def test_the_board_has_a_tick_for_every_choice(sensitive, drawings):
    boards = drawings["specification_curve"].figure.axes[2::2]
    for contrast, board in zip(("PT:UC", "HC:UC"), boards, strict=True):
        found = [
            r
            for r in rows_of(sensitive, "specification_curve", "risk_ratio")
            if r.level == contrast
        ]
        drawn = [line.get_xdata() for line in board.lines if len(line.get_xdata()) > 2]
        ticks = sum(sum(1 for x in xs if not isnan(x)) // 2 for xs in drawn)
        assert ticks == sum(len(Subgroup.read(row.subgroup).parts) for row in found)


def test_last_bits_of_estimates_do_not_decide_the_order_of_specifications(sensitive):
    table = sensitive.table.copy()
    own = (table["analysis"] == "specifications") & (table["quantity"] == "risk_ratio")
    table.loc[own, "estimate"] = table.loc[own, "estimate"].round(2)
    alike = specification_curve.draw(replace(sensitive, table=table)).marks
    noise = [1 + 1e-15 * ((7 * k) % 5 - 2) for k in range(own.sum())]
    table.loc[own, "estimate"] *= noise
    other = specification_curve.draw(replace(sensitive, table=table)).marks
    assert [mark[:3] for mark in alike] == [mark[:3] for mark in other]


def test_the_joint_test_is_told_in_words(sensitive, drawings):
    said = drawings["specification_curve"].description
    assert "Median RR 1.34; joint re-randomization P <.001 (one-step 1.28; without effect" in said
    assert (
        "88.3% with P < .05; joint re-randomization P <.001 (one-step 87.4%; without effect" in said
    )


OTHERS = {  # in cells: 0.5 is the middle of the first; 0 and the number of cells are the edges
    "delta": {"PT:UC": (3.5, 0.0), "HC:UC": (11.0, 0.0)},
    "informative_odds": {"PT:UC": (3.9, 7.0), "HC:UC": (5.5, 7.0)},
}


@pytest.mark.parametrize("kind", ["delta", "informative_odds"])
def test_a_map_shows_every_point_of_its_grid(sensitive, drawings, kind):
    drawing = drawings[{"delta": "tipping", "informative_odds": "informative_odds"}[kind]]
    given = {
        (
            r.analysis,
            r.level,
            *map(float, dict(Subgroup.read(r.subgroup).items()).values()),
            r.estimate,
            r.lower,
            r.upper,
        )
        for r in rows_of(sensitive, kind, "risk_ratio")
        if r.subgroup
    }
    cells = [mark for mark in drawing.marks if len(mark) == 7]
    assert set(cells) == given and len(given) == len(cells)
    others = {mark[1:] for mark in drawing.marks if len(mark) == 5}
    assert others == {
        (contrast, id, *OTHERS[kind][contrast])
        for contrast in OTHERS[kind]
        for id in ("main", "worst_best_case")
    }
    panels = drawing.figure.axes[1:]
    assert [axes.get_xlabel()[-2:] for axes in panels] == ["PT", "HC"]
    for contrast, axes in zip(("PT:UC", "HC:UC"), panels, strict=True):
        written = sorted(t.get_text() for t in axes.texts)
        assert written == sorted(
            f"{float(printed(m[4], 2)):.2f}" for m in given if m[1] == contrast
        )


def triangles(axes):
    """Where the triangles below the grid and left of it stand: (x of those, y of these)."""
    points = [
        (line.get_xdata()[0], line.get_ydata()[0])
        for line in axes.lines
        if line.get_marker() in ("<", ">", "^", "v")
    ]
    assert all((x < 0) != (y < 0) for x, y in points)
    return [x for x, y in points if y < 0], [y for x, y in points if x < 0]


@pytest.mark.parametrize("width", [style.PAGE, style.COLUMN])
@pytest.mark.parametrize("kind", ["delta", "informative_odds"])
def test_triangles_stand_outside_the_grid_at_their_values(sensitive, kind, width):
    draw = {"delta": surface.tipping, "informative_odds": surface.informative_odds}[kind]
    panels = draw(sensitive, width).figure.axes[1:]
    for contrast, axes in zip(("PT:UC", "HC:UC"), panels, strict=True):
        x, y = OTHERS[kind][contrast]
        assert triangles(axes) == ([x, x], [y, y])


def test_a_triangle_points_away_from_the_grid_where_a_value_lies_beyond(drawings):
    panels = drawings["tipping"].figure.axes[1:]
    points = [{line.get_marker() for line in axes.lines} & {*"<>^v"} for axes in panels]
    assert points == [{"^", "v"}, {">", "v"}]  # PT 0.5, HC more than 4, UC less than -1
    assert "Triangles at the edges: Worst/best case stands at" in drawings["tipping"].description


def test_cells_too_narrow_for_numbers_of_six_points_have_none(sensitive):
    wide, narrow = (surface.tipping(sensitive, width).figure.axes[1] for width in (3.3, 2.4))
    assert {t.get_size() for t in wide.texts} == {style.SMALLEST} and not narrow.texts


def test_a_map_says_where_the_reference_arm_stands_in_its_own_terms(drawings):
    assert "Tips at 1, reference unshifted." in drawings["tipping"].description
    said = drawings["informative_odds"].description
    assert "Tips at 0.5, reference at 1." in said and "unshifted" not in said


def test_the_tipping_line_parts_cells_that_include_one():
    assert grid.border([[1, 1], [1, 1]]) == ([], [])
    xs, ys = grid.border([[1, 1, 0], [1, 0, 0], [0, 0, -1]])
    segments = {
        (*sorted(zip(xs[i : i + 2], ys[i : i + 2], strict=True)),) for i in range(0, len(xs), 3)
    }
    assert segments == {
        ((2, 0), (2, 1)),
        ((1, 1), (1, 2)),
        ((1, 1), (2, 1)),
        ((0, 2), (1, 2)),
        ((2, 2), (3, 2)),
        ((2, 2), (2, 3)),
    }


def luminance(color: str) -> float:
    """Relative luminance of #rrggbb, WCAG 2."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted(map(luminance, (one, other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_maps_and_curve_read_in_gray(sensitive):
    for row in rows_of(sensitive, "delta", "risk_ratio"):
        face = to_hex(surface._face(row, 0.9))
        assert contrast(face, style.INK) >= 4.5
        assert not grid.side(row) or contrast(face, "#ffffff") >= 1.2
    above, includes = (specification_curve.LOOKS[k] for k in (1, 0))
    assert contrast(above, includes) >= 2
    assert len(set(surface._HATCH.values())) == 3


def test_the_responder_curve_shows_shares_and_ratios(sensitive, drawings):
    marks = drawings["responder_curve"].marks
    shares = {(m[2], m[4]) for m in marks if m[0] == "share"}
    assert shares == {
        (r.level, r.estimate) for r in rows_of(sensitive, "responder_curve", "responder_share")
    }
    ratios = {(m[2], *m[4:]) for m in marks if m[0] == "ratio"}
    assert ratios == {
        (r.level, r.estimate, r.lower, r.upper)
        for r in rows_of(sensitive, "responder_curve", "risk_ratio")
        if r.level in ("PT:UC", "HC:UC")
    }


def test_diagnostics_and_balance_show_their_rows(sensitive, drawings):
    shown_ = sorted(m[-1] for m in drawings["imputation_diagnostics"].marks)
    quantities = ("chain_mean", "density_observed", "density_imputed")
    kept = [r for r in sensitive if r.quantity in quantities]
    assert shown_ == sorted(r.estimate for r in kept)
    marks = drawings["balance"].marks
    kept = sensitive.rows("balance", "standardized_difference")
    assert sorted(m[-1] for m in marks) == sorted(r.estimate for r in kept)
    assert {m[1] for m in marks} == {"", "PT", "HC", "UC"}


def test_visits_share_the_axis_of_scores(drawings):
    panels = drawings["imputation_diagnostics"].figure.axes[1:]
    traces = [axes for axes in panels if axes.get_xlabel() == "Iteration"]
    assert len(traces) == 2 * 3
    for block in (traces[:3], traces[3:]):
        assert len({axes.get_ylim() for axes in block}) == 1
        low, high = block[0].get_ylim()
        assert all(low < y < high for a in block for line in a.lines for y in line.get_ydata())


def test_the_axis_of_balance_holds_its_values_and_the_band(sensitive, drawings):
    largest = max(abs(mark[-1]) for mark in drawings["balance"].marks)
    for axes in drawings["balance"].figure.axes[1:]:
        low, high = axes.get_xlim()
        assert -low == high >= max(largest, balance.USUAL) and high < 1.3 * largest
        assert {-0.1, 0, 0.1} <= {*axes.get_xticks()}


# ---------------------------------------------------------------------------------- tables


def keyed(table, column):
    found = {}
    for line in cells(table):
        found.setdefault(line[column], []).append(line)
    return found


def test_missing_data_lists_assumptions(sensitive, made):
    by = keyed(made["missing_data"], "Analysis")
    for entry in sensitive.entries("multiple_imputation", "reference_based"):
        for contrast_, line in zip(sensitive.contrasts, by[entry.label], strict=True):
            row = sensitive.need(entry.id, "risk_ratio", contrast_, "severity", "3")
            check_interval(line["RR (95% CI)"], row, 2)
            second = sensitive.get(entry.id, "risk_ratio_bootstrap", contrast_, "severity", "3")
            assert bool(line["RR (95% CI), bootstrap"]) == (second is not None)
            if second:
                check_interval(line["RR (95% CI), bootstrap"], second, 2)
    assert {line["Missing information, %"] for line in by["Multiple imputation, normal draws"]} == {
        "27.0"
    }
    assert [line["Tips at"] for line in by["Imputations shifted"]] == ["1", "not on the grid"]
    assert [line["Tips at"] for line in by["Informative odds"]] == ["0.5", "not on the grid", ""]
    at = dict(month="3", outcome="severity", subgroup="delta_active=0; delta_control=0")
    row = sensitive.need("delta", "risk_ratio", "PT:UC", **at)
    check_interval(by["Imputations shifted"][0]["RR (95% CI)"], row, 2)


def test_bootstrap_stands_beside_the_model(sensitive, made):
    lines = cells(made["bootstrap"])
    assert len(lines) == 2 * len(sensitive.contrasts)
    for line, contrast_ in zip(lines, sensitive.contrasts * 2, strict=True):
        model = sensitive.need("main", "risk_ratio", contrast_, "severity", "3")
        check_interval(line["Model, RR (95% CI)"], model, 2)
        assert Fraction(line["SE, model"]) == printed(model.std_error, 4)
        assert (line["Samples"], line["Failed"]) == ("2000", "3")
        assert (line["MC error: SE"], line["Lower"], line["Upper"]) == (
            "0.0015",
            "0.0040",
            "0.0060",
        )


def test_rerandomization_stands_beside_the_model(made):
    lines = cells(made["rerandomization"])
    assert [line["P by re-randomization"] for line in lines] == ["<.001", ".01", "<.001", ".02"]
    assert {line["Draws"] for line in lines} == {"10,000"}
    assert lines[0]["Comparison"] == "All arms" and lines[0]["P of the model"] == "<.001"


def test_definitions_and_selection(sensitive, made):
    groups = keyed(made["definitions"], "Group")
    assert [*groups] == [
        *("Responder curve", "Other definitions of response", "Other visit windows"),
        "Smallest to largest RR",
    ]
    assert len(groups["Responder curve"]) == 13
    assert groups["Responder curve"][4]["Definition"] == "Drop of 30% or more"
    row = sensitive.need(
        "curve", "risk_ratio", "HC:UC", month="3", outcome="severity", subgroup="threshold=0.3"
    )
    check_interval(groups["Responder curve"][4]["HC vs UC, RR (95% CI)"], row, 2)
    site, coach = groups["Smallest to largest RR"]
    assert site["HC vs UC, RR (95% CI)"] == "1.57 to 1.60 (4 fits)"
    assert coach["HC vs UC, RR (95% CI)"].endswith("(11 fits)")
    lines = cells(made["selected_covariates"])
    assert [line["Joins"] for line in lines] == ["yes", "yes", "no", "no"]
    assert [line["P, missingness"] for line in lines] == [".03", ".08", ".13", ".18"]


def test_operating_characteristics_have_their_monte_carlo_error(made):
    lines = cells(made["operating_characteristics"])
    assert lines[0]["Significant by the plan's rule, %"] == "86.1 (0.3)"
    assert lines[2]["P small, %"] == "91.3 (0.3)"
    assert lines[3]["Significant by the plan's rule, %"] == "90.2 (0.3)"
    assert [line["Test or comparison"] for line in lines[:4]] == [
        *("PT vs UC", "HC vs UC", "All arms together", "Any comparison")
    ]
    null = next(line for line in lines if line["Scenario"] == "Null")
    assert (null["P small, %"], null["Coverage, %"]) == ("5.2 (0.6)", "94.8 (0.5)")
    assert null["Significant by the plan's rule, %"] == "4.1 (0.6)"
    assert [*dict.fromkeys(line["Scenario"] for line in lines)][-3:] == [
        *("Null", "Null, nobody missing", "Null, variance by persons")
    ]
    assert "Power of the plan: 10,000 trials." in made["operating_characteristics"].notes


def test_what_failed_is_listed_with_its_reason(sensitive, made):
    lines = cells(made["failures"])
    assert [(line["What"], line["How many"]) for line in lines] == [
        *(("Replicates failed", "3"), ("Replicates failed", "3")),
        *[("Not estimable", "")] * 3,
        ("Replicates failed", "2"),
        *[("Not estimable", "")] * 2,
    ]
    where = [
        line["Where"].removeprefix("Pain severity responder (30 % drop or more), ")
        for line in lines
    ]
    assert where[2:] == [
        "3 months, Cluster c12",
        "Global impression of change, overall (1-7)",
        "Race group",
        "6 months, PT vs UC",
        "12 months, Sessions completed 0, HC",
        "12 months, Form principal stratum, PT vs UC",
    ]
    assert not any(r.quantity == "draws_failed" for r in sensitive.failures())


def test_failures_that_are_alike_are_listed_once(sensitive):
    table = sensitive.table.copy()
    lost = (table["analysis"] == "specifications") & table["subgroup"].str.contains("drop|1_point")
    table.loc[lost & (table["quantity"] == "risk_ratio"), ["estimate", "lower", "upper"]] = float(
        "nan"
    )
    results = replace(sensitive, table=table)
    every = cells(tables.failures(results))
    lines = [line for line in every if line["Analysis"] == "All specifications"]
    assert len(lines) == 1 and lines[0]["Where"].endswith("and 215 more like it")
    drawing = specification_curve.draw(results)
    assert len(drawing.marks) == 2 * 648 - 216
    assert not any(isnan(value) for mark in drawing.marks for value in mark[3:])


def test_sensitivity_table_has_the_headings_of_the_plan(sensitive, made):
    lines = cells(made["sensitivity"])
    first = [
        line
        for line in lines
        if line["Outcome"].startswith("Pain severity") and "3 months" in line["Outcome"]
    ]
    heads = list(dict.fromkeys(line["Outcome"].split(". ")[-1] for line in first))
    assert heads == [head for head, _ in sensitive.grouped("severity", "3")]
    site = next(line for line in first if line["Analysis"] == "Each site left out")
    assert site["HC vs UC, RR (95% CI)"] == "1.57 to 1.60 (4 fits)"


def test_no_table_prints_nan(made):
    for table in made.values():
        assert not re.search(r"\b(nan|inf)\b", table.csv())


# ---------------------------------------------------------------------------------- report


@pytest.fixture(scope="module")
def html(sensitive, drawings):
    return report.render(sensitive, sketches(drawings))


def test_the_report_shows_all_of_it(html, drawings, made):
    page = Page(html)
    assert page.open == [] and page.requests == [] and page.unnamed == []
    assert len(page.ids) == len(set(page.ids)) and set(page.links) <= set(page.ids)
    assert {f"figure-{id}" for id in drawings} <= set(page.ids)
    assert {f"table-{id}" for id in made} <= set(page.ids)
    steps = zip(page.headings, page.headings[1:], strict=False)
    assert all(later - former <= 1 for former, later in steps)
    assert "Quick run" not in html
    assert "What failed or was left out" in html


def test_where_the_conclusion_tips_stands_in_one_sentence(sensitive):
    tips, not_ = sentences.tips(sensitive)
    assert tips == (
        "The conclusion on painTRAINER (online CBT) vs Usual care holds unless people of"
        " painTRAINER (online CBT) who were not seen had been 1 point worse on average than"
        " predicted, while those seen in Usual care improved by 0.5 points on average (SD 1.6):"
        " a shift larger than this whole change, and at most one SD."
    )
    assert "holds even if" in not_ and "4 points worse" in not_ and "more than one SD" in not_
    table = sensitive.table.copy()
    table.loc[table["quantity"] == "tipping_delta", "estimate"] = 0.0
    for text in sentences.tips(replace(sensitive, table=table)):
        assert "already where data are missing at random" in text


def test_type_one_error_is_told_of_scenarios_without_an_effect_alone(sensitive):
    errors, filled = sentences.type_one_error(sensitive)
    assert errors.startswith(
        "In simulated trials whose arms do nothing, a comparison by itself has P < .05 in: "
        "painTRAINER (online CBT) vs Usual care 5.2% (5.2% with nobody missing); "
    )
    assert filled.endswith("Usual care 1.3% for 26.6%.")
    table = sensitive.table.copy()
    table.loc[table["quantity"] == "true_risk_ratio", "estimate"] = 1.1
    assert sentences.type_one_error(replace(sensitive, table=table)) == []


def test_other_analyses_on_the_map_stand_in_a_sentence(sensitive):
    primary, worst = sentences.on_the_map(sensitive)
    assert primary.startswith(sensitive.analysis("main"))
    assert worst.startswith(sensitive.analysis("worst_best_case"))
    assert primary.endswith(
        "painTRAINER (online CBT) 0.50; Health coach CBT more than 4; Usual care less than -1."
    )


def test_a_quick_run_says_so_at_the_top(sensitive, drawings):
    quick = replace(sensitive, plan=plan.replace(sensitive.plan, effort="quick"))
    html = report.render(quick, sketches(drawings))
    assert html.index("Quick run:") < html.index("<h1>")


def test_methods_tell_each_kind_once(sensitive):
    terms = [term for term, _ in sensitivity.methods(sensitive)]
    told = [kind for kind in sensitive.shows.kinds if kind.method]
    assert len(terms) == len(set(terms)) == len(told) + 1
    assert terms[1:] == [sensitive.kind(kind.name) for kind in told]
    assert terms[0] == "Scores"


def test_a_report_with_none_of_it_has_no_such_part(two_arms):
    made = {table.id: table for table in tables.make(two_arms)}
    assert sensitivity.parts(two_arms, {}, made) == []
