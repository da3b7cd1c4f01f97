"""Modified Poisson on seven real trials against R, and on Stata's own example against Stata.

One matrix: trial × quantity. R 4.2.2 (sandwich, clubSandwich, saws) printed the values of
tests/goldens/public_trials.json; Stata's ship in the statsmodels wheel.
"""

import numpy as np
import pytest

from tests.estimate.public_trials import GOLDENS, trial
from trialrr.estimate import standardized
from trialrr.estimate.covariance import by_name
from trialrr.estimate.fit import GlmFit, modified_poisson
from trialrr.estimate.fit import poisson as of_counts

ESTIMATE = 1e-8  # R converged at 1e-14, statsmodels at 1e-14: what is left is rounding
STD_ERROR = 1e-6  # a sandwich loses some digits; the worst seen is 1e-13
STATA = 1e-5  # Stata's `generate` kept the log of a covariate in single precision

BY_ROW = ("hc0", "hc1", "hc2", "hc3")
CLUSTERED = [(k, name) for k, g in GOLDENS.items() for name in g.get("cluster", ())]
PAIRS = [(k, pair) for k, g in GOLDENS.items() for pair in g["pairwise"]]

trials = pytest.mark.parametrize("key", GOLDENS)


def poisson(key: str) -> GlmFit:
    return modified_poisson(trial(key).response, trial(key).design)


def risks(key: str) -> standardized.Standardized:
    fit = poisson(key)
    return standardized.fixed_covariates(
        trial(key).profiles(), fit.coef, by_name("hc0", fit).matrix, "log"
    )


def std_errors(matrix) -> list[float]:
    return np.sqrt(np.diag(matrix)).tolist()


@trials
def test_design_is_the_one_of_the_golden(key):
    golden = GOLDENS[key]
    assert (len(trial(key).response), list(trial(key).names)) == (golden["n"], golden["names"])
    assert list(trial(key).arms) == list(golden["risk"])


@trials
def test_coefficients_and_naive_errors(key):
    fit, golden = poisson(key), GOLDENS[key]
    assert fit.coef == pytest.approx(golden["coef"], rel=ESTIMATE)
    assert std_errors(np.linalg.inv(fit.bread)) == pytest.approx(golden["se_naive"], rel=STD_ERROR)


@pytest.mark.parametrize("name", BY_ROW)
@trials
def test_robust_errors_by_row(key, name):
    got = std_errors(by_name(name, poisson(key)).matrix)
    assert got == pytest.approx(GOLDENS[key][f"se_{name.upper()}"], rel=STD_ERROR)


@pytest.mark.parametrize(("key", "name"), CLUSTERED)
def test_robust_errors_by_cluster(key, name):
    got = by_name(name.lower(), poisson(key), trial(key).clusters)
    assert got.n_clusters == GOLDENS[key]["n_clusters"]
    assert std_errors(got.matrix) == pytest.approx(GOLDENS[key]["cluster"][name], rel=STD_ERROR)


@trials
def test_fitted_risks_above_one(key):
    fit, golden = poisson(key), GOLDENS[key]
    assert (fit.mu > 1).sum() == golden["n_fitted_gt1"]
    assert fit.mu.max() == pytest.approx(golden["max_fitted"], rel=ESTIMATE)


@trials
def test_standardized_risks(key):
    got, golden = risks(key), GOLDENS[key]
    assert got.risks == pytest.approx(list(golden["risk"].values()), rel=ESTIMATE)
    errors = list(golden["risk_se_HC0_fixedX"].values())
    assert std_errors(got.covariance) == pytest.approx(errors, rel=STD_ERROR)
    for arm, error in enumerate(errors):
        one = standardized.risk(got, arm, scale="identity")
        assert (one.estimate, one.std_error) == pytest.approx((got.risks[arm], error), rel=1e-6)


@pytest.mark.parametrize(("key", "pair"), PAIRS)
def test_contrasts_of_every_pair_of_arms(key, pair):
    got, golden = risks(key), GOLDENS[key]["pairwise"][pair]
    one, other = (list(trial(key).arms).index(arm) for arm in pair.split("|"))
    ratio = standardized.risk_ratio(got, one, other)
    difference = standardized.risk_difference(got, one, other)
    assert np.log(ratio.estimate) == pytest.approx(golden["log_rr"], rel=ESTIMATE)
    assert ratio.std_error == pytest.approx(golden["se_log_rr"], rel=STD_ERROR)
    assert difference.estimate == pytest.approx(golden["rd"], rel=ESTIMATE)
    assert difference.std_error == pytest.approx(golden["se_rd"], rel=STD_ERROR)


def test_the_goldens_hold_what_the_matrix_says():
    assert (len(GOLDENS), len(CLUSTERED), len(PAIRS)) == (7, 7, 11)
    for golden in GOLDENS.values():
        assert {f"se_{name.upper()}" for name in BY_ROW} <= set(golden)


def executions():
    """Stata's example: executions in 17 states, with weights and groups of states."""
    from statsmodels.datasets.cpunish import load_pandas

    d = load_pandas().data
    columns = [d["INCOME"], d["PERPOVERTY"], d["PERBLACK"], np.log(d["VC100k96"]), d["SOUTH"]]
    design = np.column_stack([*columns, d["DEGREE"], np.ones(len(d))]).astype(float)
    weights = np.array([1, 1, 1, 2, 2, 2, 3, 3, 3, 1, 1, 1, 2, 2, 2, 3, 3])
    return d["EXECUTIONS"].to_numpy(float), design, weights, np.arange(1, 18) // 2


@pytest.mark.parametrize("weighting", ["none", "fweight", "pweight"])
@pytest.mark.parametrize(("stored", "name"), [("hc1", "stata"), ("clu1", "cr1")])
def test_robust_errors_equal_stata(weighting, stored, name):
    """`glm, family(poisson) vce(robust)` is HC0 × √(n/(n-1)), `vce(cluster id)` is CR1; an fweight
    counts copies of a row, a pweight weighs it."""
    from statsmodels.genmod.tests.results import results_glm_poisson_weights as stata

    golden = getattr(stata, f"results_poisson_{weighting}_{stored}")
    response, design, weights, clusters = executions()
    rows = np.repeat(np.arange(17), weights if weighting == "fweight" else 1)
    fit = of_counts(
        response[rows], design[rows], weights.astype(float) if weighting == "pweight" else None
    )
    got = by_name(name, fit, clusters[rows])
    assert fit.coef == pytest.approx(golden.params_table[:, 0], rel=STATA)
    assert std_errors(got.matrix) == pytest.approx(golden.params_table[:, 1], rel=STATA)
