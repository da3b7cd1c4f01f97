"""Simulated power against fits, against an analytical formula, and against the published design."""

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from trialrr.estimate.adjusted import linear_combination, wald
from trialrr.estimate.covariance import by_name
from trialrr.estimate.fit import modified_poisson
from trialrr.estimate.multiplicity import adjust, protected_lsd
from trialrr.resample.power import Counts, draw, rejected, wald_tests
from trialrr.seeds import stream

PAIRS = [(0, 2), (1, 2), (1, 0)]
RISKS = np.array([0.225, 0.225, 0.15])
EXACT = 1e-9
TRIALS = 20000
MONTE_CARLO = 4  # standard errors: one test in 16,000 fails by chance


@pytest.fixture(scope="module")
def simulated():
    counts = draw(stream(1, "test", "power"), TRIALS, 777, RISKS, 0.2)
    return counts, wald_tests(counts, PAIRS)


@pytest.mark.parametrize("trial", range(3))
def test_a_trial_equals_the_fit_of_its_people(simulated, trial):
    counts, tests = simulated
    events, seen = counts.events[trial], counts.seen[trial]
    y = np.concatenate([np.arange(n) < e for e, n in zip(events, seen, strict=True)]).astype(float)
    arm = np.repeat(np.arange(3), seen)
    fit = modified_poisson(y, (arm[:, None] == np.arange(3)).astype(float))
    cov = by_name("hc0", fit).matrix
    contrasts = [np.eye(3)[a] - np.eye(3)[b] for a, b in PAIRS]
    for contrast, p in zip(contrasts, tests.contrast_p[trial], strict=True):
        assert linear_combination(contrast, fit.coef, cov).p_value == pytest.approx(p, rel=EXACT)
    _, df, p = wald(np.array(contrasts[:2]), fit.coef, cov)
    assert df == 2 and tests.omnibus_p[trial] == pytest.approx(p, rel=EXACT)


def analytical(one: float, other: float, seen: float, alpha: float = 0.05) -> float:
    """Φ(|log RR|/SE - z) + Φ(-|log RR|/SE - z), expected counts in the variance."""
    se = np.sqrt(1 / (seen * one) - 1 / seen + 1 / (seen * other) - 1 / seen)
    shift, z = abs(np.log(one / other)) / se, ndtri(1 - alpha / 2)
    return ndtr(shift - z) + ndtr(-shift - z)


def test_power_agrees_with_a_formula(simulated):
    _, tests = simulated
    for k, (a, b) in enumerate(PAIRS):
        found = (tests.contrast_p[:, k] < 0.05).mean()
        expected = analytical(RISKS[a], RISKS[b], 0.8 * 777)
        error = np.sqrt(expected * (1 - expected) / TRIALS)
        # the formula takes counts as known: it is off by about 1/n
        assert abs(found - expected) < MONTE_CARLO * error + 0.004


def test_the_published_design_has_the_power_it_claims(simulated):
    """90 %, two-sided .05, 15 % against 22.5 %, 20 % loss, 777 an arm: doi 10.1186/
    s13063-023-07165-8."""
    _, tests = simulated
    declared = rejected(tests.contrast_p, tests.omnibus_p, "protected_lsd", 0.05, 3)
    assert 0.90 < declared[:, 0].mean() < 0.93
    assert 0.90 < declared[:, 1].mean() < 0.93
    assert (tests.omnibus_p < 0.05).mean() > 0.93


def test_protected_tests_hold_their_error_when_nothing_works():
    counts = draw(stream(1, "test", "null"), TRIALS, 777, np.full(3, 0.15), 0.2)
    tests = wald_tests(counts, PAIRS)
    error = np.sqrt(0.05 * 0.95 / TRIALS)
    assert abs((tests.omnibus_p < 0.05).mean() - 0.05) < MONTE_CARLO * error + 0.002
    declared = rejected(tests.contrast_p, tests.omnibus_p, "protected_lsd", 0.05, 3)
    assert declared.any(axis=1).mean() <= (tests.omnibus_p < 0.05).mean()


def test_rules_of_multiplicity_are_those_of_the_estimates(simulated):
    _, tests = simulated
    few = tests.contrast_p[:40], tests.omnibus_p[:40]
    for rule in ("holm", "hommel"):
        expected = [adjust(p, rule) < 0.05 for p in few[0]]
        assert (rejected(*few, rule, 0.05, 3) == expected).all()
    expected = [protected_lsd(o, p, 3).rejected for p, o in zip(*few, strict=True)]
    assert (rejected(*few, "protected_lsd", 0.05, 3) == expected).all()
    assert (rejected(*few, "none", 0.05, 3) == (few[0] < 0.05)).all()


def test_trials_without_an_estimate_reject_nothing():
    counts = Counts(np.array([[0, 9, 9], [5, 9, 9], [40, 9, 9]]), np.full((3, 3), 40))
    tests = wald_tests(counts, PAIRS)
    assert np.isnan(tests.omnibus_p).tolist() == [True, False, True]
    for rule in ("none", "protected_lsd", "holm"):
        declared = rejected(tests.contrast_p, tests.omnibus_p, rule, 0.999999, 3)
        assert declared.any(axis=1).tolist() == [False, True, False]


def test_loss_is_completely_at_random():
    counts = draw(stream(1, "test", "loss"), 4000, 500, np.array([0.1, 0.9]), 0.3)
    assert counts.seen.mean(axis=0) == pytest.approx([350, 350], rel=0.005)
    risk = counts.events.sum(axis=0) / counts.seen.sum(axis=0)
    assert risk == pytest.approx([0.1, 0.9], rel=0.01)


@pytest.mark.parametrize("arms", [2, 4])
def test_protected_tests_are_of_three_arms_only(arms):
    with pytest.raises(ValueError, match=f"protected LSD with {arms} arm"):
        rejected(np.ones((2, 1)), np.ones(2), "protected_lsd", 0.05, arms)
