"""Batched Newton fits against statsmodels, on every kind of weights and presence."""

import numpy as np
import pytest

from trialrr.estimate import fit as single
from trialrr.estimate.covariance import by_name
from trialrr.resample import newton
from trialrr.resample.cells import Cells, covariance, poisson

ARMS, VISITS, N, FITS = 3, 3, 240, 5


@pytest.fixture(scope="module")
def trial():
    """arm, covariates, outcome with gaps, weights with zeros, clusters of arm 1 shared."""
    rng = np.random.default_rng(20261124)
    arm = rng.integers(0, ARMS, N)
    z = np.column_stack([rng.normal(5, 2, N), rng.random(N) < 0.4, rng.random(N) < 0.2])
    risk = np.exp(-1.6 + 0.2 * arm[:, None] + 0.1 * np.arange(VISITS) + 0.05 * z[:, :1])
    outcome = (rng.random((N, VISITS)) < risk).astype(float)
    outcome[rng.random((N, VISITS)) < 0.25] = np.nan
    weights = rng.poisson(1, (FITS, N)) * rng.uniform(0.5, 2, (FITS, N))
    clusters = np.where(arm == 1, rng.integers(0, 6, N), 100 + np.arange(N))
    return arm, z, outcome, weights, clusters


def long(arm, z, outcome):
    """Rows, design in cell means and covariates, and person of each row."""
    person, visit = np.nonzero(~np.isnan(outcome))
    cells = np.zeros((len(person), ARMS * VISITS))
    cells[np.arange(len(person)), arm[person] * VISITS + visit] = 1
    return outcome[person, visit], np.hstack([cells, z[person]]), person


def coefficients(fits, b):
    return np.r_[fits.cells[b].ravel(), fits.slopes[b]]


def test_each_weighted_fit_is_that_of_statsmodels(trial):
    arm, z, outcome, weights, _ = trial
    fits = poisson(Cells(arm, ARMS, VISITS, z), outcome, weights)
    assert fits.converged.all()
    y, design, person = long(arm, z, outcome)
    for b in range(FITS):
        reference = single.modified_poisson(y, design, weights[b][person])
        np.testing.assert_allclose(coefficients(fits, b), reference.coef, rtol=0, atol=1e-10)


def test_each_outcome_of_many_is_fitted_as_if_alone(trial):
    arm, z, outcome, weights, _ = trial
    cells = Cells(arm, ARMS, VISITS, z)
    rng = np.random.default_rng(1)
    several = np.where(np.isnan(outcome), np.nan, rng.random((FITS, N, VISITS)))
    together = poisson(cells, several, weights)
    for b in range(FITS):
        alone = poisson(cells, several[b], weights[b], start=together.slopes[0])
        np.testing.assert_allclose(coefficients(together, b), coefficients(alone, 0), atol=1e-11)


def test_the_cluster_sandwich_is_that_of_one_fit(trial):
    arm, z, outcome, weights, clusters = trial
    cells = Cells(arm, ARMS, VISITS, z)
    fits = poisson(cells, outcome, weights)
    found = covariance(cells, fits, outcome, weights, clusters)
    y, design, person = long(arm, z, outcome)
    for b in range(FITS):
        reference = single.modified_poisson(y, design, weights[b][person])
        own = by_name("cr0", reference, clusters[person]).matrix
        np.testing.assert_allclose(found[b], own, rtol=1e-8, atol=1e-12)


def test_a_cluster_may_reach_over_arms_and_visits(trial):
    arm, z, outcome, _, _ = trial
    clusters = np.arange(N) % 17
    cells = Cells(arm, ARMS, VISITS, z)
    fits = poisson(cells, outcome)
    found = covariance(cells, fits, outcome, None, clusters)[0]
    y, design, person = long(arm, z, outcome)
    own = by_name("cr0", single.modified_poisson(y, design), clusters[person]).matrix
    np.testing.assert_allclose(found, own, rtol=1e-8, atol=1e-12)


def test_without_covariates_a_cell_is_its_weighted_mean(trial):
    arm, _, outcome, weights, _ = trial
    fits = poisson(Cells(arm, ARMS, VISITS, np.empty((N, 0))), outcome, weights)
    w = np.where(np.isnan(outcome), 0, weights[:, :, None])
    for a in range(ARMS):
        mean = (w * np.nan_to_num(outcome))[:, arm == a].sum(1) / w[:, arm == a].sum(1)
        np.testing.assert_allclose(np.exp(fits.cells[:, a]), mean, rtol=1e-12)


def test_a_sample_without_events_is_reported_and_disturbs_no_other(trial):
    arm, z, outcome, weights, _ = trial
    cells = Cells(arm, ARMS, VISITS, z)
    none = weights.copy()
    none[2] *= ~((arm == 2) & (np.nan_to_num(outcome[:, 1]) == 1))
    fits, good = poisson(cells, outcome, none), poisson(cells, outcome, weights)
    assert fits.everywhere.tolist() == [True, True, False, True, True]
    np.testing.assert_array_equal(fits.cells[[0, 1, 3, 4]], good.cells[[0, 1, 3, 4]])


def test_a_cell_without_an_event_costs_that_cell_only(trial):
    """The others are those of the fit without its rows, and so is their sandwich."""
    arm, z, outcome, weights, clusters = trial
    cells, one = Cells(arm, ARMS, VISITS, z), weights[:1]
    empty, without = outcome.copy(), outcome.copy()
    rows = (arm == 2) & ~np.isnan(outcome[:, 1])
    empty[rows, 1] = 0
    without[rows, 1] = np.nan
    spare = without.copy()
    lone = np.flatnonzero(rows & (one[0] > 0))[0]
    spare[lone, 1] = 1
    fits, other = poisson(cells, empty, one), poisson(cells, spare, one)
    assert fits.converged.all() and np.isneginf(fits.cells[0, 2, 1])
    there = np.isfinite(fits.cells[0])
    assert there.sum() == ARMS * VISITS - 1
    design = Cells(arm, ARMS, VISITS, z)
    # the lone row's residual is 0 by its own cell, so it has no part in the slopes either
    np.testing.assert_allclose(fits.cells[0][there], other.cells[0][there], rtol=1e-7)
    v = [covariance(design, f, y, one, clusters)[0] for f, y in ((fits, empty), (other, spare))]
    keep = np.append(there.ravel(), np.ones(z.shape[1], bool))
    np.testing.assert_allclose(*(m[np.ix_(keep, keep)] for m in v), rtol=1e-6)


def test_separation_and_a_constant_covariate_are_not_converged(trial):
    arm, z, outcome, weights, _ = trial
    eventless = (np.nansum(outcome, axis=1) == 0) & (z[:, 1] == 1)
    separating = np.column_stack([z, eventless])
    assert not poisson(Cells(arm, ARMS, VISITS, separating), outcome).converged.any()
    constant = weights * (z[:, 1] == 0)
    assert not poisson(Cells(arm, ARMS, VISITS, z), outcome, constant).converged.any()


def test_outcomes_missing_on_different_rows_are_refused(trial):
    arm, z, outcome, _, _ = trial
    other = outcome.copy()
    other[0] = np.nan
    other[1] = 0
    with pytest.raises(ValueError, match="missing on different rows"):
        poisson(Cells(arm, ARMS, VISITS, z), np.stack([outcome, other]))


def test_logistic_and_least_squares_are_those_of_statsmodels(trial):
    arm, z, outcome, weights, _ = trial
    design = np.column_stack([np.ones(N), arm == 1, arm == 2, z])
    seen = (~np.isnan(outcome)).all(axis=1).astype(float)
    fits = newton.logistic(design, seen, weights)
    coef, done = fits.coef, fits.converged
    line, ok = newton.least_squares(design, z[:, 0] + seen, weights)
    assert done.all() and ok.all()
    for b in range(FITS):
        kept = weights[b] > 0
        reference = single.logistic(seen[kept], design[kept], weights[b][kept]).coef
        np.testing.assert_allclose(coef[b], reference, atol=1e-10)
        reference = single.linear((z[:, 0] + seen)[kept], design[kept], weights[b][kept]).coef
        np.testing.assert_allclose(line[b], reference, atol=1e-10)


def test_nobody_unseen_has_no_response_model(trial):
    arm, z, _, weights, _ = trial
    design = np.column_stack([np.ones(N), z])
    assert not newton.logistic(design, np.ones(N), weights).converged.any()
