"""Posterior draws against their theory, by simulation with stated bounds."""

import numpy as np
import pytest

from trialrr.missing import draws

MANY = 40_000
FAR = 4.5  # standard errors of a mean over the draws


def regression(rng, n=30):
    design = np.column_stack([np.ones(n), rng.normal(size=(n, 2))])
    return design, design @ [1.0, 0.5, -0.3] + rng.normal(0, 0.7, n)


def repeated(design, response, b):
    gram = np.repeat((design.T @ design)[None], b, axis=0)
    moment = np.repeat((design.T @ response)[None], b, axis=0)
    return gram, moment, np.full(b, response @ response), len(design)


def within_error(values, expected):
    error = values.std(axis=0) / np.sqrt(len(values))
    assert (np.abs(values.mean(axis=0) - expected) < FAR * error).all()


def test_linear_draws_have_the_posterior_mean_and_covariance():
    rng = np.random.default_rng(1)
    design, response = regression(rng)
    got = draws.linear(rng, *repeated(design, response, MANY))
    ols, rss = np.linalg.lstsq(design, response)[:2]
    df = len(design) - 3
    assert got.mode[0] == pytest.approx(ols)
    within_error(got.coef, ols)
    within_error(got.sigma**2, rss[0] / (df - 2))
    apart = got.coef - ols
    products = np.einsum("bi,bj->bij", apart, apart)
    within_error(products, rss[0] / (df - 2) * np.linalg.inv(design.T @ design))


def test_sigma_is_drawn_with_the_coefficients():
    rng = np.random.default_rng(2)
    design, response = regression(rng)
    got = draws.linear(rng, *repeated(design, response, MANY))
    scaled = ((got.coef - got.mode) @ np.linalg.cholesky(design.T @ design)) / got.sigma[:, None]
    within_error(scaled**2, 1.0)
    assert abs(np.corrcoef(got.sigma, (scaled**2).sum(axis=1))[0, 1]) < FAR / np.sqrt(MANY)


def test_repeated_predictors_get_a_ridge_and_leave_the_other_imputations_alone():
    rng = np.random.default_rng(3)
    design, response = regression(rng, 200)
    doubled = np.column_stack([design, design[:, 1]])
    varied = np.column_stack([design, rng.normal(size=200)])
    both = [np.stack([d.T @ d for d in pair]) for pair in ((varied, doubled), (varied, varied))]
    moments = [np.stack([d.T @ response for d in pair]) for pair in ((varied, doubled),) * 2]
    total = np.full(2, response @ response)
    with_doubled = draws.linear(np.random.default_rng(4), both[0], moments[0], total, 200)
    without = draws.linear(np.random.default_rng(4), both[1], moments[0], total, 200)
    assert with_doubled.ridged.tolist() == [False, True]
    assert not without.ridged.any()
    assert (with_doubled.coef[0] == without.coef[0]).all()
    fitted = doubled @ with_doubled.mode[1]
    assert np.abs(fitted - design @ np.linalg.lstsq(design, response)[0]).max() < 0.02


def test_logistic_draws_are_normal_around_the_posterior_mode():
    rng = np.random.default_rng(5)
    n, p = 300, 3
    design = np.column_stack([np.ones(n), rng.normal(size=(n, p - 1))])
    outcome = rng.random(n) < 1 / (1 + np.exp(-design @ [-0.5, 1.0, -0.5]))
    b = MANY // 10
    stack = np.broadcast_to(design, (b, n, p))
    mode, coef = draws.logistic(rng, stack, outcome, np.zeros((b, p)))
    precision = np.diag([0.01, 0.16, 0.16])
    mu = 1 / (1 + np.exp(-design @ mode[0]))
    assert np.abs(design.T @ (outcome - mu) - precision @ mode[0]).max() < 1e-3
    within_error(coef, mode[0])
    curvature = (design * (mu * (1 - mu))[:, None]).T @ design + precision
    products = np.einsum("bi,bj->bij", coef - mode, coef - mode)
    within_error(products, np.linalg.inv(curvature))


def test_a_separated_level_keeps_a_finite_mode():
    rng = np.random.default_rng(6)
    level = np.repeat([0.0, 1.0], [80, 20])
    design = np.column_stack([np.ones(100), (level - 0.2) / 0.4])[None]
    outcome = (level == 1) | (np.arange(100) < 40)
    mode, coef = draws.logistic(rng, design, outcome, np.zeros((1, 2)))
    assert np.isfinite(coef).all()
    risk = 1 / (1 + np.exp(-design[0] @ mode[0]))
    assert risk[:80] == pytest.approx(0.5, abs=0.01)
    assert (risk[80:] > 0.97).all()


@pytest.mark.parametrize("n", [3, 7, 60])
def test_donors_are_the_nearest_and_each_as_likely(n):
    rng = np.random.default_rng(7)
    observed = rng.normal(size=(1, n))
    missing = np.repeat([[-9.0, -0.2, 0.1, 9.0]], 4000, axis=0)
    got = draws.donors(rng, np.repeat(observed, 4000, axis=0), missing, 5)
    for k, value in enumerate(missing[0]):
        nearest = np.argsort(np.abs(observed[0] - value))[: min(5, n)]
        found, times = np.unique(got[:, k], return_counts=True)
        assert set(found) == set(nearest)
        share = 1 / len(nearest)
        assert np.abs(times / 4000 - share).max() < FAR * np.sqrt(share * (1 - share) / 4000)


def test_rounding_does_not_choose_among_equal_donors():
    """Predictions of three levels of a covariate, and the same with another last bit."""
    rng = np.random.default_rng(8)
    observed = rng.integers(0, 3, (4, 50)) * 0.7 + 0.1
    missing = rng.integers(0, 3, (4, 30)) * 0.7 + 0.1
    other = [
        values * (1 + rng.integers(-2, 3, values.shape) * 2e-16) for values in (observed, missing)
    ]
    assert (other[0] != observed).any()
    picks = [draws.donors(np.random.default_rng(9), *v, 5) for v in ((observed, missing), other)]
    np.testing.assert_array_equal(*picks)
