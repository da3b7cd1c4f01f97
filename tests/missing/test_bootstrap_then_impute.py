"""Variance components of imputed bootstrap samples: their definition, and repeated trials."""

import numpy as np
import pytest
from scipy.stats import t

from trialrr.missing.bootstrap_then_impute import pool
from trialrr.seeds import stream

EXACT = 1e-12
TRIALS, SAMPLES, TIMES = 1500, 30, 2
N, SEEN = 50, 30


def test_components_by_the_table_of_an_analysis_of_variance():
    got = pool([[1.0, 2.0], [4.0, 6.0], [3.0, 2.0]])
    # sample means 1.5, 5, 2.5; squares within .5 + 2 + .5; between 2 (1.5² + 2² + .5²) = 13
    msw, msb = 1.0, 6.5
    assert got.estimate == pytest.approx(3, rel=EXACT)
    assert (got.between, got.within) == pytest.approx((2.75, 1.0), rel=EXACT)
    assert got.variance == pytest.approx(4 / 6 * msb - msw / 2, rel=EXACT)
    df = got.variance**2 / ((4 / 6 * msb) ** 2 / 2 + msw**2 / 12)
    assert df < 3 and got.df == 3


def test_degrees_of_freedom_where_they_are_not_at_their_floor():
    theta = stream(1, "test components").normal(size=(40, 1)) * [1, 1] + [0.0, 0.1]
    got = pool(theta)
    means = theta.mean(axis=1)
    msb, msw = 2 * means.var(ddof=1), 0.1**2 / 2
    variance = 41 / 80 * msb - msw / 2
    assert got.variance == pytest.approx(variance, rel=EXACT)
    df = variance**2 / ((41 / 80 * msb) ** 2 / 39 + msw**2 / (40 * 4))
    assert got.df == pytest.approx(df, rel=EXACT) and df > 38


def test_without_variance_between_all_are_one_sample():
    theta = np.array([[-1.0, 1.0], [1.0, -1.0], [-1.0, 1.0]])
    got = pool(theta)
    assert (got.between, got.estimate) == (0, pytest.approx(0, abs=EXACT))
    assert got.variance == pytest.approx(theta.var(ddof=1) / 6, rel=EXACT)
    assert pool([[2.0, 2.0], [2.0, 2.0]]).df == 3


def test_the_variance_is_that_of_repeated_trials():
    """A normal mean of 50 people, 30 of them seen: bootstrap, maximum likelihood, imputation."""
    rng = stream(1, "test bootstrap then impute")
    estimate, variance, covered = (np.empty(TRIALS) for _ in range(3))
    for k in range(TRIALS):
        scores = rng.standard_normal(N)
        drawn = rng.integers(0, N, (SAMPLES, N))
        seen = drawn < SEEN
        m = seen.sum(axis=1)
        y = np.where(seen, scores[drawn], 0)
        mean = y.sum(axis=1) / m
        sd = np.sqrt((seen * (scores[drawn] - mean[:, None]) ** 2).sum(axis=1) / m)
        # the sum of N - m draws has the mean and the variance of that many
        noise = rng.standard_normal((SAMPLES, TIMES)) * (sd * np.sqrt(N - m))[:, None]
        got = pool((y.sum(axis=1) + (N - m) * mean)[:, None] / N + noise / N)
        estimate[k], variance[k] = got.estimate, got.variance
        covered[k] = abs(got.estimate) < t.ppf(0.975, got.df) * np.sqrt(got.variance)
    # Monte Carlo error of a variance √(2/1500) = 3.7 %, of a coverage .6 %; the variance that a
    # bootstrap gives to a mean of 30 is 3 % short
    assert variance.mean() / estimate.var(ddof=1) == pytest.approx(1, abs=0.12)
    assert covered.mean() == pytest.approx(0.945, abs=0.02)


def test_refusals():
    for bad in ([1.0, 2.0], [[1.0], [2.0]], [[1.0, 2.0]], [[1.0, np.nan], [1.0, 2.0]]):
        with pytest.raises(ValueError, match="both at least 2"):
            pool(bad)
