"""Log-binomial maxima against R and against a general optimizer, inside and on the boundary."""

import numpy as np
import pytest
from scipy.optimize import minimize

from tests.analyses.oracle import EXPECTED
from tests.estimate.public_trials import BUILDERS, trial
from tests.estimate.visit3 import visit3
from trialrr.estimate.covariance import by_name
from trialrr.estimate.fit import FitError
from trialrr.estimate.log_binomial import log_binomial

# The reference stopped at R's default epsilon, early for the slow Fisher scoring of this model:
# the same glm at epsilon = 1e-15 moves to our maximum (values below). On the log scale.
STOPPED_EARLY = 1e-4
# glm(..., binomial("log"), start = <Poisson, inside>, control = glm.control(epsilon = 1e-15))
CONVERGED = {
    "coef": (0.5126260185967, 0.5076676860588),
    "model": (0.0803616037690, 0.0782145744262),
}
CONVERGED["robust"] = (0.0801666851512, 0.0781777093728)
IN_R = 1e-6  # deviance differences of 1e-15 × 2230 still leave 1e-8 to 1e-7 in the coefficients
LIKELIHOOD = 1e-7  # what SLSQP reaches, kept SLACK inside because it oversteps bounds by 1e-8
SLACK = 1e-7

INSIDE = ("indo_rct_sites123_adj", "TODAY_unadjusted", "breastcancer192")
BOUNDARY = [key for key in BUILDERS if key not in INSIDE]


def fitted(key):
    return log_binomial(trial(key).response, trial(key).design)


def deviation(coef, y, z, w):
    eta = np.minimum(z @ coef, -1e-12)
    return -(w * np.where(y == 1, eta, np.log(-np.expm1(eta)))).sum()


def slope(coef, y, z, w):
    eta = np.minimum(z @ coef, -1e-12)
    return -((w * np.where(y == 1, 1.0, -1 / np.expm1(-eta))) @ z)


def test_visit_3_equals_r():
    y, z, _ = visit3()
    fit = log_binomial(y, z)
    assert EXPECTED["visit3_log_binomial_converged"] and not fit.boundary
    assert np.abs(fit.scores.sum(axis=0)).max() < 1e-6
    assert fit.coef[1:3] == pytest.approx(CONVERGED["coef"], rel=IN_R)
    for kind, matrix in (
        ("model", np.linalg.inv(fit.bread)),
        ("robust", by_name("hc0", fit).matrix),
    ):
        golden = EXPECTED[f"visit3_log_binomial_{kind}"]
        error = np.sqrt(np.diag(matrix))[1:3]
        assert fit.coef[1:3] == pytest.approx([g["log_rr"] for g in golden], abs=STOPPED_EARLY)
        assert error == pytest.approx([g["se"] for g in golden], abs=STOPPED_EARLY)
        assert error == pytest.approx(CONVERGED[kind], rel=IN_R)


@pytest.mark.parametrize("key", BUILDERS)
def test_no_other_point_of_the_domain_is_likelier(key):
    y, z = trial(key).response, trial(key).design
    fit, w = fitted(key), np.ones(len(y))
    inside = np.linalg.lstsq(z, np.full(len(y), -0.2), rcond=None)[0]
    other = minimize(
        deviation,
        fit.coef * 0.9 + inside * 0.1,
        (y, z, w),
        jac=slope,
        method="SLSQP",
        constraints={"type": "ineq", "fun": lambda b: -z @ b - SLACK, "jac": lambda b: -z},
        options={"maxiter": 500, "ftol": 1e-12},
    )
    assert deviation(fit.coef, y, z, w) == pytest.approx(-fit.log_likelihood, rel=1e-9)
    assert (z @ other.x).max() <= 0 and -fit.log_likelihood <= other.fun + 1e-9
    assert -fit.log_likelihood == pytest.approx(other.fun, rel=LIKELIHOOD)


@pytest.mark.parametrize("key", BOUNDARY)
def test_maximum_on_the_boundary_is_said(key):
    fit = fitted(key)
    assert fit.boundary and fit.mu.max() == 1
    assert (fit.mu[fit.at_boundary] == 1).all() and (fit.mu[~fit.at_boundary] < 1).all()
    assert (trial(key).response[fit.at_boundary] == 1).all()
    assert np.isnan(fit.bread).all()


@pytest.mark.parametrize("key", BOUNDARY)
def test_scores_on_the_boundary_push_outwards_only(key):
    """Karush, Kuhn and Tucker: Σ s_i is a non-negative combination of the rows at a risk of 1."""
    from scipy.optimize import nnls

    fit = fitted(key)
    _, rest = nnls(np.unique(fit.design[fit.at_boundary], axis=0).T, fit.scores.sum(axis=0))
    assert rest < 1e-7 * np.abs(fit.scores).sum()


@pytest.mark.parametrize("key", INSIDE)
def test_scores_inside_sum_to_zero(key):
    fit = fitted(key)
    assert not fit.boundary and not fit.at_boundary.any() and fit.mu.max() < 1
    assert fit.scores.sum(axis=0) == pytest.approx(np.zeros(len(fit.coef)), abs=1e-7)
    assert fit.scores == pytest.approx(fit.residuals[:, None] * fit.design)
    assert fit.bread == pytest.approx((fit.design * fit.information[:, None]).T @ fit.design)


def test_saturated_model_has_the_observed_risks_and_their_variance():
    fit = fitted("TODAY_unadjusted")
    risks = np.exp(fit.coef[0] + np.array([0, fit.coef[1], fit.coef[2]]))
    assert risks == pytest.approx([120 / 232, 90 / 233, 109 / 234], rel=1e-9)
    expected = 1 / 90 - 1 / 233 + 1 / 120 - 1 / 232
    assert np.linalg.inv(fit.bread)[1, 1] == pytest.approx(expected, rel=1e-8)


def test_an_arm_in_which_everybody_had_the_event_is_on_the_boundary():
    z = np.column_stack([np.ones(9), np.repeat([0, 1], [5, 4])])
    fit = log_binomial(np.array([1, 0, 0, 1, 0, 1, 1, 1, 1]), z)
    assert fit.at_boundary.tolist() == [False] * 5 + [True] * 4
    assert fit.coef == pytest.approx([np.log(0.4), -np.log(0.4)], rel=1e-9)


def test_everybody_with_the_event_has_a_risk_of_one():
    fit = log_binomial(np.ones(6), np.column_stack([np.ones(6), np.arange(6)]))
    assert fit.at_boundary.all() and fit.log_likelihood == pytest.approx(0, abs=1e-12)


def test_refusals_say_why():
    z = np.column_stack([np.ones(6), [0, 0, 0, 1, 1, 1]])
    with pytest.raises(FitError, match="separated"):
        log_binomial(np.array([1, 0, 1, 0, 0, 0]), z)
    with pytest.raises(ValueError, match="response is 2 in row 1"):
        log_binomial(np.array([1, 2, 1, 0, 0, 1]), z)
    with pytest.raises(ValueError, match="not positive in row 5"):
        log_binomial(np.array([1, 0, 1, 0, 0, 1]), z, np.array([1, 1, 1, 1, 1, 0]))
    with pytest.raises(FitError, match="rank 1"):
        log_binomial(np.array([1, 0, 1, 0, 0, 1]), np.ones((6, 2)))
    # no intercept: rows (1) and (-1) cannot both have a risk below 1
    with pytest.raises(FitError, match="no coefficients"):
        log_binomial(np.array([1, 0, 1, 0]), np.array([[1.0], [1], [-1], [-1]]))
