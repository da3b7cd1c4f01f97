"""Subgroups in a table and a figure: all levels, the interaction, and no test in a level."""

from dataclasses import replace
from math import nan

import pandas as pd
import pytest

from tests.present import layout, outcomes
from tests.present.test_tables import cells, check_interval
from trialrr import plan
from trialrr.present.kit import style
from trialrr.present.page import report
from trialrr.present.shows.model import introductions
from trialrr.present.shows.model import subgroups_figure as figure
from trialrr.present.shows.model.subgroups import moderators, subgroups

WHERE = dict(outcome="severity", month="3")


@pytest.fixture(scope="module")
def drawing(sensitive):
    return figure.draw(sensitive)


def levels(results) -> list[tuple[str, str]]:
    """(moderator's label, subgroup) of every level with rows at the primary month."""
    entry = results.entries("subgroups")[0]
    return [
        (m.label, f"{m.id}={level}")
        for m in entry.moderators
        if m.id != outcomes.NO_LEVELS
        for level in outcomes.LEVELS[m.id]
    ]


def test_the_table_has_every_level_and_comparison(sensitive):
    lines = cells(subgroups(sensitive))
    of_levels = [line for line in lines if " vs " in line["Comparison"]]
    keys = [(*key, c) for key in levels(sensitive) for c in sensitive.contrasts]
    assert len(of_levels) == len(keys) == 36
    for (label, subgroup, contrast), line in zip(keys, of_levels, strict=True):
        assert line["Moderator"] == label
        get = lambda q, level: sensitive.need("subgroups", q, level, subgroup=subgroup, **WHERE)  # noqa: B023, E731
        for arm in sensitive.arms:
            risk = get("risk", arm)
            assert line[f"{arm}, n/N"] == f"{risk.events}/{risk.n}"
        check_interval(line["Relative risk (95% CI)"], get("risk_ratio", contrast), 2)
        difference = get("risk_difference", contrast)
        check_interval(line["Risk difference, points (95% CI)"], difference, 1, 100)
    named = [line["Level"] for line in of_levels[::3]]
    assert named[:4] == ["Female", "Male", "<65", "≥65"]


def test_the_interaction_stands_on_both_scales_at_the_moderator(sensitive):
    lines = [line for line in cells(subgroups(sensitive)) if line["Comparison"] == "all arms"]
    assert [line["Moderator"] for line in lines] == list(
        dict.fromkeys(label for label, _ in levels(sensitive))
    )
    for line, id in zip(lines, (i for i in outcomes.LEVELS if i != "race_group"), strict=True):
        for column, quantity in (
            ("Relative risk (95% CI)", "interaction_wald"),
            ("Risk difference, points (95% CI)", "interaction_wald_difference"),
        ):
            test = sensitive.need("subgroups", quantity, "all", subgroup=id, **WHERE)
            assert line[column] == f"P = {test.p_value + 1e-9:.2f}".replace("= 0.", "= .")


def test_no_level_has_a_p(sensitive):
    table = subgroups(sensitive)
    assert not any(column.strip() == "P" for column in table.columns)
    for line in cells(table):
        if line["Comparison"] != "all arms":
            assert not any("P " in text for text in line.values() if text != line["Moderator"])


def test_what_is_not_estimable_and_who_is_left_out_is_told(sensitive):
    table = subgroups(sensitive)
    [line] = [line for line in cells(table) if line["Level"] == "not estimable"]
    assert line["Moderator"] == "Race and ethnicity" and line["PT, n/N"] == ""
    assert (
        "Race and ethnicity: not estimable, arm HC has no event among people with"
        " race_group=other at month 3." in table.notes
    )
    assert "Without a level, left out: Any social need 35 of 2331." in table.notes


def test_the_figure_draws_every_row_given_and_no_other(sensitive, drawing):
    given = {
        (r.subgroup, r.level, r.estimate, r.lower, r.upper)
        for r in sensitive.rows("subgroups", "risk_ratio", **WHERE)
        if r.level in sensitive.against_reference
    }
    everybody = {
        ("", r.level, r.estimate, r.lower, r.upper)
        for c in sensitive.against_reference
        for r in sensitive.rows("main", "risk_ratio", level=c, **WHERE)
    }
    assert len(drawing.marks) == len(set(drawing.marks)) == 26
    assert set(drawing.marks) == given | everybody
    for marker, rows in (("s", given), ("D", everybody)):
        drawn = [
            (contrast, line.get_xdata()[0])
            for contrast, axes in zip(
                sensitive.against_reference, drawing.figure.axes[1:], strict=True
            )
            for line in axes.lines
            if line.get_marker() == marker
        ]
        assert sorted(drawn) == sorted((row[1], row[2]) for row in rows)


def test_the_figure_writes_counts_and_one_p_a_moderator(sensitive, drawing):
    written = [t.get_text() for t in layout.texts(drawing)]
    for _, subgroup in levels(sensitive):
        for arm in sensitive.arms:
            risk = sensitive.need("subgroups", "risk", arm, subgroup=subgroup, **WHERE)
            assert f"{risk.events}/{risk.n}" in written
    tests = [r for r in sensitive.rows("subgroups", "interaction_wald")]
    ps = [text for text in written if text.startswith(".") and text[1:].isdigit()]
    assert len(ps) == len(tests) == 6
    assert "  not estimable" in written and "P" in written
    assert "Race and ethnicity" in written
    heads = [
        t
        for t in layout.texts(drawing)
        if t.get_text() in {label for label, _ in levels(sensitive)}
    ]
    assert len(heads) == 6 and all(t.get_weight() == "bold" for t in heads)
    places = {round(t.get_position()[1], 6) for t in heads}
    assert {
        round(t.get_position()[1], 6) for t in layout.texts(drawing) if t.get_text() in ps
    } == places


def test_in_a_column_each_panel_has_the_counts_of_its_arms(sensitive, drawing):
    column = figure.draw(sensitive, style.COLUMN)
    assert (column.marks, column.description) == (drawing.marks, drawing.description)
    assert layout.faults(column) == [] and column.figure.get_size_inches()[1] <= 9.6
    first, second = (axes.get_position() for axes in column.figure.axes[1:])
    assert first.y0 > second.y1 and first.width * style.COLUMN >= 0.7
    written = layout.written(column)
    for _, subgroup in levels(sensitive):
        risks = [
            sensitive.need("subgroups", "risk", arm, subgroup=subgroup, **WHERE)
            for arm in sensitive.arms
        ]
        for risk in risks:
            assert f"{risk.events}/{risk.n}" in written
    assert written.count("UC, n/N") == 2 and written.count("PT, n/N") == 1
    ps = [text for text in written if text.startswith("P for interaction ")]
    assert len(ps) == len(sensitive.rows("subgroups", "interaction_wald"))


def test_the_figure_in_words(drawing):
    said = drawing.description
    assert "Sex: interaction P .04." in said
    assert "Sex, Female, Health coach CBT vs Usual care: 1.57 (" in said
    assert said.startswith("Everybody, painTRAINER (online CBT) vs Usual care: ")


def test_an_estimate_that_is_missing_is_a_dash(sensitive):
    table = sensitive.table.copy()
    lost = (table["analysis"] == "subgroups") & (table["quantity"] == "risk_ratio")
    lost &= (table["subgroup"] == "sex=male") & (table["level"] == "PT:UC")
    table.loc[lost, ["estimate", "lower", "upper"]] = nan
    drawn = figure.draw(replace(sensitive, table=table))
    assert len(drawn.marks) == 25
    assert "Sex, Male, painTRAINER (online CBT) vs Usual care: —." in drawn.description


def test_a_second_outcome_has_rows_of_its_own_in_the_table(sensitive):
    table = sensitive.table
    own = table["analysis"] == "subgroups"
    more = table[own].assign(outcome="intensity")
    both = tuple(
        plan.replace(a, outcomes=("severity", "intensity")) if a.id == "subgroups" else a
        for a in sensitive.plan.analyses
    )
    results = replace(
        sensitive,
        table=pd.concat([table, more], ignore_index=True),
        plan=plan.replace(sensitive.plan, analyses=both),
    )
    heads = {line["Moderator"] for line in cells(subgroups(results))}
    assert "Sex. Pain severity responder (30 % drop or more), 3 months" in heads
    assert "Sex. Pain intensity responder (30 % drop or more), 3 months" in heads
    assert len(subgroups(results).rows) == 2 * len(subgroups(sensitive).rows)
    assert set(figure.draw(results).marks) == set(figure.draw(sensitive).marks)


def test_without_rows_there_is_a_note_in_place_of_the_figure(sensitive):
    table = sensitive.table[sensitive.table["analysis"] != "subgroups"]
    results = replace(sensitive, table=table)
    assert "subgroups" in report.figures_of(sensitive, published=False)
    assert "subgroups" not in report.figures_of(results, published=False)
    assert subgroups(results).rows == ()
    assert moderators(results) == []
    assert style.note("subgroups", results).marks == ()


def test_the_introduction_says_what_is_tested(sensitive):
    [said] = introductions.subgroups(sensitive)
    assert said.startswith("Prespecified. 7 characteristics, one at a time: Sex; Age; Race")
    assert "does not say that the treatment fails there" in said
