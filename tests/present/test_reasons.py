"""What stands on the page in place of numbers, intervals and tests, and beside numbers: each thing
once, where it holds, and no test that was not made."""

import re

import pytest

from tests.present import small_trial, written_trial
from tests.present.test_choices import words
from trialrr import ard
from trialrr.present.page import report, tables
from trialrr.present.shows.missing.missing_data import missing_data
from trialrr.present.shows.resampling.repetitions import operating_characteristics
from trialrr.present.words import sentences

WHERE = dict(outcome="ache", month="1", status="prespecified", method="made up")
NAN = float("nan")


def results(*rows: dict, **sections):
    """Results of mint against waiting alone that have just these rows of the primary analysis."""
    given = [{"analysis": "main"} | WHERE | row for row in rows]
    return small_trial.of_rows([ard.row(**r) for r in given], small_trial.two_arms(**sections))


def planned(kind: str, label: str, **keys) -> list[dict]:
    """The plan's analyses with one more, whose id is its kind."""
    entry = dict(id=kind, kind=kind, label=label, status="post_hoc", estimand="offer")
    done_for = {} if kind == "power" else {"outcomes": ["ache"]}
    return [*small_trial.DOCUMENT["analyses"], entry | done_for | keys]


def lone(arm: str) -> str:
    return f"arm {arm} has one ward"


LONE = [
    dict(quantity="risk", level="mint", estimate=0.5, n=30, events=15, reason=lone("mint")),
    dict(quantity="risk", level="wait", estimate=0.2, n=30, events=6, reason=lone("wait")),
    dict(quantity="omnibus_wald", level="all", reason=f"{lone('mint')} and {lone('wait')}"),
    *(
        dict(quantity=q, level="mint:wait", estimate=e, reason=f"{lone('mint')} and {lone('wait')}")
        for q, e in {"risk_ratio": 2.5, "risk_difference": 0.3, "nnt": 1 / 0.3}.items()
    ),
    dict(quantity="odds_ratio", level="mint:wait", reason="no odds"),
]


def test_the_result_without_any_interval_says_each_reason_once():
    assert report.summary(results(*LONE)) == (
        "Ache eased, Day 1: Mint gargle 50.0% (15/30, no interval); Watchful waiting 20.0% (6/30,"
        " no interval). Relative risk: Mint gargle vs Watchful waiting 2.50 (no interval), no test."
        " No interval: arm mint has one ward (Day 1, mint)."
        " No interval: arm wait has one ward (Day 1, wait)."
    )


def test_a_comparison_without_interval_says_why_where_its_arms_do_not():
    rows = [row | {"reason": ""} if row["quantity"] == "risk" else row for row in LONE]
    said = report.summary(results(*rows))
    assert (
        "No interval: arm mint has one ward and arm wait has one ward (Day 1, mint vs wait)."
        in said
    )


def test_an_arm_without_events_is_shown_with_its_people():
    absent = dict(quantity="risk", level="wait", estimate=0.0, n=30, events=0, reason="no event")
    ratio = dict(quantity="risk_ratio", level="mint:wait", reason="no event to divide by")
    said = report.summary(results(LONE[0], absent, ratio))
    assert "Watchful waiting 0.0% (0/30, no interval)" in said
    assert "No estimate: no event to divide by (Day 1, mint vs wait)." in said


def test_what_failed_is_told_once_for_each_place():
    rows = [
        dict(quantity=q, level="mint", estimate=0.5, reason="one ward")
        for q in ("risk", "risk_percentile", "risk_basic")
    ]
    made = tables.failures(results(*rows, *LONE[2:]))
    assert [row[1:3] for row in made.rows] == [
        ("No interval", "Ache eased, Day 1, mint"),
        ("No test", "Ache eased, Day 1"),
        ("No interval", "Ache eased, Day 1, mint vs wait"),
        ("Not estimable", "Ache eased, Day 1, mint vs wait"),
    ]


def test_what_holds_of_a_whole_analysis_is_said_once_and_of_no_place():
    power = dict(analysis="power", outcome="", month="", estimate=0.8, flag="wards are not drawn")
    rows = [power | dict(quantity="power", level=level) for level in ("mint:wait", "any")]
    rows += [power | dict(quantity="trials", level="all", estimate=500.0)]
    found = results(*rows, analyses=planned("power", "Power as planned"))
    assert "Power as planned: wards are not drawn." in (operating_characteristics(found).notes)
    assert [row[1:] for row in tables.failures(found).rows] == [
        ("Warning", "mint vs wait", "", "wards are not drawn."),
        ("Warning", "", "", "wards are not drawn."),
    ]


@pytest.mark.parametrize("kind", ["delta", "informative_odds"])
def test_a_map_without_intervals_has_no_tipping_point(kind):
    cells = dict(analysis=kind, level="mint:wait", method=ard.NO_ESTIMATE)
    row = cells | dict(quantity=ard.ABSENT, reason="no interval on the grid, so no tipping point")
    found = results(*LONE, row, analyses=planned(kind, "The map"))
    said = (sentences.tips if kind == "delta" else sentences.odds_tip)(found)
    assert said == [
        "The map, Mint gargle vs Watchful waiting: no interval on the grid, so no tipping point."
    ]
    assert missing_data(found).rows[0][-1] == "no interval"


def test_specifications_without_a_joint_test_say_so_once():
    kind = "specification_curve"
    cells = dict(analysis=kind, level="mint:wait", reason="nobody varies")
    rows = [cells | dict(quantity=q) for q in ("median_risk_ratio", "share_significant")]
    found = results(*rows, analyses=planned(kind, "All of them"))
    assert sentences.specifications(found) == [
        "Mint gargle vs Watchful waiting. No joint test: nobody varies."
    ]


@pytest.mark.parametrize(
    ("own", "model", "said"),
    [
        ((NAN, NAN), (NAN, NAN), "none by either"),
        ((1.0, 2.0), (NAN, NAN), "1.00 to 2.00 where the model gives none"),
        ((NAN, NAN), (1.1, 2.1), "none where the model gives 1.10 to 2.10"),
    ],
)
def test_a_bootstrap_without_interval_is_said_to_have_none(own, model, said):
    rows = [
        dict(analysis=id, quantity="risk_ratio", level="mint:wait", estimate=1.5)
        | dict(lower=limits[0], upper=limits[1])
        for id, limits in {"bootstrap": own, "main": model}.items()
    ]
    found = results(*rows, analyses=planned("bootstrap", "Again", of="main"))
    assert sentences.bootstrap(found) == [
        f"Again, 95% intervals: Mint gargle vs Watchful waiting {said}."
    ]


def test_the_page_of_a_trial_with_one_cluster_an_arm_claims_no_test():
    text = words(written_trial.page(wards=2))
    assert "Intervals None: no estimate has an interval or a test" in text
    assert "(22/48, no interval)" in text and "no test. No interval: arm early" in text
    for claim in (r"\bP ?[=<]", "tests at", r"\d to \d+\.\d+\)", "Test of all arms"):
        assert not re.search(claim, text), claim
