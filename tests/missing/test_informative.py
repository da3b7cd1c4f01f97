"""Expected outcomes of the missing and their influence, against closed forms."""

import numpy as np
import pytest

from trialrr.missing.informative import fill, influence
from trialrr.seeds import stream

EXACT = 1e-12


def test_odds_among_the_missing_are_so_many_times_those_among_the_observed():
    responder = np.array([[1.0, np.nan], [np.nan, 0.0]])
    probability = np.array([[0.3, 0.3], [0.6, 0.6]])
    got = fill(responder, probability, np.array([[1.0, 1.0], [0.5, 4.0]]))
    assert got.shape == (2, 2, 2)
    assert (got[:, 0, 0] == 1).all() and (got[:, 1, 1] == 0).all()
    assert got[0, [0, 1], [1, 0]] == pytest.approx([0.3, 0.6], rel=EXACT)
    odds = got[1, [0, 1], [1, 0]] / (1 - got[1, [0, 1], [1, 0]])
    assert odds == pytest.approx([0.5 * 3 / 7, 4 * 1.5], rel=EXACT)


@pytest.mark.parametrize("imor", [0.2, 1.0, 3.0])
def test_variance_of_one_arm_without_covariates(imor):
    """With p = s/m among m seen of n, r = {m p + (n-m) q}/n, q = IMOR p/(IMOR p + 1 - p), and
    dq/dp = q(1-q)/{p(1-p)}: var(r) = {m + (n-m) q(1-q)/(p(1-p))}²/n² p(1-p)/m given who is seen.
    The sandwich adds that who is seen varies, m(n-m)/n (p - q)²/n², which is 0 at IMOR 1; there the
    variance of log r is that of complete cases, (1-p)/(m p)."""
    n, m, s = 200, 140, 63
    responder = np.full((n, 1), np.nan)
    responder[:m] = 0
    responder[:s] = 1
    p = s / m
    q = imor * p / (imor * p + 1 - p)
    r = (m * p + (n - m) * q) / n
    design, ones = np.ones((n, 1, 1)), np.ones((n, 1))
    filled = fill(responder, p * ones, np.full(n, imor))
    psi = influence(design, responder, filled, r * ones, p * ones)
    slope = q * (1 - q) / (p * (1 - p))
    estimated = (m + (n - m) * slope) ** 2 * p * (1 - p) / m
    chance = m * (n - m) / n * (p - q) ** 2
    assert (psi**2).sum() == pytest.approx((estimated + chance) / (n * r) ** 2, rel=EXACT)
    if imor == 1:
        assert (psi**2).sum() == pytest.approx((1 - p) / (m * p), rel=EXACT)


def test_nothing_missing_leaves_the_influence_on_the_outcome_model():
    rng = stream(1, "test informative")
    design = np.concatenate([np.ones((50, 2, 1)), rng.normal(size=(50, 2, 2))], axis=2)
    y, mu, p = ((rng.random((50, 2)) < 0.5).astype(float), *rng.uniform(0.2, 0.8, (2, 50, 2)))
    got = influence(design, y, fill(y, p, np.full(50, 3.0)), mu, p)
    z = design.reshape(100, 3)
    bread = (z * mu.reshape(-1, 1)).T @ z
    scores = ((y - mu)[:, :, None] * design).sum(axis=1)
    assert got == pytest.approx(scores @ np.linalg.inv(bread), rel=1e-9)
