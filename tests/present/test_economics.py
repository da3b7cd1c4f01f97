"""Table and figure of costs and effects show the results, all that they name and no other."""

import re
from dataclasses import replace
from math import hypot, sqrt

import pytest

from tests.present import evaluated, layout
from tests.present.conftest import filled, resolve_plan, results_of
from tests.present.test_tables import cells, printed
from trialrr.present.kit import style
from trialrr.present.shows.economics import cost_effectiveness, costs
from trialrr.present.shows.economics.economics import economics, ratio, shown_prices
from trialrr.present.words import money, numbers


def planned(*entries):
    document = resolve_plan()
    return document | {"analyses": [*document["analyses"], *entries]}


@pytest.fixture(scope="module")
def results():
    return results_of(filled(evaluated.rows()), planned(evaluated.ENTRY))


@pytest.fixture(scope="module")
def two_armed():
    document = planned(evaluated.ENTRY)
    document["arms"] = [a for a in document["arms"] if a["id"] != "PT"]
    document["contrasts"] = [["HC", "UC"]]
    rows = evaluated.rows(contrasts=("HC:UC",), arms=("HC", "UC"))
    return results_of(filled(rows), document)


@pytest.fixture(scope="module")
def drawing(results):
    return cost_effectiveness.draw(results)


@pytest.fixture(scope="module")
def lines(results):
    return {(line["Costs"], line["Measure"]): line for line in cells(economics(results))}


PLAIN, CUT = (f"Costs and effects in a year, costs {w}" for w in ("as they are", "winsorized"))
ARMS = {"PT": "painTRAINER (online CBT)", "HC": "Health coach CBT", "UC": "Usual care"}
NUMBER = r"-?[\d,.]+"
INTERVAL = re.compile(rf"({NUMBER}) \(({NUMBER}) to ({NUMBER})\)")


def check(text: str, row, places: int, scale: int = 1) -> None:
    """An interval holds the three numbers of its row, half up."""
    found = [float(t.replace(",", "")) for t in INTERVAL.fullmatch(text).groups()]
    expected = [printed(v, places, scale) for v in (row.estimate, row.lower, row.upper)]
    assert found == [float(v) for v in expected]


# --------------------------------------------------------------------------------- the table


def test_lines_of_the_table(lines):
    measures = [measure for costs, measure in lines if costs == PLAIN]
    assert measures[:3] == ["Cost, US dollars", "QALYs", "Responders, 12 months, %"]
    for words in ("QALY", "responder"):
        assert f"Cost per {words}, US dollars" in measures
        for price in ("30,000", "50,000", "100,000"):
            assert f"Net benefit at {price} per {words}" in measures
            assert f"Acceptable at {price} per {words}, %" in measures
    assert len(measures) == 3 + 2 * (1 + 3 * 2)
    winsorized = [measure for costs, measure in lines if costs == CUT]
    assert winsorized == [measures[0], *measures[3:]]


@pytest.mark.parametrize(("costs", "subgroup"), [(PLAIN, ""), (CUT, "costs=winsorized")])
def test_costs_and_effects_are_those_of_the_results(results, lines, costs, subgroup):
    measures = [("Cost, US dollars", "cost", 0, 1, subgroup)]
    if not subgroup:
        measures += [
            ("QALYs", "qaly", 3, 1, ""),
            ("Responders, 12 months, %", "responder", 1, 100, ""),
        ]
    for measure, outcome, places, scale, of in measures:
        line, where = lines[costs, measure], dict(outcome=outcome, month="12", subgroup=of)
        for arm, label in ARMS.items():
            check(line[label], results.need("costs", "mean", arm, **where), places, scale)
        for level in evaluated.COST:
            row = results.need("costs", "mean_difference_percentile", level, **where)
            check(line[level.replace(":", " vs ")], row, places, scale)


@pytest.mark.parametrize(("costs", "subgroup"), [(PLAIN, ""), (CUT, "costs=winsorized; ")])
@pytest.mark.parametrize(("effect", "words"), [("qaly", "QALY"), ("responder", "responder")])
def test_net_benefits_and_acceptability_are_those_of_the_results(
    results, lines, costs, subgroup, effect, words
):
    for price in (30000, 50000, 100000):
        head = f"at {price:,} per {words}"
        where = dict(outcome=effect, month="12", subgroup=f"{subgroup}willingness_to_pay={price}")
        benefit, share = lines[costs, f"Net benefit {head}"], lines[costs, f"Acceptable {head}, %"]
        for level in evaluated.COST:
            row = results.need("costs", "net_benefit_percentile", level, **where)
            check(benefit[level.replace(":", " vs ")], row, 0)
        assert {benefit[label] for label in ARMS.values()} == {""}
        for level in (*evaluated.COST, *ARMS):
            row = results.need("costs", "acceptability", level, **where)
            text = share[ARMS.get(level, level.replace(":", " vs "))]
            assert float(text) == float(printed(row.estimate, 1, 100))


def test_ratios_are_said_as_what_they_mean(results, lines):
    """More for more, saved for less, and a comparison that needs no ratio."""
    per_qaly, per_responder = (
        lines[PLAIN, f"Cost per {w}, US dollars"] for w in ("QALY", "responder")
    )
    row = results.need("costs", "icer", "PT:UC", "qaly", "12")
    check(per_qaly["PT vs UC"], row, 0)
    saved = -1250.6 / -0.0081
    assert per_qaly["HC vs UC"] == f"{saved:,.0f} saved, for less effect; effect uncertain"
    assert per_qaly["HC vs PT"].endswith(") saved, for less effect")
    assert per_responder["HC vs UC"] == "less cost, more effect"
    assert per_responder["HC vs PT"] == "less cost, more effect; effect uncertain"
    assert {per_qaly[label] for label in ARMS.values()} == {""}


def test_a_ratio_without_effect_names_what_is_uncertain(results):
    """PT costs 412 more, its interval holds zero: with less effect that is what remains to say."""
    row = results.need("costs", "icer", "PT:UC", "qaly", "12")
    rows = evaluated.rows()
    for one in rows:
        if (one["outcome"], one["quantity"], one["level"]) == (
            *("qaly", "mean_difference_percentile"),
            "PT:UC",
        ):
            one |= {"estimate": -0.001, "lower": -0.02, "upper": 0.01}
    worse = results_of(filled(rows), planned(evaluated.ENTRY))
    row = type(row)(**vars(row) | {"lower": float("nan")})
    text = ratio(worse, worse.entry("costs"), row, "")
    assert text == "more cost, less effect; cost and effect uncertain"
    assert ratio(worse, worse.entry("costs"), None, "") == numbers.MISSING


def test_notes_tell_prices_and_the_cut(results):
    notes = " ".join(economics(results).notes)
    assert "costs above 23,457 (23 people) set to it" in notes
    assert "assumed cost of one in US dollars: outpatient 160; coach minutes 1.25." in notes
    assert "PT: painTRAINER (online CBT)" in notes


def test_a_few_prices_are_all_shown(results):
    assert shown_prices(results, results.entry("costs"), "qaly") == ["30000", "50000", "100000"]
    rows = [
        r
        for r in evaluated.rows()
        if "=30000" in r.get("subgroup", "") or "=75000" in r.get("subgroup", "")
    ]
    two = results_of(filled(rows), planned(evaluated.ENTRY))
    assert shown_prices(two, two.entry("costs"), "qaly") == ["30000", "75000"]
    assert shown_prices(two, two.entry("costs"), "cost") == []


def test_without_results_the_table_is_empty():
    assert economics(results_of(filled([]), planned(evaluated.ENTRY))).rows == ()


# --------------------------------------------------------------------------------- the figure


def test_the_figure_draws_every_row_that_it_is_about_and_no_other(results, drawing):
    planes = [mark for mark in drawing.marks if mark[0] == "plane"]
    assert planes == [
        ("plane", effect, level, evaluated.EFFECT[effect][level], evaluated.COST[level], -0.31)
        for effect in evaluated.EFFECT
        for level in evaluated.COST
    ]
    curves = [mark[1:] for mark in drawing.marks if mark[0] == "curve"]
    expected = [
        (r.outcome, r.level, float(r.subgroup.removeprefix("willingness_to_pay=")), r.estimate)
        for r in results.rows("costs", "acceptability")
        if r.subgroup.startswith("willingness")
    ]
    assert sorted(curves) == sorted(expected) and len(curves) == 2 * 6 * 4


def axes_named(drawing, word):
    return [a for a in drawing.figure.axes[1:] if a.get_ylabel().startswith(word)]


def test_points_stand_where_the_results_say(drawing):
    for axes, effect in zip(
        axes_named(drawing, "Difference in cost"), evaluated.EFFECT, strict=True
    ):
        unit = 100 if effect == "responder" else 1
        points = [line for line in axes.lines if line.get_marker() not in ("None", "")]
        assert [(p.get_xdata()[0], p.get_ydata()[0]) for p in points] == [
            (unit * evaluated.EFFECT[effect][level], evaluated.COST[level])
            for level in evaluated.COST
        ]
        assert len({(p.get_color(), p.get_marker()) for p in points}) == 3


def test_a_dotted_line_is_where_the_net_benefit_is_zero(drawing):
    for axes, unit in zip(axes_named(drawing, "Difference in cost"), (1, 100), strict=True):
        dotted = [line for line in axes.lines if line.get_color() == "#9a9a9a"]
        for line, price in zip(dotted, (30000, 100000), strict=True):
            for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True):
                assert y == pytest.approx(price * x / unit)
                assert axes.get_xlim()[0] - 1e-9 <= x <= axes.get_xlim()[1] + 1e-9


def test_an_ellipse_holds_its_share():
    """Every point of the outline has Mahalanobis distance √5.991 from the center."""
    outline = cost_effectiveness.ellipse((3.0, 100.0), (0.5, 40.0), 0.6, 0.95)
    for x, y in outline:
        a, b = (x - 3) / 0.5, (y - 100) / 40
        distance = sqrt((a * a - 2 * 0.6 * a * b + b * b) / (1 - 0.36))
        assert distance == pytest.approx(sqrt(5.991464547))
    assert outline[0] == pytest.approx(outline[-1])
    flat = cost_effectiveness.ellipse((0, 0), (1, 1), 1.0, 0.95)
    assert all(x == pytest.approx(y) for x, y in flat)
    assert max(hypot(x, y) for x, y in flat) == pytest.approx(sqrt(2 * 5.991464547))


def test_colors_of_comparisons_with_the_reference_are_those_of_the_arm(results):
    looks = [costs.look(results, c)[0] for c in results.contrasts]
    assert looks == [0, 1, 3]


def test_the_figure_in_words(drawing):
    assert "painTRAINER (online CBT) vs Usual care: cost 412 (-529 to 1354)" in drawing.description
    assert (
        "net benefit positive in 84.7% at 30,000, 81.7% at 100,000 per QALY" in drawing.description
    )
    assert drawing.id == "cost_effectiveness"


def close(shares):
    """Results whose curves end close together."""
    rows = [dict(row) for row in evaluated.rows()]
    for row in rows:
        if row["quantity"] == "acceptability":
            row["estimate"] = shares[row["level"]]
    return results_of(filled(rows), planned(evaluated.ENTRY))


WIDTHS = pytest.mark.parametrize("width", [style.PAGE, style.COLUMN])


@WIDTHS
@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_nothing_stands_in_the_way_where_lines_meet(value, width):
    results = close(dict.fromkeys(evaluated.SHARES, value))
    assert layout.faults(cost_effectiveness.draw(results, width)) == []


@WIDTHS
def test_nothing_stands_in_the_way(results, two_armed, width):
    for case in (results, two_armed):
        drawn = cost_effectiveness.draw(case, width)
        assert layout.faults(drawn) == []
        assert drawn.figure.get_size_inches()[1] <= {style.PAGE: 10.6, style.COLUMN: 9.6}[width]


def test_a_column_shows_what_a_page_shows(results, drawing):
    column = cost_effectiveness.draw(results, style.COLUMN)
    assert (column.marks, column.description) == (drawing.marks, drawing.description)


@WIDTHS
def test_both_effects_stand_on_one_axis_of_costs(results, width):
    planes = cost_effectiveness.draw(results, width).figure.axes[1::3]
    one, other = (axes.get_ylim() for axes in planes)
    assert one == other and one[0] < min(evaluated.COST.values())


def test_two_arms_have_no_panel_of_the_best_of_several(drawing, two_armed):
    assert len(axes_named(drawing, "Highest net benefit")) == 2
    assert axes_named(cost_effectiveness.draw(two_armed), "Highest net benefit") == []


def test_one_effect_alone_is_one_column():
    rows = [r for r in evaluated.rows() if r["outcome"] != "responder"]
    drawn = cost_effectiveness.draw(results_of(filled(rows), planned(evaluated.ENTRY)))
    assert len(axes_named(drawn, "Difference in cost")) == 1
    assert layout.faults(drawn) == []


def test_one_price_is_a_point(results):
    rows = [
        r for r in evaluated.rows() if r["quantity"] != "acceptability" or "=50000" in r["subgroup"]
    ]
    drawn = cost_effectiveness.draw(results_of(filled(rows), planned(evaluated.ENTRY)))
    assert {mark[3] for mark in drawn.marks if mark[0] == "curve"} == {50000.0}
    assert layout.faults(drawn) == []


def test_the_same_results_give_the_same_bytes_and_synthetic_ones_say_so(results, drawing):
    again = cost_effectiveness.draw(replace(results))
    assert (again.svg(), again.png()) == (drawing.svg(), drawing.png())
    assert "SYNTHETIC DATA" in layout.written(drawing)
    assert money.tick(0.0) == "0" and drawing.figure.get_size_inches()[0] == style.PAGE


def test_the_first_analysis_with_estimates_is_drawn():
    empty = evaluated.ENTRY | {"id": "other"}
    results = results_of(filled(evaluated.rows()), planned(empty, evaluated.ENTRY))
    assert "Costs and effects in a year" in cost_effectiveness.draw(results).title
