"""Tables of scores, exploratory outcomes and safety show the results, and say what is missing."""

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.present import outcomes
from tests.present.conftest import filled, results_of
from tests.present.test_tables import cells, check_interval, numbers_of
from trialrr import plan
from trialrr.present import shows
from trialrr.present.page import report, tables
from trialrr.present.shows.economics import introductions as economics_introduction
from trialrr.present.shows.model import introductions
from trialrr.present.shows.model.outcomes import exploratory, secondary, secondary_analyses

ROOT = Path(__file__).parents[2]
SCORES = (
    *("severity", "intensity", "interference", "social_role_t", "physical_function_t"),
    *("pgic_pain", "pgic_overall"),
)
EXPLORED = ("phq8", "gad7", "sleep_t", "gcps_grade", "long_term_opioid")
NEW = ("secondary", "secondary_analyses", "exploratory", "subgroups", "mediation", "adherence")
NEW += ("compliers", "safety")


@pytest.fixture(scope="module")
def made(sensitive):
    return {table.id: table for table in tables.make(sensitive)}


def p_of(results, analysis, outcome, month, contrast) -> str:
    row = results.need(analysis, "protected_test", contrast, outcome, month)
    return "not tested" if pd.isna(row.p_value) else f"{row.p_value:.2f}".removeprefix("0")


def test_secondary_outcomes_stand_in_the_order_of_the_plan_at_every_visit(sensitive):
    table = secondary(sensitive)
    keys = [(o, m, c) for o in SCORES for m in sensitive.months for c in sensitive.contrasts]
    assert len(table.rows) == len(keys) == 63
    for (outcome, month, contrast), line in zip(keys, cells(table), strict=True):
        assert line["Outcome"].startswith(sensitive.score(outcome))
        what = "as scored" if outcome.startswith("pgic") else "change from baseline"
        assert line["Outcome"].endswith(what)
        assert line["Visit"] == f"{month} months"
        get = lambda q, level: sensitive.need("secondary", q, level, outcome, month)  # noqa: B023, E731
        for arm in sensitive.arms:
            mean = get("mean" if outcome.startswith("pgic") else "mean_change", arm)
            check_interval(line[f"{sensitive.arm(arm)}, mean (95% CI)"], mean, 1)
        check_interval(line["Difference (95% CI)"], get("mean_difference", contrast), 2)
        standardized = get("standardized_difference", contrast)
        check_interval(line["Standardized difference (95% CI)"], standardized, 2)
        assert line["Comparison"] == contrast.replace(":", " vs ")
        assert line["P"] == p_of(sensitive, "secondary", outcome, month, contrast)


def test_scores_are_not_tested_where_the_omnibus_test_is_not_significant(sensitive):
    lines = [line for line in cells(secondary(sensitive)) if line["P"] == "not tested"]
    assert {(line["Outcome"].split(" (")[0], line["Visit"]) for line in lines} == {
        ("Physical function", "12 months")
    }
    assert {line["Omnibus P"] for line in lines} == {".31"} and len(lines) == 3


def test_analyses_of_a_score_stand_side_by_side_or_say_why_not(sensitive):
    table = secondary_analyses(sensitive)
    analyses = ("secondary", "secondary_complete_case", "mmrm")
    keys = [(o, m, c) for o in SCORES for m in sensitive.months for c in sensitive.contrasts]
    for (outcome, month, contrast), line in zip(keys, cells(table), strict=True):
        for place, analysis in enumerate(analyses, start=1):
            text = line[f"{sensitive.analysis(analysis)}: difference (95% CI)"]
            if (analysis, outcome) == ("mmrm", outcomes.NO_MIXED_MODEL):
                assert (text, line[f"P ({place})"]) == ("not estimable", "")
                continue
            row = sensitive.need(analysis, "mean_difference", contrast, outcome, month)
            check_interval(text, row, 2)
            assert line[f"P ({place})"] == p_of(sensitive, analysis, outcome, month, contrast)
    assert (
        "Mixed model for repeated measures, Global impression of change, overall (1-7): not"
        " estimable, the restricted likelihood has no maximum." in table.notes
    )


def test_a_visit_at_which_an_outcome_was_not_measured_says_so(sensitive):
    own = (plan.Visit("3", "Week 13"),)
    measured = tuple(
        plan.replace(o, visits=own) if o.id == "pgic_pain" else o for o in sensitive.plan.outcomes
    )
    planned = plan.replace(sensitive.plan, outcomes=measured)
    table = sensitive.table
    later = (table["outcome"] == "pgic_pain") & table["month"].isin(["6", "12"])
    results = replace(sensitive, plan=planned, table=table[~later])
    lines = [
        line
        for line in cells(secondary(results))
        if line["Outcome"].startswith("Global impression of change, pain")
    ]
    assert [line["Visit"] for line in lines] == ["Week 13"] * 3 + ["6 months", "12 months"]
    for line in lines[3:]:
        assert {line[f"{results.arm(arm)}, mean (95% CI)"] for arm in results.arms} == {
            "not measured"
        }
        assert line["Difference (95% CI)"] == line["P"] == ""
    beside = [
        line
        for line in cells(secondary_analyses(results))
        if line["Outcome"].startswith("Global impression of change, pain")
    ]
    texts = [line["Mixed model for repeated measures: difference (95% CI)"] for line in beside]
    assert texts[3:] == ["not measured"] * 6 and "not measured" not in texts[:3]


def test_a_month_that_an_analysis_left_out_has_no_estimate(sensitive):
    table = sensitive.table
    gone = (table["analysis"] == "mmrm") & (table["outcome"] == "severity")
    results = replace(sensitive, table=table[~(gone & (table["month"] == "12"))])
    lines = cells(secondary_analyses(results))[:9]
    texts = [line["Mixed model for repeated measures: difference (95% CI)"] for line in lines]
    assert texts[6:] == ["no estimate"] * 3 and "no estimate" not in texts[:6]


def test_exploratory_outcomes_have_both_forms_at_their_own_visits(sensitive):
    table = exploratory(sensitive)
    lines, at = cells(table), 0
    heads = list(dict.fromkeys(line["Outcome"] for line in lines))
    assert heads[:2] == [
        "PHQ-8 of 10 or more, % of people; relative risk",
        "PHQ-8 (0-24), change from baseline; standardized difference",
    ]
    assert len(heads) == 2 * len(EXPLORED)
    for outcome in EXPLORED:
        opioid = outcome == "long_term_opioid"
        binary, score = (
            ("opioids", "opioid_days") if opioid else ("exploratory_binary", "exploratory")
        )
        months = ("3", "6", "9", "12") if opioid else ("3", "6", "12")
        for analysis, quantities, (places, scale) in (
            (binary, ("risk", "risk_difference", "risk_ratio"), (1, 100)),
            (score, ("mean_change", "mean_difference", "standardized_difference"), (2, 1)),
        ):
            for month in months:
                for contrast in sensitive.contrasts:
                    line, at = lines[at], at + 1
                    get = lambda q, level: sensitive.need(analysis, q, level, outcome, month)  # noqa: B023, E731
                    for arm in sensitive.arms:
                        row = get(quantities[0], arm)
                        check_interval(line[f"{sensitive.arm(arm)} (95% CI)"], row, 1, scale)
                    difference = get(quantities[1], contrast)
                    check_interval(line["Difference (95% CI)"], difference, places, scale)
                    effect = line["Relative risk or standardized difference (95% CI)"]
                    check_interval(effect, get(quantities[2], contrast), 2)
                    assert line["Visit"] == sensitive.visit(month, outcome)
    assert at == len(lines)
    assert [line["Visit"] for line in lines[-12::3]] == [
        *("Days 1 to 90", "Days 91 to 180", "Days 181 to 270", "Days 271 to 360")
    ]


def test_notes_say_which_direction_is_better(sensitive):
    notes = " ".join(secondary(sensitive).notes)
    below, above = notes.split("Differences above 0 favor the first arm: ")
    assert "Pain severity (BPI, 0-10)" in below and "pain (1-7)" in below
    assert above.startswith("Social roles (T score); Physical function (T score).")
    assert "in Usual care at the visit" in notes
    assert "Secondary outcomes, change in score (prespecified): made for a test of" in notes
    assert "Longest run" not in exploratory(sensitive).notes[2]  # nobody said which is better


def test_a_trial_of_two_arms_whose_outcomes_have_no_role():
    document = plan.read(ROOT / "config/examples/btheb.yaml")
    where = dict(outcome="bdi", month="2")
    rows = [where | dict(analysis="main", quantity="risk", level="program", estimate=0.3)]
    for analysis, shift in (("change", 0.0), ("mmrm", 0.1)):
        own = where | dict(analysis=analysis, method=f"by {analysis}")
        for arm, mean in (("program", -7.2), ("usual", -3.4)):
            mean_row = outcomes.spread(mean + shift, 1.1)
            rows.append(own | dict(quantity="mean_change", level=arm) | mean_row)
        pair = own | dict(level="program:usual", p_value=0.061 - shift / 10)
        rows.append(pair | dict(quantity="mean_difference") | outcomes.spread(-3.8 + shift, 1.7))
        rows.append(pair | dict(quantity="standardized_difference") | outcomes.spread(-0.4, 0.2))
    results = results_of(filled(rows), document)
    assert shows.tables(results.plan)[4:] == ["secondary", "secondary_analyses", "estimands"]
    first, *others = cells(secondary(results))
    assert "Omnibus P" not in first and first["P"] == ".06"
    assert first["Difference (95% CI)"].startswith("-3.80 (")
    assert {line["Beat the Blues, mean (95% CI)"] for line in others} == {"no estimate"}
    beside = cells(secondary_analyses(results))[0]
    assert (beside["P (1)"], beside["P (2)"]) == (".06", ".05")
    assert not any("protected" in note for note in secondary(results).notes)


def test_without_results_there_is_no_row(sensitive):
    beside = {a["id"] for a in outcomes.entries(plan.written(sensitive.plan))}
    results = replace(sensitive, table=sensitive.table[~sensitive.table["analysis"].isin(beside)])
    for make in (secondary, secondary_analyses, exploratory):
        assert make(results).rows == ()
    ids = [section.id for section in report.sensitivity.sections(results, {}, {})]
    assert ids == []


def test_every_number_of_the_new_tables_is_one_of_the_results(sensitive, made):
    known, shares = numbers_of(sensitive), set()
    for row in sensitive:
        of = [n for n in (row.estimate, row.events) if not pd.isna(n) and float(n).is_integer()]
        shares |= {f"{int(n)}/{int(row.n)}" for n in of if not pd.isna(row.n)}
    seen = 0
    for id in NEW:
        for row in made[id].rows:
            for text in row[2:]:
                if re.search(r"[A-Za-z]", text.replace(" to ", "").replace("P = ", "")):
                    continue
                if found := re.match(r"(\d+/\d+)( \([\d.]+\))?", text):
                    assert found[1] in shares, f"{id}: {text}"
                    text, seen = text[found.end() :], seen + 1
                for token in re.findall(r"[<>]?-?[\d.,]*\d", text):
                    assert token in known, f"{id}: {token} of {text!r}"
                    seen += 1
    assert seen > 2500


def test_outcomes_and_analyses_apart_do_not_flood_the_primary_result(sensitive, made):
    for id in ("primary", "sensitivity"):
        heads = {line["Outcome"].split(" responder")[0] for line in cells(made[id])}
        assert heads == {"Pain severity", "Pain intensity", "Pain interference"}
    apart = {a["label"] for a in outcomes.entries(plan.written(sensitive.plan))}
    assert not apart & {line["Analysis"] for line in cells(made["sensitivity"])}


def test_safety_counts_people_and_events_of_the_people_analyzed(sensitive, made):
    lines = {line["Event"]: line for line in cells(made["safety"])}
    assert [*lines] == [*sensitive.words.safety, "Device failures"]
    assert lines["Hospitalization"]["PT, people n/N (%)"] == "55/776 (7.1)"
    assert lines["Hospitalization"]["PT, events"] == "81"
    reported = lines["Patient-reported adverse event"]
    assert (reported["HC, people n/N (%)"], reported["HC, events"]) == ("14/778 (1.8)", "16")
    assert (reported["UC, people n/N (%)"], reported["UC, events"]) == ("0/777 (0.0)", "0")
    other = lines["Device failures"]
    assert (other["PT, people n/N (%)"], other["PT, events"]) == ("—", "4")
    assert not any(column == "P" for column in made["safety"].columns)


def test_sections_stand_in_order_and_say_what_they_are(sensitive, made):
    drawn = {"subgroups": "", "cost_effectiveness": ""}
    sections = report.sensitivity.sections(sensitive, drawn, made)
    assert [section.heading for section in sections] == [
        *("Secondary outcomes", "Exploratory outcomes", "Subgroups", "Mechanisms", "Adherence"),
        *("Safety", "Economics"),
    ]
    assert all(section.sentences for section in sections)
    [statuses, tested] = introductions.secondary(sensitive)
    assert statuses.startswith("Prespecified: Secondary outcomes, change in score. Post hoc: ")
    assert "P of a pair is given where the omnibus test at that visit has P < .05" in tested
    [said] = introductions.exploratory(sensitive)
    assert said.startswith("Exploratory: ") and "no P is adjusted" in said
    [said] = economics_introduction.economics(sensitive)
    assert "US dollars that the plan assumes" in said and "not findings" in said
