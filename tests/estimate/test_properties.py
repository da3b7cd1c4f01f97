"""What may not change an estimate, over many small made-up trials: names and order of people and
clusters, units of covariates, copies instead of weights; and what turns over when arms swap."""

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls

from trialrr.estimate import standardized
from trialrr.estimate.covariance import NAMES, by_name
from trialrr.estimate.fit import linear, logistic, modified_poisson
from trialrr.estimate.gee import gee_poisson_exchangeable
from trialrr.estimate.log_binomial import log_binomial
from trialrr.estimate.sandwich import influence
from trialrr.estimate.separation import separated

SAME = 1e-7  # two converged fits of the same equations; sandwiches lose a few digits more
FITS = (modified_poisson, logistic, linear, log_binomial)

quick = settings(max_examples=15, deadline=None, derandomize=True, database=None)
seeds = st.integers(0, 10**6)
fits = pytest.mark.parametrize("fit", FITS, ids=lambda f: f.__name__)


def trial(seed: int, people: int = 60, clusters: int = 12):
    """Response, design (intercept, two arms, two covariates on few values), clusters, weights.
    Every corner of the design has people with and without the event, so each fit has a maximum."""
    rng = np.random.default_rng(seed)
    arm, site = rng.integers(0, 3, people), rng.integers(0, 2, people)
    score = rng.integers(-2, 3, people).astype(float)
    risk = np.exp(-1.4 + 0.3 * (arm > 0) + 0.2 * site + 0.1 * score)
    y = (rng.uniform(size=people) < risk).astype(float)
    corners = np.array(list(product((0, 1, 2), (0, 1), (-2, 2), (0, 0, 1))))
    arm, site = np.append(arm, corners[:, 0]), np.append(site, corners[:, 1])
    score, y = np.append(score, corners[:, 2]), np.append(y, corners[:, 3])
    z = np.column_stack([np.ones(len(y)), arm == 1, arm == 2, site, score]).astype(float)
    return y, z, rng.permutation(len(y)) % clusters, rng.integers(1, 4, len(y)).astype(float)


def close(one, other, rel=SAME):
    np.testing.assert_allclose(one, other, rtol=rel, atol=rel * np.abs(other).max())


def covariances(fit, clusters):
    return {name: by_name(name, fit, clusters).matrix for name in NAMES}


def profiles(z):
    out = np.repeat(z[None], 3, axis=0)
    out[:, :, 1:3] = np.array([[0, 0], [1, 0], [0, 1]])[:, None, :]
    return out


@fits
@quick
@given(seed=seeds)
def test_order_of_rows_and_names_of_clusters_change_nothing(fit, seed):
    y, z, clusters, weights = trial(seed)
    order = np.random.default_rng(seed).permutation(len(y))
    renamed = np.array([f"coach {(7 * c + 3) % 13}" for c in clusters])
    one, other = fit(y, z, weights), fit(y[order], z[order], weights[order])
    close(other.coef, one.coef)
    other_covariances = covariances(other, renamed[order])
    for name, matrix in covariances(one, clusters).items():
        close(other_covariances[name], matrix)


@fits
@quick
@given(seed=seeds)
def test_weights_of_one_are_no_weights(fit, seed):
    y, z, clusters, _ = trial(seed)
    one, other = fit(y, z), fit(y, z, np.ones(len(y)))
    np.testing.assert_array_equal(other.coef, one.coef)
    for name, matrix in covariances(one, clusters).items():
        np.testing.assert_array_equal(by_name(name, other, clusters).matrix, matrix)


@fits
@quick
@given(seed=seeds)
def test_copies_of_rows_are_weights(fit, seed):
    """Estimates and information alike; a cluster holds all copies, so sums by cluster do too."""
    y, z, clusters, weights = trial(seed)
    rows = np.repeat(np.arange(len(y)), weights.astype(int))
    one, other = fit(y, z, weights), fit(y[rows], z[rows])
    close(other.coef, one.coef)
    close(other.bread, one.bread)
    for name in ("cr0", "cr1", "kc", "md", "fg"):
        got = by_name(name, other, clusters[rows]).matrix
        close(got, by_name(name, one, clusters).matrix)


@fits
@quick
@given(seed=seeds)
def test_identical_rows_collapse_to_weights(fit, seed):
    y, z, _, _ = trial(seed)
    rows, count = np.unique(np.column_stack([y, z]), axis=0, return_counts=True)
    one, other = fit(y, z), fit(rows[:, 0], rows[:, 1:], count.astype(float))
    assert len(rows) < len(y)
    close(other.coef, one.coef)
    close(other.bread, one.bread)
    # the score of c identical people is c times one's, so its square counts c times too often
    meat = (other.scores / count[:, None]).T @ other.scores
    close(meat, one.scores.T @ one.scores)


@fits
@quick
@given(seed=seeds, factor=st.sampled_from([1e-3, 0.1, -2.0, 50.0]), shift=st.floats(-3, 3))
def test_units_of_a_covariate_change_its_own_coefficient_only(fit, seed, factor, shift):
    y, z, clusters, _ = trial(seed)
    scaled = z.copy()
    scaled[:, 4] = factor * z[:, 4] + shift
    back = np.eye(5)
    back[4, 4], back[0, 4] = factor, shift
    one, other = fit(y, z), fit(y, scaled)
    close(back @ other.coef, one.coef)
    for name in set(NAMES) - {"fg"}:  # Fay & Graubard correct by coefficient, so its basis matters
        got = by_name(name, other, clusters).matrix
        close(back @ got @ back.T, by_name(name, one, clusters).matrix, rel=1e-6)


@pytest.mark.parametrize("covariates", ["fixed", "random"])
@pytest.mark.parametrize(("fit", "link"), [(modified_poisson, "log"), (logistic, "logit")])
@quick
@given(seed=seeds)
def test_swapping_arms_turns_ratios_over(fit, link, covariates, seed):
    """The reference arm becomes arm 1 and arm 1 the reference."""
    y, z, clusters, _ = trial(seed)
    swapped = z.copy()
    swapped[:, 1] = 1 - z[:, 1] - z[:, 2]
    got = []
    for design in (z, swapped):
        model = fit(y, design)
        if covariates == "fixed":
            matrix = by_name("kc", model, clusters).matrix
            risks = standardized.fixed_covariates(profiles(z), model.coef, matrix, link)
        else:
            psi = influence(model.bread, model.scores)
            risks = standardized.random_covariates(profiles(z), model.coef, psi, clusters, link)
        got.append(risks)
    close(got[1].risks, got[0].risks[[1, 0, 2]])
    for contrast in (standardized.risk_ratio, standardized.odds_ratio):
        one, other = contrast(got[0], 1, 0), contrast(got[1], 1, 0)
        ours = (one.estimate, one.std_error, one.lower, one.upper, one.p_value)
        theirs = (1 / other.estimate, other.std_error, 1 / other.upper, 1 / other.lower)
        close(ours, (*theirs, other.p_value))
    one, other = (standardized.risk_difference(risks, 1, 0) for risks in got)
    close((one.estimate, one.lower), (-other.estimate, -other.upper))


@quick
@given(seed=seeds)
def test_singleton_clusters_are_rows(seed):
    y, z, _, weights = trial(seed)
    fit = modified_poisson(y, z, weights)
    for clustered, by_row in (("cr0", "hc0"), ("kc", "hc2"), ("md", "hc3"), ("cr1", "stata")):
        got = by_name(clustered, fit, np.arange(len(y)))
        close(got.matrix, by_name(by_row, fit).matrix)


@quick
@given(seed=seeds, odd=st.booleans())
@example(seed=74, odd=False)  # a halved step that would have reached a bound does not reach it
@example(seed=212, odd=True)  # nearly everybody has the event: a likelihood of 0
@example(seed=2332, odd=True)  # columns that differ in size by 10,000
def test_every_log_binomial_maximum_is_certified(seed, odd):
    """Frequent events and covariates of any size: mostly on the boundary, often at a corner. The
    likelihood is concave, so a point is the maximum if and only if its gradient is a non-negative
    combination of the rows at a risk of 1 (Karush, Kuhn and Tucker)."""
    rng = np.random.default_rng(seed)
    n, p = rng.integers(20, 80), rng.integers(1, 6)
    x = rng.normal(size=(n, p)) * 10 ** rng.uniform(-2, 2, p)
    if odd:
        x[:, 0] = rng.integers(0, 2, n)
    risk = np.exp(np.minimum(x / x.std(axis=0) @ rng.normal(size=p) * 0.3 - 0.3, 0))
    y, z = (rng.uniform(size=n) < risk).astype(float), np.column_stack([np.ones(n), x])
    assume(np.linalg.matrix_rank(z) == p + 1 and not separated(y, z).any())
    fit = log_binomial(y, z, rng.integers(1, 4, n).astype(float))
    assert fit.mu.max() <= 1 and (z @ fit.coef).max() < 1e-12
    assert fit.boundary == (fit.mu == 1).any()
    size = np.abs(fit.scores).sum(axis=0)
    slack = np.column_stack([np.zeros(p + 1), (z[fit.at_boundary] / size).T])  # never empty
    _, rest = nnls(slack, fit.scores.sum(axis=0) / size)
    assert rest < SAME


@quick
@given(seed=seeds)
def test_names_and_order_change_nothing_in_exchangeable_equations(seed):
    y, z, people, _ = trial(seed, clusters=28)
    order = np.random.default_rng(seed).permutation(len(y))
    renamed = np.array([f"person {(5 * p + 1) % 29}" for p in people])
    one = gee_poisson_exchangeable(y, z, people)
    other = gee_poisson_exchangeable(y[order], z[order], renamed[order])
    close((*other.coef, other.alpha), (*one.coef, one.alpha))
