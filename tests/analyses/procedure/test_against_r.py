"""The trial's statistical plan against R on a simulated trial (tests/goldens/README.md)."""

import numpy as np
import pandas as pd
import pytest

from tests.analyses.oracle import EXPECTED, MONTHS, PLAN, data, entry
from trialrr import ard
from trialrr.analyses.procedure.model import fit
from trialrr.analyses.procedure.rows import result_rows
from trialrr.estimate import adjusted
from trialrr.estimate.covariance import by_name
from trialrr.estimate.fit import linear

ESTIMATE = 1e-8  # R converged at 1e-14, statsmodels at 1e-14: what is left is rounding
STD_ERROR = 1e-6  # the printed reference values carry 13 digits; a sandwich loses a few
P_VALUE = 1e-5  # a p-value of 1e-14 magnifies the error of its z by z² = 60

FILLED = {"missing": "pattern_mixture", "weights": "response"}
ENTRIES = {
    "main_fixed": entry(**FILLED),
    "main_weights_stacked": entry(**FILLED, variance="weights_stacked"),
    "main_person_fixed": entry(**FILLED, clusters="person"),
    "complete_case": entry(missing="complete_case"),
    "complete_case_person": entry(missing="complete_case", clusters="person"),
    "unadjusted": entry(missing="complete_case", covariates=()),
    "unadjusted_person": entry(missing="complete_case", covariates=(), clusters="person"),
    "worst_best_case": entry(missing="worst_best_case"),
}


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    out = {}
    for key, e in ENTRIES.items():
        rows = result_rows(fit(e, "severity", PLAN, data()), e, "severity", PLAN)
        out[key] = ard.frame(rows).set_index(["month", "quantity", "level"]).sort_index()
    return out


@pytest.mark.parametrize("key", ENTRIES)
def test_risks_ratios_differences_and_tests_equal_r(tables, key):
    assert len(EXPECTED[key]) == 30
    for expected in EXPECTED[key]:
        cell = (str(expected["month"]), expected["quantity"], expected["level"])
        got = tables[key].loc[cell]
        if expected["quantity"] == "omnibus_wald":
            assert got["statistic"] == pytest.approx(expected["estimate"], rel=STD_ERROR), cell
            assert got["df"] == expected["df"] == 2
            assert got["p_value"] == pytest.approx(expected["p"], rel=P_VALUE), cell
            continue
        assert got["estimate"] == pytest.approx(expected["estimate"], rel=ESTIMATE), cell
        assert got["std_error"] == pytest.approx(expected["se_link"], rel=STD_ERROR), cell
        for limit in ("lower", "upper"):
            # relative to the width of the interval: a limit may be near zero
            width = expected["upper"] - expected["lower"]
            assert got[limit] == pytest.approx(expected[limit], abs=STD_ERROR * width), cell
        if expected["quantity"] == "risk_ratio":
            assert got["p_value"] == pytest.approx(expected["p"], rel=P_VALUE), cell


def test_counts_of_observed_responders(tables):
    for expected in EXPECTED["counts"].values():
        got = tables["unadjusted"].loc[(str(expected["month"]), "risk", expected["arm"])]
        assert (got["events"], got["n"]) == (expected["responders"], expected["observed"])


def test_imputed_rows_and_responders():
    result = fit(ENTRIES["main_fixed"], "severity", PLAN, data())
    expected = EXPECTED["imputed"]
    assert len(result.outcome) == expected["rows"]
    assert result.imputed.sum() == expected["imputed"]
    assert result.outcome[result.imputed].sum() == expected["imputed_responders"]


def test_weights():
    weights = fit(ENTRIES["main_fixed"], "severity", PLAN, data()).response.weights
    used = weights[weights > 0]
    q1, median, q3 = np.percentile(used, [25, 50, 75])
    got = {
        "Min.": used.min(),
        "1st Qu.": q1,
        "Median": median,
        "Mean": used.mean(),
        "3rd Qu.": q3,
        "Max.": used.max(),
        "sd": used.std(ddof=1),
    }
    assert got == pytest.approx(EXPECTED["weights"], rel=ESTIMATE)


@pytest.mark.parametrize("model", ["weights", "imputation", "main"])
def test_coefficients(model):
    result = fit(ENTRIES["main_fixed"], "severity", PLAN, data())
    names, coef = {
        "weights": (result.response_design.names, result.response.fit.coef),
        "imputation": (result.imputation.predictors.names, result.imputation.model.fit.coef),
        "main": (result.names, result.fit.coef),
    }[model]
    got = dict(zip(map(_in_r, names), coef, strict=True))
    assert got == pytest.approx(EXPECTED["coef"][model], rel=ESTIMATE)


def _in_r(name: str) -> str:
    """Our name of a term as R writes it: PT → armPT, site=B → siteB."""
    parts = [f"arm{p}" if p in ("PT", "HC") else p for p in name.split(":")]
    return ":".join(parts).replace("=", "").replace("intercept", "(Intercept)")


def test_ratios_of_the_three_pairs_multiply(tables):
    for month in MONTHS:
        ratio = tables["main_fixed"]["estimate"].loc[month, "risk_ratio"]
        assert ratio["HC:PT"] * ratio["PT:UC"] == pytest.approx(ratio["HC:UC"], rel=1e-12)


def test_rows_make_a_valid_ard(tables):
    for key, e in ENTRIES.items():
        rows = result_rows(fit(e, "severity", PLAN, data()), e, "severity", PLAN)
        ard.check(ard.frame(rows))
        assert len(tables[key]) == len(rows)


EXCHANGEABLE = 1e-3  # programs differ in the moment estimator of the working correlation


def test_exchangeable_working_correlation():
    e = entry(missing="complete_case", working="exchangeable", clusters="person")
    result = fit(e, "severity", PLAN, data())
    got = ard.frame(result_rows(result, e, "severity", PLAN))
    got = got.set_index(["month", "quantity", "level"]).sort_index()
    alpha = got.loc[("", "working_correlation", "all"), "estimate"]
    assert alpha == pytest.approx(EXPECTED["exchangeable_alpha"], rel=EXCHANGEABLE)
    for expected in EXPECTED["complete_case_exchangeable"]:
        cell = (str(expected["month"]), expected["quantity"], expected["level"])
        if expected["quantity"] == "omnibus_wald":
            assert got.loc[cell, "statistic"] == pytest.approx(expected["estimate"], rel=1e-2)
            continue
        close = {"rel": EXCHANGEABLE, "abs": 1e-4}
        assert got.loc[cell, "estimate"] == pytest.approx(expected["estimate"], **close)
        assert got.loc[cell, "std_error"] == pytest.approx(expected["se_link"], rel=EXCHANGEABLE)


@pytest.mark.parametrize("key", ["linear_complete_case", "linear_main_fixed"])
def test_linear_model_of_the_reduction(key):
    """Same design, weights and clusters, the reduction in score in place of the responder."""
    result = fit(ENTRIES[key.removeprefix("linear_")], "severity", PLAN, data())
    reduction = data().reduction["severity"][result.person, result.visit]
    if result.imputation:
        predicted = result.imputation.predictors.values @ result.imputation.model.fit.coef
        reduction = np.where(np.isnan(reduction), predicted, reduction)
    model = linear(reduction, result.fit.design, result.fit.weights)
    cov = by_name("cr0", model, result.clusters.labels[result.person]).matrix
    for expected in EXPECTED[key]:
        month = str(expected["month"])
        if expected["quantity"] == "omnibus_wald":
            rows = [result.profiles[a, month] - result.profiles["UC", month] for a in ("PT", "HC")]
            got = adjusted.wald(np.array(rows), model.coef, cov)
            assert got[0] == pytest.approx(expected["estimate"], rel=STD_ERROR)
            continue
        one, _, other = expected["level"].partition(":")
        contrast = result.profiles[one, month]
        contrast = contrast - result.profiles[other, month] if other else contrast
        got = adjusted.linear_combination(contrast, model.coef, cov)
        assert got.estimate == pytest.approx(expected["estimate"], rel=ESTIMATE, abs=1e-10)
        assert got.std_error == pytest.approx(expected["se_link"], rel=STD_ERROR)
