"""Costs against effects: hand numbers, identities, statsmodels, and a bivariate normal."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import ndtr
from statsmodels.api import WLS

from trialrr.estimate import net_benefit
from trialrr.estimate.adjusted import linear_combination

N = 240


@pytest.fixture(scope="module")
def trial():
    """Two arms, a covariate, skewed costs that move with effects, weights, clusters in one arm."""
    rng = np.random.default_rng(3)
    arm = np.arange(N) % 2
    x = rng.normal(size=N)
    shared = rng.normal(size=N)
    cost = rng.gamma(2, 800, N) + 500 * arm + 300 * shared
    effect = 0.6 + 0.02 * arm + 0.05 * x + 0.04 * shared + rng.normal(0, 0.1, N)
    clusters = np.where(arm == 1, rng.integers(0, 9, N), 100 + np.arange(N))
    design = np.column_stack([1 - arm, arm, x]).astype(float)
    return np.column_stack([cost, effect]), design, rng.uniform(0.5, 2, N), clusters


CONTRAST = np.array([-1.0, 1.0, 0.0])


def test_trapezoid_by_hand():
    """0.6 at start, 0.7 at 3, 0.8 at 6 and 0.5 at 12 months: .1625 + .1875 + .325 years."""
    weights = net_benefit.trapezoid(np.array([0, 3, 6, 12]) / 12)
    assert weights.tolist() == [0.125, 0.25, 0.375, 0.25]
    assert np.array([0.6, 0.7, 0.8, 0.5]) @ weights == pytest.approx(0.1625 + 0.1875 + 0.325)
    assert net_benefit.trapezoid([0, 1 / 4]).tolist() == [0.125, 0.125]


@pytest.mark.parametrize("times", [[0.0], [0, 0.5, 0.5], [1, 0]])
def test_times_that_do_not_rise_are_refused(times):
    with pytest.raises(ValueError, match="expected two or more that rise"):
        net_benefit.trapezoid(times)


def test_winsorizing_by_hand_and_at_quantile_1():
    values = np.array([3.0, 100, 1, 2, 4])
    assert net_benefit.winsorized(values, 0.75).tolist() == [3, 4, 1, 2, 4]
    assert net_benefit.winsorized(values, 0.875).tolist() == [3, 52, 1, 2, 4]
    np.testing.assert_array_equal(net_benefit.winsorized(values, 1), values)
    with pytest.raises(ValueError, match="expected above 0, at most 1"):
        net_benefit.winsorized(values, 99)


@pytest.mark.parametrize("willingness", [0, 20_000, 50_000, 1e6])
def test_net_benefit_is_the_regression_of_net_benefits(trial, willingness):
    """Estimate and standard error against statsmodels' WLS of λE - C with cluster covariance."""
    responses, design, weights, clusters = trial
    at = net_benefit.joint(*trial).at(CONTRAST)
    toward = net_benefit.benefit(willingness)
    found = linear_combination(toward, at.values, at.covariance)
    y = willingness * responses[:, 1] - responses[:, 0]
    fit = WLS(y, design, weights).fit(
        cov_type="cluster", cov_kwds={"groups": clusters, "use_correction": False}
    )
    other = fit.t_test(CONTRAST)
    assert found.estimate == pytest.approx(other.effect.item(), rel=1e-9)
    assert found.std_error == pytest.approx(other.sd.item(), rel=1e-9)


@pytest.mark.parametrize("covariance", ["cr0", "kc", "md", "cr2", "hc3"])
def test_net_benefit_is_linear_in_the_willingness_to_pay(trial, covariance):
    """INB(λ) = λΔE - ΔC, and its variance that of one regression, for every linear correction."""
    responses, *rest = trial
    at = net_benefit.joint(responses, *rest, covariance).at(CONTRAST)
    for willingness in (0, 40_000, 90_000):
        toward = net_benefit.benefit(willingness)
        alone = net_benefit.joint((responses @ toward)[:, None], *rest, covariance).at(CONTRAST)
        assert willingness * at.values[1] - at.values[0] == pytest.approx(alone.values[0])
        assert toward @ at.covariance @ toward == pytest.approx(alone.covariance[0, 0])


def test_the_factor_of_a_covariance_is_kept(trial):
    """cr1 is cr0 times C/(C - 1), for covariances between regressions too."""
    count = len(np.unique(trial[3]))
    cr0, cr1 = (net_benefit.joint(*trial, name).at(CONTRAST).covariance for name in ("cr0", "cr1"))
    np.testing.assert_allclose(cr1, cr0 * count / (count - 1), rtol=1e-12)


def test_degrees_of_freedom_are_those_of_one_regression(trial):
    df = net_benefit.joint(*trial, "kc", "satterthwaite").at(CONTRAST).df
    assert 5 < df < 40
    assert np.isinf(net_benefit.joint(*trial).at(CONTRAST).df)
    with pytest.raises(ValueError, match="mbn has no covariance between regressions"):
        net_benefit.joint(*trial, "mbn")


COVARIANCE = np.array([[250_000.0, 1.5], [1.5, 1e-4]])


@pytest.mark.parametrize(("cost", "effect"), [(1000.0, 0.05), (-400.0, 0.03), (-900.0, -0.04)])
def test_fieller_ends_are_where_the_test_just_rejects(cost, effect):
    """At a limit θ the statistic of ΔC - θΔE is q: roots found by bisection from the estimate."""
    quantile = 1.959963984540054

    def excess(ratio):
        size = np.array([1, -ratio])
        return (cost - ratio * effect) ** 2 - quantile**2 * size @ COVARIANCE @ size

    found = net_benefit.fieller(cost, effect, COVARIANCE)
    ratio = cost / effect
    assert found.kind == "bounded" and found.lower < ratio < found.upper
    assert found.lower == pytest.approx(brentq(excess, ratio - 5e6, ratio))
    assert found.upper == pytest.approx(brentq(excess, ratio, ratio + 5e6))


def test_fieller_by_hand():
    """2/1 with variances 0.04 and 0.01, uncorrelated, q = 2: (2 ± √(4 - 0.96·3.84))/0.96."""
    found = net_benefit.fieller(2, 1, np.diag([0.04, 0.01]), 2)
    root = np.sqrt(4 - 0.96 * 3.84)
    assert found.lower == pytest.approx((2 - root) / 0.96)
    assert found.upper == pytest.approx((2 + root) / 0.96)


def test_fieller_without_an_effect_is_no_interval():
    outside = net_benefit.fieller(3, 0.1, np.diag([0.04, 0.01]), 2)
    assert outside.kind == "outside" and outside.lower < 0 < outside.upper < 30
    nothing = net_benefit.fieller(0.1, 0.1, np.diag([0.04, 0.01]), 2)
    assert nothing.kind == "unbounded" and np.isnan([nothing.lower, nothing.upper]).all()


def test_fieller_approaches_the_delta_method():
    small = COVARIANCE * 1e-6
    found = net_benefit.fieller(1000, 0.05, small)
    gradient = np.array([1 / 0.05, -1000 / 0.05**2])
    half = 1.959963984540054 * np.sqrt(gradient @ small @ gradient)
    assert found.upper - found.lower == pytest.approx(2 * half, rel=1e-4)


def test_quadrants_by_hand():
    shares = net_benefit.quadrants([1, -1, -1, 2, 3], [1, 1, -1, -1, -2])
    assert shares == {
        "north_east": 0.2,
        "south_east": 0.2,
        "south_west": 0.2,
        "north_west": 0.4,
    }


def test_acceptability_is_that_of_a_bivariate_normal():
    """P(INB > 0) = Φ(INB/SE) within four Monte Carlo standard errors."""
    draws, mean = 40_000, np.array([600.0, 0.015])
    costs, effects = np.random.default_rng(8).multivariate_normal(mean, COVARIANCE, draws).T
    for willingness in (20_000, 40_000, 80_000):
        toward = net_benefit.benefit(willingness)
        expected = ndtr(toward @ mean / np.sqrt(toward @ COVARIANCE @ toward))
        error = np.sqrt(expected * (1 - expected) / draws)
        found = net_benefit.acceptability(costs, effects, willingness)
        assert abs(found - expected) < 4 * error


def test_of_two_arms_the_better_is_the_one_with_net_benefit():
    rng = np.random.default_rng(1)
    costs, effects = rng.normal(0, 100, (500, 2)), rng.normal(0, 0.01, (500, 2))
    best = net_benefit.best_shares(costs, effects, 30_000)
    pair = net_benefit.acceptability(*(v[:, 1] - v[:, 0] for v in (costs, effects)), 30_000)
    assert best[1] == pair and best.sum() == pytest.approx(1)


def test_the_best_of_three_by_hand():
    costs = np.array([[0, 10, 20], [0, 10, 20], [0, 10, 20], [0, 10, 20]])
    effects = np.array([[0, 2, 0], [0, 0, 3], [0, 0.5, 0.5], [0, 1.5, 2.2]])
    assert net_benefit.best_shares(costs, effects, 10).tolist() == [0.25, 0.5, 0.25]
    assert net_benefit.best_shares(costs, effects, 0).tolist() == [1, 0, 0]


def test_rounding_decides_no_quadrant_and_no_best_arm():
    """Costs of 0.1 + 0.2 and of 0.3 are equal; the first of equal arms is the best."""
    one, other = np.array([0.1 + 0.2, 5.0]), np.array([0.3, 4.0])
    assert net_benefit.differences(one, other).tolist() == [0, 1]
    costs, effects = np.array([[0.3, 0.1 + 0.2]]), np.array([[1.0, 1.0]])
    for order in ([0, 1], [1, 0]):
        found = net_benefit.best_shares(costs[:, order], effects[:, order], 2.0)
        assert found.tolist() == [1, 0]
