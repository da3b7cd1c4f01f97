"""Kernel densities against scipy."""

import numpy as np
import pytest
from scipy.stats import gaussian_kde

from trialrr.missing import densities
from trialrr.missing.pattern_mixture import silverman


def test_density_equals_scipys_at_the_same_bandwidth():
    values = np.random.default_rng(1).normal(5, 2, 150)
    at = densities.grid(values)
    reference = gaussian_kde(values, silverman(values) / values.std(ddof=1))
    assert densities.gaussian(values, at) == pytest.approx(reference(at), rel=1e-10)


def test_grid_reaches_a_tenth_beyond_the_observed():
    at = densities.grid(np.array([0.0, 3.0, 10.0]))
    assert (at[0], at[-1], len(at)) == (-1, 11, 49)


def test_values_that_do_not_vary_have_no_density():
    assert np.isnan(densities.gaussian(np.ones(5), np.arange(3.0))).all()
    assert np.isnan(densities.gaussian(np.empty(0), np.arange(3.0))).all()
