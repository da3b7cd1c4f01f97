"""Adherence weights against statsmodels, their balance, and what has none."""

import numpy as np
import pytest

from trialrr.estimate.fit import FitError
from trialrr.missing.adherence import adherence_weights


def arm(n=4000, seed=1):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2))
    took = rng.random(n) < 1 / (1 + np.exp(-0.6 - 0.8 * x[:, 0]))
    return took, np.column_stack([np.ones(n), x])


def test_weights_are_the_share_over_the_probability():
    import statsmodels.api as sm

    took, design = arm()
    model = adherence_weights(took, design)
    p = sm.Logit(took.astype(float), design).fit(disp=0, tol=1e-12).predict()
    assert model.weights == pytest.approx(np.where(took, took.mean() / p, 0), rel=1e-8)
    assert model.weights[took].mean() == pytest.approx(1, abs=0.03)
    assert not model.truncated.any()


def test_weighted_takers_are_like_all_of_the_arm():
    took, design = arm(40_000)
    model = adherence_weights(took, design)
    before = design[took].mean(axis=0) - design.mean(axis=0)
    after = np.average(design, axis=0, weights=model.weights) - design.mean(axis=0)
    assert before[1] > 0.2
    assert np.abs(after).max() < 0.02


def test_without_covariates_every_taker_weighs_one():
    took, design = arm()
    model = adherence_weights(took, design[:, :1])
    assert model.weights == pytest.approx(took.astype(float), rel=1e-9)


def test_all_and_none():
    _, design = arm(50)
    assert adherence_weights(np.ones(50, bool), design) is None
    with pytest.raises(FitError, match="none of 50 people of an arm took the treatment"):
        adherence_weights(np.zeros(50, bool), design)
    with pytest.raises(FitError, match="separated"):
        adherence_weights(design[:, 1] > 0, design)
