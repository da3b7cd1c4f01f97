"""Bootstrap intervals against hand computation, scipy, and their coverage where theory is known."""

import numpy as np
import pytest
from scipy import stats

from trialrr.resample.intervals import acceleration, intervals, off_center, without_spread


def means(sample, replicates, rng):
    return rng.choice(sample, (replicates, len(sample))).mean(axis=1)


def test_percentile_and_basic_by_hand():
    found = intervals(0.5, np.arange(1, 100) / 100, [1.0, -1.0], alpha=0.10)
    assert found.percentile == pytest.approx((0.05, 0.95))
    assert found.basic == pytest.approx((0.05, 0.95))
    assert found.bca == pytest.approx((0.05, 0.95))  # no bias, no acceleration
    assert found.std_error == pytest.approx(np.std(np.arange(1, 100) / 100, ddof=1))


def test_bca_is_that_of_scipy_on_the_same_replicates():
    """scipy takes the acceleration from the jackknife; the influence l_i = (x_i - mean)/n of a mean
    is that up to the factor n/(n-1), which the acceleration does not see."""
    rng = np.random.default_rng(11)
    sample = rng.exponential(size=40)
    reference = stats.bootstrap(
        (sample,), np.mean, n_resamples=20_000, method="BCa", batch=2000, rng=rng
    )
    found = intervals(
        sample.mean(), reference.bootstrap_distribution, (sample - sample.mean()) / 40
    )
    # another type of quantile: far below the Monte Carlo error, .002 and .004
    assert found.bca == pytest.approx(tuple(reference.confidence_interval), abs=5e-4)
    assert found.std_error == pytest.approx(reference.standard_error, rel=1e-12)


def test_acceleration_of_a_mean_is_a_sixth_of_its_skewness():
    sample = np.random.default_rng(3).gamma(2, size=50)
    known = stats.skew(sample) / (6 * np.sqrt(50))
    assert acceleration(sample - sample.mean()) == pytest.approx(known, rel=1e-12)


def test_intervals_follow_a_monotone_change_of_scale():
    rng = np.random.default_rng(4)
    sample = rng.gamma(2, size=30)
    drawn = means(sample, 999, rng)
    influence = sample - sample.mean()
    plain, logged = (
        intervals(f(sample.mean()), f(drawn), influence) for f in (lambda x: x, np.log)
    )
    assert np.exp(logged.percentile) == pytest.approx(plain.percentile, rel=1e-6)
    assert np.exp(logged.bca) == pytest.approx(plain.bca, rel=2e-3)  # between two order statistics


def test_the_p_value_is_the_level_at_which_the_interval_ends_at_zero():
    rng = np.random.default_rng(8)
    sample = rng.normal(0.35, 1, 40)
    drawn = means(sample, 4000, rng)
    influence = sample - sample.mean()
    p = intervals(sample.mean(), drawn, influence).p_value
    assert 0.002 < p < 0.5
    assert intervals(sample.mean(), drawn, influence, alpha=p).bca[0] == pytest.approx(0, abs=2e-3)


def test_no_p_value_is_smaller_than_the_replicates_can_show():
    drawn = np.random.default_rng(2).normal(9, 1, 499)
    assert intervals(9.0, drawn, drawn - 9).p_value == pytest.approx(2 / 500)


def test_monte_carlo_errors_are_what_repetition_shows():
    rng = np.random.default_rng(9)
    sample = rng.normal(size=50)
    influence = sample - sample.mean()
    repeated = [intervals(sample.mean(), means(sample, 500, rng), influence) for _ in range(300)]
    for name, values in (
        ("mc_std_error", [r.std_error for r in repeated]),
        ("mc_lower", [r.bca[0] for r in repeated]),
        ("mc_upper", [r.bca[1] for r in repeated]),
    ):
        shown = np.mean([getattr(r, name) for r in repeated])
        assert shown == pytest.approx(np.std(values), rel=0.25), name


def test_too_few_replicates_or_one_without_a_value_are_refused():
    with pytest.raises(ValueError, match="at least 40 finite ones"):
        intervals(0.0, np.zeros(39), [1.0])
    with pytest.raises(ValueError, match="1 of them not finite"):
        intervals(0.0, [*np.arange(99.0), np.nan], [1.0])


def test_samples_that_say_nothing_have_a_reason():
    rng = np.random.default_rng(3)
    assert without_spread(rng.normal(size=100)) == ""
    assert "the same value" in without_spread(np.full(100, 0.2) + rng.normal(size=100) * 1e-16)
    assert "30 of 30 bootstrap samples" in without_spread(rng.normal(size=30))
    assert "99 of 100 bootstrap samples" in without_spread(np.append(rng.normal(size=99), -np.inf))


def test_rounding_does_not_move_replicates_across_the_estimate():
    """Half of the replicates are the estimate but for their last bits: the bias is that of ties."""
    rng = np.random.default_rng(4)
    apart, influence = rng.normal(size=100), rng.normal(size=40)
    tied = np.concatenate([np.full(100, 0.3), 0.3 + apart])
    noisy = np.concatenate([0.3 + rng.integers(-2, 3, 100) * 1e-16, 0.3 + apart])
    for shift in (0.0, 0.3):  # the second puts the ties on the null value too
        one, other = (intervals(0.3 - shift, values - shift, influence) for values in (tied, noisy))
        assert other.bca == pytest.approx(one.bca, rel=1e-9)
        assert other.p_value == pytest.approx(one.p_value, rel=1e-9)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("below", "alpha"), [(0, 0.05), (2, 0.05), (24, 0.5)])
def test_an_estimate_outside_the_middle_of_its_samples_has_no_interval(below, alpha, sign):
    """`below` of 100 samples are beneath it: each interval at alpha would leave it out."""
    values = sign * np.arange(1, 101.0)
    estimate = sign * (below + 0.5)
    found = off_center(estimate, values, alpha)
    assert f"{below if sign > 0 else 100 - below}% of the bootstrap samples lie below" in found
    low, high = np.quantile(values, [alpha / 2, 1 - alpha / 2], method="weibull")
    assert not low < estimate < high and not 2 * estimate - high < estimate < 2 * estimate - low
    with pytest.raises(ValueError, match="no interval and no test"):
        intervals(estimate, values, [1.0, -1.0], alpha)
    assert off_center(sign * (below + 3.5), values, alpha) == ""


def test_bca_limits_beyond_all_samples_are_a_reason_and_the_others_stand():
    """Without acceleration the lower limit is at Φ(2z₀ - 1.96), of 100 samples with 40 below at
    Φ(-2.47) = .0068: the first of 100 is at 1/101 = .0099, that of 200 is at .0050."""
    for count, reached in ((100, False), (200, True)):
        values = np.arange(1.0, count + 1)
        estimate = 0.4 * count + 0.5
        found = intervals(estimate, values, [1.0, -1.0])
        low, high = np.quantile(values, [0.025, 0.975], method="weibull")
        assert found.percentile == (low, high)
        assert found.basic == (2 * estimate - high, 2 * estimate - low)
        if reached:
            share = stats.norm.cdf(2 * stats.norm.ppf(0.4) - stats.norm.ppf(0.975))
            assert found.bca[0] == pytest.approx(share * (count + 1)) and found.no_bca == ""
        else:
            gone = [*found.bca, found.p_value, found.mc_lower, found.mc_upper]
            assert np.isnan(gone).all() and "of 100 bootstrap samples" in found.no_bca
