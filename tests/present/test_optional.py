"""A page without the sections that a plan may leave out, with an interval at another level, with
estimates that have no interval: it says what is true, and nothing by habit."""

import re
from copy import deepcopy
from math import inf, nan

import pandas as pd
import pytest

from tests.present import small_trial
from tests.present.small_trial import DOCUMENT, document, two_arms, with_models
from tests.present.test_choices import BY_HABIT, words
from trialrr.present import shows
from trialrr.present.formats import latex, rtf
from trialrr.present.kit import style
from trialrr.present.page import figures, tables
from trialrr.present.results import Results
from trialrr.present.shows.described import flow


def text(found: Results, **more) -> str:
    said = words(small_trial.page(found, **more))
    for pattern in BY_HABIT:
        assert not re.search(pattern, said), pattern
    return said


def bare(**sections) -> dict:
    """As little as a plan may say: two arms, one visit, one outcome, no covariates, no labels."""
    made = two_arms(
        visits=[{"month": "1"}],
        outcomes=[{"id": "ache", "baseline": "ache", "threshold": "0.30"}],
        covariates=None,
        models={},
        randomization=None,
        baseline_table=None,
    )
    made["arms"] = [{"id": arm["id"], "clusters": "person"} for arm in made["arms"]]
    made["analyses"][0].pop("label")
    made["analyses"][0]["covariates"] = []
    return {key: value for key, value in (made | sections).items() if value is not None}


def test_a_bare_plan_has_a_page_that_says_what_is_true():
    found = small_trial.results(bare())
    said = text(found)
    assert "The plan asks for no table of characteristics at baseline." in said
    assert "Result Ache, 1: Mint" in said
    assert "Covariates None: crude." in said and "Missing covariates" not in said
    assert "Clusters of the variance Person." in said and "every other arm" not in said
    assert "Comparisons P values" not in said and "Omnibus P" not in said
    assert not re.search("Fisher|Holm|Deviations|Secondary outcomes|ward", said)
    for width in (style.PAGE, style.COLUMN):
        assert all(drawing.svg() for drawing in figures.draw(found, width=width))


def test_a_heading_stands_over_something():
    html = small_trial.page(small_trial.results(bare()))
    assert not re.search(r"</h[23]>\s*(</section>|<h[23])", html)


@pytest.mark.parametrize(("alpha", "level", "below"), [
    ("0.10", "90%", ".10"), ("0.01", "99%", ".01"), ("0.025", "97.5%", ".025"),
])  # fmt: skip
def test_the_level_of_the_plan_stands_at_every_interval(alpha, level, below):
    made = with_models(alpha=alpha, multiplicity="protected_lsd")
    made["analyses"].append(
        {
            **dict(id="boot", kind="bootstrap", label="Again", status="post_hoc", of="main"),
            **dict(estimand="offer", outcomes=["ache"], replicates=400),
        }
    )
    found = small_trial.results(made)
    said = text(found)
    assert f"{level} CI" in said and f"{level} confidence intervals; tests at {below}." in said
    assert f"P < {below};" in said
    assert f"Wilson {level} interval" in said
    every = [said, *(latex.render(t) + rtf.render(t) + t.csv() for t in tables.make(found))]
    for width in (style.PAGE, style.COLUMN):
        for drawing in figures.draw(found, width=width):
            every += [drawing.title, drawing.description]
            every += [t.get_text() for axes in drawing.figure.axes for t in axes.texts]
            for axes in drawing.figure.axes:
                every += [axes.get_xlabel(), axes.get_ylabel()]
    assert not [one for one in every if re.search(r"\b95\s?\\?%|P < \.05", one)]


def test_what_the_arms_share_has_the_word_of_the_plan():
    arms = deepcopy(DOCUMENT["arms"])
    arms[0]["clusters"] = "therapist"
    said = text(small_trial.results(document(arms=arms)))
    assert "Mint gargle: therapist; Salt gargle: ward; every other arm: person." in said
    arms[2]["clusters"] = "ward"
    said = text(small_trial.results(document(arms=arms)))
    assert "Salt gargle: ward; Watchful waiting: ward." in said
    assert "every other arm" not in said
    assert "sandwich CR0 by therapist/ward;" in said


# ------------------------------------------------------------------ estimates without interval


def without(found: Results, reason: str, *levels: str, **cells) -> Results:
    """The results with these rows of the primary analysis changed: no interval and no test, or what
    `cells` say."""
    table = found.table.copy()
    at = (table["analysis"] == "main") & table["level"].isin(levels)
    for column, value in ({k: nan for k in ("lower", "upper", "p_value")} | cells).items():
        table.loc[at, column] = value
    table.loc[at, "reason"] = reason
    return Results(table, found.plan)


def test_an_estimate_without_interval_says_so_and_why():
    found = small_trial.results(document())
    said = text(without(found, "one ward alone", "salt", "salt:wait", "salt:mint"))
    assert re.search(r"Salt gargle \d\d\.\d% \(\d\d/\d\d, no interval\)", said)
    assert re.search(r"Salt gargle vs Watchful waiting 1\.\d\d \(no interval\), no test", said)
    assert "No interval: one ward alone (Day 1, salt; Day 1, salt vs wait" in said
    assert "What failed or was left out" in said
    drawn = figures.draw(without(found, "one ward alone", "salt:wait"))
    forest = next(d for d in drawn if d.id == "forest")
    assert "(no interval)" in forest.description


def test_a_primary_result_without_any_estimate_is_said():
    found = small_trial.results(document())
    kept = found.table[found.table["analysis"] != "main"]
    absent = found.table[found.table["analysis"] == "main"].iloc[:1].assign(
        quantity="not_estimable", level="all", month="", reason="nobody eased in an arm"
    )  # fmt: skip
    empty = Results(pd.concat([kept, absent]), found.plan)
    said = text(empty)
    assert "As planned has no estimate. No estimate: nobody eased in an arm." in said
    assert "has no percentages and no relative risk of Ache eased" in said
    assert not flow.read(empty).primary
    assert all(drawing.svg() for drawing in figures.draw(empty))


def test_equal_risks_need_infinitely_many():
    found = small_trial.results(two_arms())
    table = found.table.copy()
    for quantity, cells in (
        ("risk_difference", dict(estimate=0.0, lower=-0.25, upper=0.25)),
        ("nnt", dict(estimate=inf, lower=4.0, upper=-4.0)),
    ):
        at = (table["analysis"] == "main") & (table["quantity"] == quantity)
        for column, value in cells.items():
            table.loc[at, column] = value
    said = text(Results(table, found.plan))
    assert "∞ (NNT 4 to ∞ to NNH 4)" in said
    table.loc[at, "estimate"] = 1.8e16
    assert ">1,000,000 (NNT 4 to ∞ to NNH 4)" in text(Results(table, found.plan))


def test_an_arm_that_is_absent_at_a_visit_is_a_dash():
    found = small_trial.results(document())
    gone = found.table["month"].eq("8") & found.table["level"].isin(["salt", "salt:wait"])
    kept = Results(found.table[~(gone & found.table["analysis"].eq("main"))], found.plan)
    [line, *_] = [row for row in tables.primary(kept).rows if row[1] == "Day 8"]
    assert line[3] == "—"
    assert text(kept) and all(drawing.svg() for drawing in figures.draw(kept))


# ----------------------------------------------------------------------------------- the flow


@pytest.mark.parametrize(("keys", "rest"), [
    ({}, flow.LEFT_OUT), ({"weights": "response"}, flow.WEIGHTS_ONLY),
    ({"missing": "worst_best_case"}, None),
])  # fmt: skip
def test_who_is_analyzed_is_who_is_in_the_rows_of_the_primary_analysis(keys, rest):
    found = small_trial.results(document(keys))
    read = flow.read(found)
    for arm in found.arms:
        row = found.need("main", "risk", arm, "ache", "1")
        assert read.primary[arm][flow.ANALYZED] == row.n
        assert sum(n for k, n in read.primary[arm].items() if k != flow.IMPUTED) == 60
        assert (rest in read.primary[arm]) == bool(rest)
    drawn = next(d for d in figures.draw(found) if d.id == "participant_flow")
    assert (
        "mint",
        "Analyzed",
        int(found.need("main", "risk", "mint", "ache", "1").n),
    ) in drawn.marks


def test_every_asked_figure_is_shown_or_left_out_without_a_trace():
    found = small_trial.results(bare())
    html = small_trial.page(found)
    for id in shows.figures(found.plan):
        assert f'id="figure-{id}"' in html
