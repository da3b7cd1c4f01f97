"""Quasi-score intervals against R, against a closed form, and against their own definition."""

import json
from math import inf
from pathlib import Path

import numpy as np
import pytest
from scipy.special import chdtri

from tests.estimate.public_trials import trial
from trialrr.estimate.covariance import by_name
from trialrr.estimate.fit import FitError, modified_poisson
from trialrr.estimate.quasi_score import PoissonEquations, interval

STORED = json.loads((Path(__file__).parents[1] / "oracle" / "quasi_score.json").read_text("utf-8"))
LIMIT = 2e-8  # ours are exact to 1e-8, R's to 1e-11
EXACT = 1e-10
CONTRASTS = {
    ("strep_tb_adj", "arm"): {"Strep": 1},
    ("BtheB_8m_resp50", "arm"): {"BtheB": 1},
    ("geepack_respiratory_allvisits", "arm"): {"treatA": 1},
    ("TODAY_unadjusted", "rosi"): {"rosi": 1},
    ("TODAY_unadjusted", "lifestyle"): {"life": 1},
    ("TODAY_unadjusted", "lifestyle_rosi"): {"life": 1, "rosi": -1},
}


def prepared(y, x, clusters, weights=None):
    """The model, the coefficients of its fit and their Wald covariance."""
    fit = modified_poisson(y, x, weights)
    index = np.unique(clusters, return_inverse=True)[1]
    return (
        PoissonEquations(x, y, fit.weights, index),
        fit.coef,
        by_name("cr0", fit, clusters).matrix,
    )


def solved(model, contrast, coef, covariance, alpha=0.05):
    return interval(model, contrast, coef, np.sqrt(contrast @ covariance @ contrast), alpha)


@pytest.mark.parametrize(("name", "key"), CONTRASTS)
def test_limits_statistic_and_p_equal_r(name, key):
    t, expected = trial(name), STORED[name][key]
    contrast = np.zeros(len(t.names))
    for column, value in CONTRASTS[name, key].items():
        contrast[t.names.index(column)] = value
    model, coef, covariance = prepared(t.response, t.design, t.clusters)
    found = solved(model, contrast, coef, covariance)
    assert contrast @ coef == pytest.approx(expected["estimate"], abs=LIMIT)
    assert found.lower == pytest.approx(expected["lower"], abs=LIMIT)
    assert found.upper == pytest.approx(expected["upper"], abs=LIMIT)
    assert found.statistic**2 == pytest.approx(expected["statistic"], rel=EXACT)
    assert found.p_value == pytest.approx(expected["p"], rel=EXACT)
    assert np.sign(found.statistic) == np.sign(expected["estimate"])


@pytest.fixture(scope="module")
def breathing():
    t = trial("geepack_respiratory_allvisits")
    weights = 0.5 + np.arange(len(t.response)) % 7 / 7
    return prepared(t.response, t.design, t.clusters, weights)


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.3])
def test_the_statistic_equals_the_quantile_at_the_limits(breathing, alpha):
    model, coef, covariance = breathing
    contrast = np.array([0, 1.0, -0.5, 0, 0, 0])
    found = solved(model, contrast, coef, covariance, alpha)
    assert found.lower < contrast @ coef < found.upper
    for value in (found.lower, found.upper):
        score = model.score(contrast, value, coef)
        assert score.root**2 == pytest.approx(chdtri(1, alpha), rel=1e-6)
        assert contrast @ score.coef == pytest.approx(value, abs=EXACT)
        mu = np.exp(model.design @ score.coef)
        total = (model.weights * (model.outcome - mu)) @ model.design
        multiplier = total[1] / contrast[1]
        assert total == pytest.approx(multiplier * contrast, abs=1e-7)


def test_scale_of_weights_and_contrast_change_nothing(breathing):
    model, coef, covariance = breathing
    contrast = np.eye(6)[1]
    found = solved(model, contrast, coef, covariance)
    other = PoissonEquations(model.design, model.outcome, 3 * model.weights, model.clusters)
    scaled = solved(other, contrast, coef, covariance)
    assert (scaled.lower, scaled.upper) == pytest.approx((found.lower, found.upper), abs=LIMIT)
    double = solved(model, 2 * contrast, coef, covariance)
    assert double.lower == pytest.approx(2 * found.lower, abs=2 * LIMIT)
    mirrored = solved(model, -contrast, coef, covariance)
    assert mirrored.lower == pytest.approx(-found.upper, abs=LIMIT)
    assert mirrored.statistic == pytest.approx(-found.statistic, rel=EXACT)


def two_by_two(a, n1, c, n0):
    y = np.repeat([1.0, 0, 1, 0], [a, n1 - a, c, n0 - c])
    arm = np.repeat([1.0, 0], [n1, n0])
    return y, np.column_stack([np.ones_like(arm), arm])


def closed_form(a, n1, c, n0, value):
    """T of two arms: common mean under μ₁ = e^ψ μ₀, Σ (y - μ)² = a (1 - 2μ) + n μ²."""
    low = (a + c) / (n1 * np.exp(value) + n0)
    high = low * np.exp(value)
    toward = (a - n1 * high) / (n1 * high) - (c - n0 * low) / (n0 * low)
    spread = (a * (1 - 2 * high) + n1 * high**2) / (n1 * high) ** 2
    spread += (c * (1 - 2 * low) + n0 * low**2) / (n0 * low) ** 2
    return toward**2 / spread


@pytest.mark.parametrize("counts", [(30, 100, 18, 90), (7, 20, 9, 25), (200, 220, 10, 50)])
def test_two_arms_without_covariates_have_a_closed_form(counts):
    y, x = two_by_two(*counts)
    model, coef, covariance = prepared(y, x, np.arange(len(y)))
    found = solved(model, np.array([0, 1.0]), coef, covariance)
    assert found.statistic**2 == pytest.approx(closed_form(*counts, 0.0), rel=EXACT)
    for value in (found.lower, found.upper):
        assert closed_form(*counts, value) == pytest.approx(chdtri(1, 0.05), rel=1e-6)


def test_large_samples_make_it_the_wald_interval():
    y, x = two_by_two(30000, 100000, 20000, 100000)
    model, coef, covariance = prepared(y, x, np.arange(len(y)))
    found = solved(model, np.array([0, 1.0]), coef, covariance)
    half = np.sqrt(chdtri(1, 0.05) * covariance[1, 1])
    assert (found.lower, found.upper) == pytest.approx((coef[1] - half, coef[1] + half), abs=2e-4)


def test_too_few_events_leave_a_limit_infinite():
    y, x = two_by_two(3, 40, 15, 40)  # Σs²/B → events of the arm as its risk goes to 0: 3 < 3.84
    model, coef, covariance = prepared(y, x, np.arange(len(y)))
    found = solved(model, np.array([0, 1.0]), coef, covariance)
    assert found.lower == -inf and np.isfinite(found.upper)
    assert max(closed_form(3, 40, 15, 40, value) for value in np.linspace(-30, -5, 50)) < 3.84


def test_equations_without_a_solution_are_refused():
    y, x = two_by_two(3, 40, 15, 40)
    model = PoissonEquations(x, y, np.ones(len(y)), np.arange(len(y)))
    with pytest.raises(FitError, match="not solved"):
        model.score(np.array([0, 1.0]), np.nan, np.zeros(2))
