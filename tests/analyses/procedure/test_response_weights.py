"""Stabilized and truncated weights through a whole analysis: the stacked covariance against a
numerical derivative of all estimating equations, and what stabilizing must not change."""

import numpy as np
import pytest
from scipy.special import expit, ndtr

from tests.analyses.oracle import PLAN, data, entry
from tests.changes import replace
from trialrr.analyses.procedure.model import fit
from trialrr.analyses.procedure.rows import method_text, result_rows
from trialrr.estimate.fit import FitError

DERIVATIVE = 1e-5  # central differences of a sum over 1,800 rows
STEP = 1e-5
SAME = 1e-8
FILLED = {"missing": "pattern_mixture", "variance": "stacked"}
COMPLETE = {"missing": "complete_case", "variance": "weights_stacked"}
SCHEMES = [
    ("response", None, FILLED),
    ("response_stabilized", None, FILLED),
    ("response", 0.9, COMPLETE),
    ("response_stabilized", 0.9, FILLED),
]


def std_errors_by_differences(result) -> np.ndarray:
    """Standard errors of the whole stack (γ, ν, θ, β): people's estimating functions written out,
    their total differentiated numerically, A⁻¹ B A⁻ᵀ of all parameters at once."""
    n, response = len(result.data.people), result.response
    seen = result.data.seen.astype(float)
    x = result.response_design.values
    arms = x[:, : len(PLAN.arms)]
    z, filled, rows, own = result.fit.design, result.outcome, result.person, result.imputed
    raw = seen / expit(x @ response.fit.coef)
    nu = np.zeros(0)
    if response.numerator is not None:
        nu, raw = response.numerator.coef, raw * expit(arms @ response.numerator.coef)
    kept = response.truncated | (seen == 0)
    scale = response.weights[~kept][0] / raw[~kept][0]
    theta, imputation = np.zeros(0), result.imputation
    if imputation is not None:
        theta, h = imputation.model.fit.coef, imputation.predictors.values
        margin, fitted = imputation.model.margin, imputation.model.fit
        reduction = fitted.residuals + fitted.mu

    def by_person(values, person):
        return np.array([np.bincount(person, column, n) for column in values.T]).T

    def functions(parameters):
        gamma, s, t, beta = np.split(parameters, np.cumsum([x.shape[1], len(nu), len(theta)]))
        parts = [x * (seen - expit(x @ gamma))[:, None]]
        weights = scale * seen / expit(x @ gamma)
        if len(s):
            parts.append(arms * (seen - expit(arms @ s))[:, None])
            weights = weights * expit(arms @ s)
        weights = np.where(response.truncated, response.weights, weights)
        y = filled
        if len(t):
            residual = reduction - fitted.design @ t
            parts.append(by_person(fitted.design * residual[:, None], imputation.observed_person))
            b = imputation.bandwidth
            moved = ndtr((h @ (t - theta) + margin) / b) - ndtr(margin / b)
            y = filled + np.where(own, moved, 0)
        residual = weights[rows] * (y - np.exp(z @ beta))
        return np.hstack([*parts, by_person(z * residual[:, None], rows)])

    at = np.concatenate([response.fit.coef, nu, theta, result.fit.coef])
    steps = STEP * np.eye(len(at))
    bread = -np.array(
        [(functions(at + e).sum(0) - functions(at - e).sum(0)) / (2 * STEP) for e in steps]
    ).T
    labels = np.unique(result.clusters.labels, return_inverse=True)[1]
    influence = np.linalg.solve(bread, functions(at).T).T
    totals = np.array([np.bincount(labels, column) for column in influence.T]).T
    return np.sqrt(np.diag(totals.T @ totals))[-len(result.fit.coef) :]


@pytest.mark.parametrize(("weights", "truncation", "how"), SCHEMES)
def test_the_stack_is_the_numerical_derivative_of_its_equations(weights, truncation, how):
    result = fit(entry(weights=weights, truncation=truncation, **how), "severity", PLAN, data())
    ours = np.sqrt(np.diag(result.covariance.matrix))
    assert ours == pytest.approx(std_errors_by_differences(result), rel=DERIVATIVE)


def test_stabilizing_moves_no_estimate_of_a_model_saturated_in_arm_and_month():
    both = [
        fit(entry(weights=w, covariates=(), **COMPLETE), "severity", PLAN, data())
        for w in ("response", "response_stabilized")
    ]
    assert both[0].fit.coef == pytest.approx(both[1].fit.coef, abs=SAME)
    errors = [np.sqrt(np.diag(r.covariance.matrix)) for r in both]
    assert errors[0] == pytest.approx(errors[1], rel=1e-6)
    adjusted = [
        fit(entry(weights=w, **COMPLETE), "severity", PLAN, data()).fit.coef
        for w in ("response", "response_stabilized")
    ]
    assert np.abs(adjusted[0] - adjusted[1]).max() > SAME


def test_truncated_people_are_counted():
    chosen = entry(weights="response_stabilized", truncation=0.99, **FILLED)
    result = fit(chosen, "severity", PLAN, data())
    rows = {r["quantity"]: r for r in result_rows(result, chosen, "severity", PLAN)}
    expected = int(np.ceil(0.01 * (data().seen.sum() - 1)))
    assert rows["truncated"]["estimate"] == expected == result.response.truncated.sum()
    assert "0.99 quantile" in rows["truncated"]["method"]
    plain = fit(replace(chosen, truncation=None), "severity", PLAN, data())
    quantities = [r["quantity"] for r in result_rows(plain, entry(), "severity", PLAN)]
    assert "truncated" not in quantities
    assert result.response.weights.max() < plain.response.weights.max()


def test_the_method_says_which_weights():
    words = "stabilized inverse-probability-of-response weights, truncated at the 0.99 quantile"
    chosen = entry(weights="response_stabilized", truncation=0.99, **FILLED)
    assert words in method_text(chosen, PLAN).split("; ")
    plain = method_text(entry(weights="response", **FILLED), PLAN).split("; ")
    assert "inverse-probability-of-response weights" in plain


@pytest.mark.filterwarnings("error")
def test_people_never_seen_have_no_rows_where_people_are_weighted():
    """Their weight is 0: they would be counted, and have no working variance for CR2."""
    chosen = entry(missing="worst_best_case", weights="response", covariance="cr2", covariates=())
    result = fit(chosen, "severity", PLAN, data())
    assert data().seen[result.person].all() and (result.fit.weights > 0).all()
    weights, arm = result.response.weights, data().people["arm"].to_numpy()
    for j, month in enumerate(PLAN.months):
        y = np.nan_to_num(data().responder["severity"][:, j])
        own = np.isin(np.arange(len(arm)), result.person) & (arm == "HC")
        risk = np.exp(result.profiles["HC", month] @ result.fit.coef)
        assert risk == pytest.approx(np.average(y[own], weights=weights[own]), rel=1e-8)


def test_an_arm_that_was_seen_whole_is_named_where_no_weights_exist():
    own, arm = data(), data().people["arm"].to_numpy()
    made = replace(own, seen=own.seen | (arm == "HC"))
    with pytest.raises(FitError, match="everybody of arm HC was seen,"):
        fit(entry(missing="complete_case", weights="response"), "severity", PLAN, made)
