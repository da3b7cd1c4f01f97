"""Exchangeable Poisson equations against R and statsmodels, and independence as α = 0."""

from functools import cache

import numpy as np
import pytest

from tests.analyses.oracle import EXPECTED, PLAN, data, entry
from tests.estimate.public_trials import trial
from trialrr.analyses.procedure import model
from trialrr.estimate import adjusted
from trialrr.estimate.fit import FitError, modified_poisson
from trialrr.estimate.gee import exchangeable_bread, exchangeable_scores, gee_poisson_exchangeable
from trialrr.estimate.sandwich import covariance, influence

GEEPACK = 1e-3  # moment estimators of alpha differ between programs
SAME_MOMENTS = 1e-8  # statsmodels uses the same ones
SMALL = 0.005  # HC:PT is -.0017 at 3 months, a difference of risks that agree at 1e-6


@cache
def independence():
    return model.fit(entry(missing="complete_case", clusters="person"), "severity", PLAN, data())


@cache
def exchangeable():
    result = independence()
    return gee_poisson_exchangeable(result.outcome, result.fit.design, result.person)


def robust(fit, clusters):
    return covariance(influence(fit.bread, fit.scores), clusters)


def test_correlation_equals_geepack():
    assert exchangeable().alpha == pytest.approx(EXPECTED["exchangeable_alpha"], rel=GEEPACK)


@pytest.mark.parametrize(
    "expected",
    EXPECTED["complete_case_exchangeable"],
    ids=lambda e: f"{e['month']}-{e['quantity']}-{e['level']}",
)
def test_adjusted_risks_and_contrasts_equal_geepack(expected):
    result, fit = independence(), exchangeable()
    matrix, month = robust(fit, result.person), str(expected["month"])
    profiles = {arm: result.profiles[arm, month] for arm in ("UC", "PT", "HC")}
    if expected["quantity"] == "omnibus_wald":
        contrasts = np.array([profiles[arm] - profiles["UC"] for arm in ("PT", "HC")])
        statistic, df, _ = adjusted.wald(contrasts, fit.coef, matrix)
        assert statistic == pytest.approx(expected["estimate"], rel=GEEPACK)
        assert df == expected["df"]
        return
    arms = [profiles[arm] for arm in expected["level"].split(":")]
    got = getattr(adjusted, expected["quantity"])(*arms, fit.coef, matrix)
    near_zero = GEEPACK * SMALL if expected["quantity"] == "risk_difference" else 0
    assert got.estimate == pytest.approx(expected["estimate"], rel=GEEPACK, abs=near_zero)
    assert got.std_error == pytest.approx(expected["se_link"], rel=GEEPACK)


def statsmodels(d, people, weights=None, alpha=None):
    """GEE with Exchangeable(), its own alpha or a given one."""
    from statsmodels.genmod.cov_struct import Exchangeable
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_estimating_equations import GEE

    structure = Exchangeable()
    structure.dep_params = 0.0 if alpha is None else alpha
    arguments = dict(family=Poisson(), cov_struct=structure, update_dep=alpha is None)
    fit = GEE(*d, people, weights=weights, **arguments).fit(ctol=1e-12, maxiter=200)
    assert fit.converged
    return fit


def unbalanced():
    """respiratory, people with 1 to 4 rows: response and design, people, weights of people."""
    d = trial("geepack_respiratory_allvisits")
    rows = np.sort(np.random.default_rng(3).choice(len(d.response), 300, replace=False))
    _, person = np.unique(d.clusters[rows], return_inverse=True)
    return (d.response[rows], d.design[rows]), person, (1 + person % 3).astype(float)


def test_unweighted_equations_equal_statsmodels():
    d, people, _ = unbalanced()
    fit, other = gee_poisson_exchangeable(*d, people), statsmodels(d, people)
    assert fit.alpha == pytest.approx(other.cov_struct.dep_params, rel=SAME_MOMENTS)
    assert fit.coef == pytest.approx(other.params, rel=SAME_MOMENTS)
    error = np.sqrt(np.diag(robust(fit, people)))
    assert error == pytest.approx(other.bse, rel=SAME_MOMENTS)
    assert fit.scores.sum(axis=0) == pytest.approx(np.zeros(6), abs=1e-7)


def test_weighted_equations_equal_statsmodels_at_one_correlation():
    """statsmodels 0.15 gives person k the weight of row k when it estimates alpha, hence ours."""
    d, people, weights = unbalanced()
    fit = gee_poisson_exchangeable(*d, people, weights)
    other = statsmodels(d, people, weights, fit.alpha)
    assert fit.coef == pytest.approx(other.params, rel=SAME_MOMENTS)
    error = np.sqrt(np.diag(robust(fit, people)))
    assert error == pytest.approx(other.bse, rel=SAME_MOMENTS)


def test_weighted_moments_written_out():
    (y, z), people, weights = unbalanced()
    fit = gee_poisson_exchangeable(y, z, people, weights)
    r, n, p = (y - fit.mu) / np.sqrt(fit.mu), len(y), 6
    pairs = [(i, j) for i in range(n) for j in range(i) if people[i] == people[j]]
    products = sum(weights[i] * r[i] * r[j] for i, j in pairs)
    scale = (weights * r**2).sum() / (weights.sum() * (n - p) / n)
    weighted = sum(weights[i] for i, _ in pairs) * (len(pairs) - p) / len(pairs)
    assert fit.scale == pytest.approx(scale, rel=1e-10)
    assert fit.alpha == pytest.approx(products / scale / weighted, rel=1e-8)
    scaled = gee_poisson_exchangeable(y, z, people, 7 * weights)
    assert scaled.alpha == pytest.approx(fit.alpha, rel=1e-8)
    assert scaled.coef == pytest.approx(fit.coef, rel=1e-8)


def test_without_correlation_the_equations_are_those_of_independence():
    d = trial("geepack_respiratory_allvisits")
    fit = modified_poisson(d.response, d.design)
    mu, one = fit.mu, np.ones(len(fit.mu))
    scores = exchangeable_scores(d.response - mu, d.design, mu, d.clusters, 0.0, one)
    assert scores == pytest.approx(fit.scores, abs=1e-12)
    bread = exchangeable_bread(d.design, mu, d.clusters, 0.0, one)
    assert bread == pytest.approx(fit.bread, rel=1e-12)


def test_scores_and_bread_are_those_of_the_matrices():
    (y, z), people, weights = unbalanced()
    mu, alpha = np.random.default_rng(4).uniform(0.1, 0.9, 300), 0.37
    residual = y - mu
    scores = exchangeable_scores(residual, z, mu, people, alpha, np.ones(300))
    bread, direct = exchangeable_bread(z, mu, people, alpha, np.ones(300)), np.zeros((6, 6))
    for p in np.unique(people):
        mine = people == p
        slope, root = mu[mine, None] * z[mine], np.sqrt(mu[mine])
        v = root[:, None] * (alpha + (1 - alpha) * np.eye(mine.sum())) * root
        total = slope.T @ np.linalg.solve(v, residual[mine])
        assert scores[mine].sum(axis=0) == pytest.approx(total, rel=1e-10, abs=1e-10)
        direct += slope.T @ np.linalg.solve(v, slope)
    assert bread == pytest.approx(direct, rel=1e-10)
    weighted = exchangeable_scores(residual, z, mu, people, alpha, weights)
    assert weighted == pytest.approx(weights[:, None] * scores)


def test_rows_may_come_in_any_order_and_clusters_may_be_coarser():
    d = trial("geepack_respiratory_allvisits")
    fit = gee_poisson_exchangeable(d.response, d.design, d.clusters)
    order = np.random.default_rng(1).permutation(len(d.response))
    other = gee_poisson_exchangeable(d.response[order], d.design[order], d.clusters[order])
    assert other.coef == pytest.approx(fit.coef, rel=1e-9)
    assert other.scores == pytest.approx(fit.scores[order], abs=1e-8)
    centre = np.array([c[0] for c in d.clusters])
    assert np.isfinite(robust(fit, centre)).all()


@pytest.mark.filterwarnings("error")
def test_refusals_say_why():
    y, z = np.array([1, 0, 1, 0, 1, 1.0]), np.ones((6, 1))
    people = np.repeat(np.arange(3), 2)
    with pytest.raises(FitError, match="too few to estimate a correlation"):
        gee_poisson_exchangeable(y, z, np.arange(6))
    with pytest.raises(ValueError, match="differ in weight"):
        gee_poisson_exchangeable(y, z, people, np.array([1, 1, 1, 2, 1, 1.0]))
    with pytest.raises(ValueError, match="6 rows but 5 labels"):
        gee_poisson_exchangeable(y, z, people[:5])
    with pytest.raises(FitError, match="no exchangeable correlation matrix"):
        gee_poisson_exchangeable(np.array([1, 0, 1, 0, 1, 0.0]), z, people)
    with pytest.raises(FitError, match="do not differ from their fitted means"):
        gee_poisson_exchangeable(np.ones(6), np.column_stack([z, np.tile([0, 1], 3)]), people)
    with pytest.raises(FitError, match="nothing is left to estimate the dispersion"):
        gee_poisson_exchangeable(np.ones(4), np.eye(4), np.zeros(4))
