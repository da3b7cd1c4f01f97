"""Changes in score by the trial's linear model: against R, and its stacked variance against the
derivative of the whole stack of equations."""

import numpy as np
import pandas as pd
import pytest

from tests.analyses import small
from tests.analyses.oracle import EXPECTED, MONTHS, PLAN, data, entry
from tests.analyses.procedure.test_against_r import ESTIMATE, P_VALUE, STD_ERROR
from tests.changes import replace
from trialrr import ard
from trialrr.analyses.procedure.data import TrialData
from trialrr.analyses.procedure.model import fit
from trialrr.analyses.procedure.rows import result_rows
from trialrr.estimate.covariance import by_name
from trialrr.missing import stack
from trialrr.plan import Outcome

ENTRIES = {
    "linear_complete_case": entry(model="linear", missing="complete_case"),
    "linear_main_fixed": entry(model="linear", missing="pattern_mixture", weights="response"),
}
STACKED = replace(ENTRIES["linear_main_fixed"], variance="stacked")


def trial() -> TrialData:
    """The golden trial; R modelled the reduction in severity, which is the change turned round."""
    own = data()
    score = pd.to_numeric(own.people["severity_0"]).to_numpy()[:, None] - own.reduction["severity"]
    return replace(
        own, score={"severity": score}, change={"severity": 0.0 - own.reduction["severity"]}
    )


def table(e, plan=PLAN) -> pd.DataFrame:
    rows = result_rows(fit(e, "severity", plan, trial()), e, "severity", plan)
    return ard.frame(rows).set_index(["month", "quantity", "level"]).sort_index()


@pytest.mark.parametrize("key", ENTRIES)
def test_means_differences_and_tests_equal_r(key):
    got = table(ENTRIES[key])
    assert len(EXPECTED[key]) == 21
    for expected in EXPECTED[key]:
        quantity = "mean_change" if expected["quantity"] == "mean" else expected["quantity"]
        cell = (str(expected["month"]), quantity, expected["level"])
        row = got.loc[cell]
        if quantity == "omnibus_wald":
            assert row["statistic"] == pytest.approx(expected["estimate"], rel=STD_ERROR), cell
            assert row["p_value"] == pytest.approx(expected["p"], rel=P_VALUE), cell
            continue
        width = expected["upper"] - expected["lower"]
        assert row["estimate"] == pytest.approx(-expected["estimate"], rel=ESTIMATE), cell
        assert row["std_error"] == pytest.approx(expected["se_link"], rel=STD_ERROR), cell
        assert row["lower"] == pytest.approx(-expected["upper"], abs=STD_ERROR * width), cell
        assert row["upper"] == pytest.approx(-expected["lower"], abs=STD_ERROR * width), cell
        if quantity == "mean_difference":
            assert row["p_value"] == pytest.approx(expected["p"], rel=P_VALUE), cell


@pytest.mark.parametrize("name", ["CR0", "CR1", "CR2", "CR3"])
def test_small_sample_corrections_equal_r(name):
    result = fit(ENTRIES["linear_complete_case"], "severity", PLAN, trial())
    labels = result.clusters.labels[result.person]
    own = by_name(name.lower(), result.fit, labels)
    for expected in (x for x in EXPECTED["small_sample_linear"] if x["type"] == name):
        unit = np.eye(len(result.names))[result.names.index(expected["term"].removeprefix("arm"))]
        assert unit @ result.fit.coef == pytest.approx(-expected["estimate"], rel=ESTIMATE)
        assert np.sqrt(unit @ own.matrix @ unit) == pytest.approx(expected["se"], rel=STD_ERROR)
        df = own.degrees_of_freedom(unit, "satterthwaite")
        assert df == pytest.approx(expected["df_satterthwaite"], rel=1e-5)


def test_a_standardized_difference_is_in_sds_of_the_reference_arm():
    got = table(ENTRIES["linear_main_fixed"])
    own = trial()
    for j, month in enumerate(MONTHS):
        change = own.change["severity"][(own.people["arm"] == "UC").to_numpy(), j]
        sd = np.nanstd(change, ddof=1)
        assert got.loc[(month, "sd_change", "UC"), "estimate"] == pytest.approx(sd, rel=1e-12)
        assert got.loc[(month, "sd_change", "UC"), "n"] == np.isfinite(change).sum()
        for one, other in PLAN.contrasts:
            level = f"{one}:{other}"
            whole = got.loc[(month, "mean_difference", level)]
            scaled = got.loc[(month, "standardized_difference", level)]
            for column in ("estimate", "std_error", "lower", "upper"):
                assert scaled[column] == pytest.approx(whole[column] / sd, rel=1e-12)
            assert scaled["p_value"] == whole["p_value"]
            assert "taken as known" in scaled["method"]


def test_an_outcome_without_a_baseline_is_analyzed_as_a_score():
    bare = replace(PLAN, outcomes=(Outcome("severity"),))
    e = ENTRIES["linear_complete_case"]
    rows = result_rows(fit(e, "severity", bare, trial()), e, "severity", bare)
    quantities = {r["quantity"] for r in rows}
    assert "mean" in quantities and "mean_change" not in quantities


def test_the_stacked_variance_is_that_of_all_equations_together():
    """(γ, θ, β) by one sandwich whose bread is the numerical derivative of the person totals."""
    result = fit(STACKED, "severity", PLAN, trial())
    x, seen = result.response_design.values, result.data.seen.astype(float)
    h, z = result.imputation.predictors.values, result.fit.design
    person, n = result.person, len(result.data.people)
    y, missing = result.outcome, result.imputed
    gamma, theta = result.response.fit.coef, result.imputation.model.fit.coef
    sizes = np.cumsum([len(gamma), len(theta), len(result.fit.coef)])
    mean = (seen / result.response.fit.mu)[seen > 0].mean()

    def totals(parameters):
        g, t, b = np.split(parameters, sizes[:-1])
        pi = 1 / (1 + np.exp(-x @ g))
        filled = np.where(missing, h @ t, y)
        weight = (seen / pi / mean)[person]
        parts = [
            x * (seen - pi)[:, None],
            stack.totals(h * np.where(missing, 0, y - h @ t)[:, None], person, n),
            stack.totals(z * (weight * (filled - z @ b))[:, None], person, n),
        ]
        return np.hstack(parts)

    solved = np.r_[gamma, theta, result.fit.coef]
    at = totals(solved)
    assert np.abs(at.sum(axis=0)).max() < 1e-6
    step = 1e-5
    columns = [
        (totals(solved - e).sum(axis=0) - totals(solved + e).sum(axis=0)) / (2 * step)
        for e in step * np.eye(len(solved))
    ]
    influence = np.linalg.solve(np.column_stack(columns), at.T).T
    labels = np.unique(result.clusters.labels, return_inverse=True)[1]
    by_cluster = stack.totals(influence, labels, labels.max() + 1)[:, sizes[1] :]
    np.testing.assert_allclose(
        result.covariance.matrix, by_cluster.T @ by_cluster, rtol=1e-6, atol=1e-9
    )


def test_imputing_costs_precision():
    fixed, whole = table(ENTRIES["linear_main_fixed"]), table(STACKED)
    for month in MONTHS:
        cell = (month, "mean_difference", "PT:UC")
        assert whole.loc[cell, "estimate"] == fixed.loc[cell, "estimate"]
        assert whole.loc[cell, "std_error"] > fixed.loc[cell, "std_error"]
    assert whole.loc[("3", "mean_change", "PT"), "n_imputed"] == 100
    assert whole["events"].isna().all()


def test_a_level_that_nobody_analyzed_has_is_left_out_and_named():
    """As with outcomes of a health record that one of the sites does not keep."""
    own = trial()
    away = (own.people["site"] == "D").to_numpy()
    change = np.where(away[:, None], np.nan, own.change["severity"])
    e = ENTRIES["linear_complete_case"]
    result = fit(e, "severity", PLAN, replace(own, change={"severity": change}))
    assert result.unused == ("site=D",)
    rest = fit(e, "severity", PLAN, own.take(~away))
    assert result.fit.coef == pytest.approx(rest.fit.coef, rel=1e-10)
    rows = result_rows(result, e, "severity", PLAN)
    (row,) = [r for r in rows if r["quantity"] == "unused_columns"]
    assert row["estimate"] == 1 and row["method"].endswith("left out: site=D")


FAR = (0.0, 1e6, 1e9)
"""Points by which all scores are moved; the last leaves them six digits."""


def differences(response, covariates=()) -> dict:
    """Month → row of the mean difference of two arms of ten people with scores (20, J)."""
    months = ("3", "6")[: response.shape[1]]
    plan = small.plan(("new", "old"), months, covariates)
    columns = {c.id: np.tile(np.arange(10.0), 2) for c in covariates}
    made = small.trial({"new": ([0] * len(months), 10), "old": ([0] * len(months), 10)}, months)
    people = made.people.assign(**columns)
    made = replace(made, people=people, change={"resp": response})
    rows = small.rows(plan, made, model="linear", missing="complete_case")
    return {m: rows[m, "mean_difference", "new:old"] for m in months}


@pytest.mark.parametrize("far", FAR)
def test_a_standard_error_does_not_hang_on_how_far_the_scores_are_from_0(far):
    scores = np.random.default_rng(8).integers(0, 11, (20, 2)) / 4
    plain, moved = differences(scores), differences(scores + far)
    for month, expected in plain.items():
        one, other = scores[:10], scores[10:]
        j = list(plain).index(month)
        byhand = np.sqrt(one[:, j].var() / 10 + other[:, j].var() / 10)
        assert expected["std_error"] == pytest.approx(byhand, rel=1e-12)
        for key in ("estimate", "std_error", "p_value"):
            assert moved[month][key] == pytest.approx(expected[key], rel=1e-4), key


@pytest.mark.parametrize("score", [4.0, 1e6 / 3, 1e-9 / 7])
def test_scores_that_are_all_the_same_have_no_standard_error(score):
    row = differences(np.full((20, 2), score))["3"]
    assert row["estimate"] == 0 and np.isnan([row["std_error"], row["p_value"]]).all()
    assert "do not differ" in row["reason"]


@pytest.mark.parametrize("covariates", [(), (small.covariate("age"),)])
def test_arms_with_the_same_scores_differ_by_exactly_0(covariates):
    scores = np.random.default_rng(3).normal(5, 2, (10, 2)).round(1)
    for row in differences(np.vstack([scores, scores]), covariates).values():
        assert (row["estimate"], row["statistic"], row["p_value"]) == (0, 0, 1)
        assert row["std_error"] > 0.5 and row["upper"] == -row["lower"]
