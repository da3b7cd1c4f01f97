"""Every row of the whole ARD names its estimand, or the run stops and says which does not."""

import json

import pytest

from trialrr import ard, plan
from trialrr.analyses import estimands

DOCUMENT = plan.read("config/resolve.yaml")
NAMED = json.loads(plan.estimands(plan.parse(DOCUMENT)))


def table(*analyses: str):
    rows = [
        ard.row(analysis=a, quantity="n", method="count", status="prespecified") for a in analyses
    ]
    return ard.frame(rows)


def test_rows_take_the_estimand_of_their_analysis():
    got = estimands.named(table("main", "worst_best_case", "mmrm", "adherence"), NAMED)
    assert got["estimand"].tolist() == [
        "treatment_policy",
        "response_or_nothing",
        "treatment_policy_mean",
        plan.DESCRIPTIVE,
    ]


def test_models_behind_the_primary_analysis_share_its_estimand_and_counts_describe():
    got = estimands.named(table("response_model", "imputation_model", "baseline", "flow"), NAMED)
    primary = plan.parse(DOCUMENT).analysis("main").estimand
    assert got["estimand"].tolist() == [primary, primary, plan.DESCRIPTIVE, plan.DESCRIPTIVE]


def test_an_analysis_without_an_estimand_is_refused_by_name():
    with pytest.raises(ValueError, match="no estimand for adjusted, extra: every result says"):
        estimands.named(table("main", "extra", "adjusted", "extra2"), NAMED | {"extra2": "x"})


def test_every_estimand_of_the_plan_is_aimed_at_by_an_analysis():
    declared = {e["id"] for e in DOCUMENT["estimands"]}
    assert declared == set(NAMED.values()) - {plan.DESCRIPTIVE}
