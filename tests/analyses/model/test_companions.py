"""Plain companions against statsmodels and hand counts."""

import numpy as np
import pytest
from scipy.stats import fisher_exact
from statsmodels.stats.contingency_tables import StratifiedTable

from tests.analyses.oracle import MONTHS, PLAN, data, entry
from tests.changes import replace
from trialrr.analyses.model.companions import companion_rows
from trialrr.analyses.procedure.model import fit

ENTRY = entry(missing="complete_case", covariates=(), companions="site")


@pytest.fixture(scope="module")
def rows():
    result = fit(ENTRY, "severity", PLAN, data())
    made = companion_rows(result, ENTRY, "severity", PLAN)
    return {(r["month"], r["quantity"], r["level"]): r for r in made}


def tables(month: int) -> list[np.ndarray]:
    """HC against UC by site, [[events, others], [events, others]]."""
    people, y = data().people, data().responder["severity"][:, month]
    return [
        np.array(
            [
                [int((y[(people["arm"] == a) & (people["site"] == s)] == v).sum()) for v in (1, 0)]
                for a in ("HC", "UC")
            ]
        )
        for s in "ABCD"
    ]


@pytest.mark.parametrize("month", range(3))
def test_against_other_programs(rows, month):
    strata = tables(month)
    pooled = StratifiedTable(strata)
    key = MONTHS[month]
    got = rows[key, "fisher_exact", "HC:UC"]
    assert got["p_value"] == pytest.approx(fisher_exact(sum(strata)).pvalue, rel=1e-9)
    assert (got["n"], got["events"]) == (sum(strata).sum(), sum(strata)[:, 0].sum())
    got = rows[key, "mantel_haenszel_risk_ratio", "HC:UC"]
    assert got["estimate"] == pytest.approx(pooled.riskratio_pooled, rel=1e-10)
    test = pooled.test_null_odds(correction=False)
    got = rows[key, "cochran_mantel_haenszel", "HC:UC"]
    assert got["statistic"] == pytest.approx(test.statistic, rel=1e-9)
    assert got["p_value"] == pytest.approx(test.pvalue, rel=1e-9)


def test_what_counts_cannot_give_says_why():
    result = fit(ENTRY, "severity", PLAN, data())
    nobody = replace(result, outcome=np.zeros_like(result.outcome))
    rows = companion_rows(nobody, ENTRY, "severity", PLAN)
    assert len(rows) == 27
    assert all(np.isnan(r["estimate"]) and np.isnan(r["p_value"]) for r in rows)
    assert all("event" in r["reason"] and "event" not in r["method"] for r in rows)


def test_people_who_share_a_cluster_are_told_of(rows):
    for (_, _, level), row in rows.items():
        told = "those of arm HC share a coach" in row["flag"]
        assert told == ("HC" in level) == bool(row["flag"])
    alone = replace(ENTRY, clusters="person")
    made = companion_rows(fit(alone, "severity", PLAN, data()), alone, "severity", PLAN)
    assert not any(row["flag"] for row in made)


def test_with_one_cluster_nothing_is_tested_and_the_ratio_stands(rows):
    trial = data()
    people = trial.people.assign(cluster=np.where(trial.people["arm"] == "HC", "one", None))
    trial = replace(trial, people=people)
    made = companion_rows(fit(ENTRY, "severity", PLAN, trial), ENTRY, "severity", PLAN)
    for row in made:
        before = rows[row["month"], row["quantity"], row["level"]]
        np.testing.assert_array_equal(row["estimate"], before["estimate"])
        if "HC" in row["level"]:
            assert "arm HC has one cluster" in row["reason"] and not row["flag"]
            gone = ("std_error", "lower", "upper", "statistic", "p_value")
            assert np.isnan([row[name] for name in gone]).all()
        else:
            assert row["p_value"] == before["p_value"] and not row["reason"]


def test_only_where_the_plan_asks():
    result = fit(entry(missing="complete_case"), "severity", PLAN, data())
    assert companion_rows(result, entry(missing="complete_case"), "severity", PLAN) == []
