"""Adjusted risks and contrasts against hand computation."""

import numpy as np
import pytest

from trialrr.estimate import adjusted

COEF = np.log([0.2, 1.5])
COV = np.array([[0.01, -0.01], [-0.01, 0.02]])
CONTROL, ACTIVE = np.array([1.0, 0.0]), np.array([1.0, 1.0])
Z = 1.959963984540054


def test_risk_and_its_interval_on_the_log_scale():
    got = adjusted.risk(ACTIVE, COEF, COV)
    assert got.estimate == pytest.approx(0.3)
    assert got.std_error == pytest.approx(0.1)
    assert (got.lower, got.upper) == pytest.approx((0.3 * np.exp(-Z / 10), 0.3 * np.exp(Z / 10)))


def test_ratio_difference_and_their_signs_when_arms_swap():
    one = adjusted.risk_ratio(ACTIVE, CONTROL, COEF, COV)
    other = adjusted.risk_ratio(CONTROL, ACTIVE, COEF, COV)
    assert one.estimate == pytest.approx(1.5)
    assert one.std_error == pytest.approx(np.sqrt(0.02))
    assert (one.lower, one.upper) == pytest.approx((1 / other.upper, 1 / other.lower))
    assert one.p_value == pytest.approx(other.p_value)
    rd = adjusted.risk_difference(ACTIVE, CONTROL, COEF, COV)
    gradient = 0.3 * ACTIVE - 0.2 * CONTROL
    assert rd.estimate == pytest.approx(0.1)
    assert rd.std_error == pytest.approx(np.sqrt(gradient @ COV @ gradient))


def test_number_needed_has_the_limits_of_the_difference_turned_over():
    rd = adjusted.Estimate(0.1, 0.02, 0.05, 0.2)
    assert adjusted.number_needed(rd).estimate == pytest.approx(10)
    assert (adjusted.number_needed(rd).lower, adjusted.number_needed(rd).upper) == (5, 20)
    through_zero = adjusted.number_needed(adjusted.Estimate(0.02, 0.04, -0.05, 0.1))
    assert (through_zero.lower, through_zero.upper) == (10, -20)
    nothing = adjusted.number_needed(adjusted.Estimate(0.0, 0.04, -0.05, 0.05))
    assert nothing.estimate == np.inf


def test_wald_with_one_contrast_is_the_square_of_z_and_survives_recoding():
    z = adjusted.risk_ratio(ACTIVE, CONTROL, COEF, COV)
    statistic, df, p = adjusted.wald(ACTIVE - CONTROL, COEF, COV)
    assert (statistic, df, p) == pytest.approx((z.statistic**2, 1, z.p_value))
    assert adjusted.wald(-3 * (ACTIVE - CONTROL), COEF, COV) == pytest.approx((statistic, 1, p))


def test_interval_follows_alpha():
    narrow = adjusted.risk_ratio(ACTIVE, CONTROL, COEF, COV, alpha=0.5)
    wide = adjusted.risk_ratio(ACTIVE, CONTROL, COEF, COV, alpha=0.01)
    assert wide.lower < narrow.lower < narrow.upper < wide.upper


def test_odds_ratio_by_hand_and_by_numeric_gradient():
    got = adjusted.odds_ratio(ACTIVE, CONTROL, COEF, COV)
    assert got.estimate == pytest.approx((0.3 / 0.7) / (0.2 / 0.8))

    def log_odds_ratio(coef):
        a, b = np.exp(ACTIVE @ coef), np.exp(CONTROL @ coef)
        return np.log(a / (1 - a)) - np.log(b / (1 - b))

    steps = 1e-6 * np.eye(2)
    gradient = [(log_odds_ratio(COEF + h) - log_odds_ratio(COEF - h)) / 2e-6 for h in steps]
    assert adjusted.odds_gradient(ACTIVE, CONTROL, COEF) == pytest.approx(gradient, rel=1e-6)
    assert got.std_error == pytest.approx(np.sqrt(gradient @ COV @ gradient), rel=1e-6)
    with pytest.raises(ValueError, match="no odds"):
        adjusted.odds_ratio(ACTIVE, CONTROL, np.log([0.9, 1.5]), COV)


def test_a_logit_interval_stays_below_one_where_a_log_interval_does_not():
    coef, cov = np.log([0.9, 1.05]), 4 * COV
    on_log = adjusted.risk(ACTIVE, coef, cov)
    on_logit = adjusted.risk(ACTIVE, coef, cov, scale="logit")
    assert on_log.upper > 1 > on_logit.upper > on_logit.estimate > on_logit.lower > 0
    assert on_logit.estimate == pytest.approx(on_log.estimate)
    assert on_logit.std_error == pytest.approx(on_log.std_error / (1 - on_log.estimate))
    certain = adjusted.risk(CONTROL, np.array([-1e-15, 0]), COV, scale="logit")
    assert np.isnan(certain.lower) and "no interval on the logit scale" in certain.reason
    wide = adjusted.risk(CONTROL, np.log([0.5, 1]), 1e9 * COV, scale="logit")
    assert (wide.lower, wide.upper) == (0, 1)
    above = adjusted.risk(ACTIVE, np.log([0.9, 1.5]), COV, scale="logit")
    assert above.estimate == pytest.approx(1.35)
    assert np.isnan([above.std_error, above.lower, above.upper]).all()
    assert "no interval on the logit scale" in above.reason


@pytest.mark.parametrize("log_risk", [-800.0, 0.0, 5.0, 800.0])
def test_a_risk_without_a_logit_has_its_reason(log_risk):
    found = adjusted.risk([1.0], np.array([log_risk]), np.array([[1e6]]), scale="logit")
    assert "no interval on the logit scale" in found.reason and np.isnan(found.lower)


def test_without_a_variance_there_is_no_interval_and_no_error():
    for covariance in (np.zeros((2, 2)), -1e-18 * np.eye(2), np.full((2, 2), np.nan)):
        ratio = adjusted.risk_ratio(ACTIVE, CONTROL, np.log([0.4, 1.5]), covariance)
        assert ratio.estimate == pytest.approx(1.5)
        numbers = [ratio.std_error, ratio.lower, ratio.upper, ratio.statistic, ratio.p_value]
        assert np.isnan(numbers).all()
        assert "no interval and no test" in ratio.reason


def test_a_limit_beyond_the_largest_number_is_infinite():
    wide = adjusted.risk_ratio([1.0], [0.0], np.array([1.0]), np.array([[1e6]]))
    assert (wide.lower, wide.upper) == (0.0, np.inf)


def test_t_with_finite_degrees_of_freedom():
    z = adjusted.risk_ratio(ACTIVE, CONTROL, COEF, COV)
    t = adjusted.risk_ratio(ACTIVE, CONTROL, COEF, COV, df=10)
    assert np.log(t.upper / t.estimate) / t.std_error == pytest.approx(2.2281388519649385)
    assert t.p_value > z.p_value
    assert (t.df, t.statistic) == (10, z.statistic)
    f, k, p = adjusted.wald(ACTIVE - CONTROL, COEF, COV, df=10)
    assert (f, k, p) == pytest.approx((t.statistic**2, 1, t.p_value))
    many = adjusted.risk_ratio(ACTIVE, CONTROL, COEF, COV, df=1e9)
    assert many.upper == pytest.approx(z.upper, rel=1e-8)
