"""The arm as instrument: principal strata without covariates, statsmodels with them, simulation."""

import numpy as np
import pytest

from tests.estimate.test_compliers import VITAMIN_A, people
from trialrr.estimate.compliers import principal_strata
from trialrr.estimate.fit import FitError
from trialrr.estimate.instrument import multiplicative_structural_mean, two_stage_least_squares

NUMBERS = ("estimate", "std_error", "lower", "upper", "statistic", "p_value")


def both(z, d, y, x, w, c):
    return (
        two_stage_least_squares(z, d, y, x, w, c),
        multiplicative_structural_mean(z, d, y, x, w, c),
    )


def weighted(seed=1):
    """People with weights and clusters of several."""
    z, d, y, _, c = people((30, 400), (60, 300), (110, 650))
    w = np.random.default_rng(seed).uniform(0.5, 2, len(z))
    return z, d, y, w, np.where(z == 1, c % 17, c + 1000)


@pytest.mark.parametrize("given", [people(), weighted()], ids=["vitamin A", "weights, clusters"])
def test_without_covariates_both_forms_are_one(given):
    z, d, y, w, c = given
    strata = principal_strata(*given)
    difference, ratio = both(z, d, y, np.ones((len(z), 1)), w, c)
    for one, other in ((difference, strata.risk_difference()), (ratio, strata.risk_ratio())):
        for name in NUMBERS:
            assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-7), name


def test_vitamin_a():
    difference, ratio = both(*people()[:3], np.ones((23682, 1)), *people()[3:])
    assert ratio.estimate == pytest.approx(0.277577, abs=5e-7)
    assert difference.estimate == pytest.approx(-0.00322804, abs=5e-9)
    assert sum(n for _, n in VITAMIN_A) == 23682


def simulated(n=4000, seed=2):
    """An unmeasured u makes people take the treatment and have the event."""
    rng = np.random.default_rng(seed)
    z, x, u = rng.integers(0, 2, n).astype(float), rng.normal(size=n), rng.normal(size=n)
    d = z * (rng.random(n) < 1 / (1 + np.exp(-0.8 - 0.5 * x - u)))
    y = (rng.random(n) < 0.25 * np.exp(0.2 * x + 0.2 * u - 0.2) * 0.6**d).astype(float)
    return z, d, y, np.column_stack([np.ones(n), x]), u


def test_two_stages_are_those_of_statsmodels():
    """Estimate of IV2SLS, standard error of one-step GMM, which is HC0 for as many instruments."""
    from statsmodels.sandbox.regression.gmm import IV2SLS, LinearIVGMM

    z, d, y, x, _ = simulated()
    difference, _ = both(z, d, y, x, np.ones(len(z)), np.arange(len(z)))
    regressors, instruments = np.column_stack([d, x]), np.column_stack([z, x])
    peer = IV2SLS(y, regressors, instruments).fit()
    assert difference.estimate == pytest.approx(peer.params[0], rel=1e-9)
    gmm = LinearIVGMM(y, regressors, instruments).fit(
        maxiter=1, wargs={"centered": False}, optim_args={"disp": 0}
    )
    assert difference.std_error == pytest.approx(gmm.bse[0], rel=1e-6)


def test_the_ratio_is_that_of_general_gmm_by_its_moments():
    """The structural mean model as moments given to statsmodels, which differentiates them
    numerically."""
    from statsmodels.sandbox.regression.gmm import GMM

    z, d, y, x, _ = simulated()
    instruments = np.column_stack([z, x])

    class Moments(GMM):
        def momcond(self, theta):
            left = y * np.exp(-theta[0] * d) - np.exp(x @ theta[1:])
            return instruments * left[:, None]

    _, ratio = both(z, d, y, x, np.ones(len(z)), np.arange(len(z)))
    start = np.array([np.log(ratio.estimate) + 0.1, -1.3, 0.1])
    gmm = Moments(y, x, instruments, k_moms=3, k_params=3).fit(
        start, maxiter=1, optim_method="nm", wargs={"centered": False},
        optim_args={"disp": 0, "xtol": 1e-12, "ftol": 1e-18, "maxiter": 5000, "maxfun": 5000},
    )  # fmt: skip
    assert np.log(ratio.estimate) == pytest.approx(gmm.params[0], abs=1e-5)
    assert ratio.std_error == pytest.approx(gmm.bse[0], rel=1e-4)


def test_the_effect_is_recovered_although_takers_differ():
    """True ratio .6 of those who took it; as treated the comparison is wrong. Three standard errors
    of the estimate are .03."""
    z, d, y, x, _ = simulated(400_000, 5)
    difference, ratio = both(z, d, y, x, np.ones(len(z)), np.arange(len(z)))
    assert ratio.estimate == pytest.approx(0.6, abs=0.03)
    risk = y[(z == 1) & (d == 1)].mean()
    assert difference.estimate == pytest.approx(risk - risk / 0.6, abs=0.01)
    assert risk / y[z == 0].mean() - 0.6 > 0.04


def test_standard_errors_of_both_forms_in_repeated_trials():
    """200 trials: errors over their standard errors have mean 0 (SE .07) and SD 1 (SE .05)."""
    errors = []
    for seed in range(200):
        z, d, y, x, _ = simulated(3000, 1000 + seed)
        difference, ratio = both(z, d, y, x, np.ones(len(z)), np.arange(len(z)))
        truth = -0.4 / 0.6 * y[(z == 1) & (d == 1)].mean()  # about, from the sample's takers
        errors.append(
            [
                np.log(ratio.estimate / 0.6) / ratio.std_error,
                (difference.estimate - truth) / difference.std_error,
            ]
        )
    mean, spread = np.mean(errors, axis=0), np.std(errors, axis=0)
    assert (np.abs(mean) < 0.2).all(), mean
    assert abs(spread[0] - 1) < 0.15, spread


def test_covariates_that_foretell_the_outcome_make_it_more_precise():
    z, d, y, x, _ = simulated(4000)
    y = np.clip(y + (x[:, 1] > 1), 0, 1)
    w, c = np.ones(len(z)), np.arange(len(z))
    with_x, without = both(z, d, y, x, w, c), both(z, d, y, x[:, :1], w, c)
    for one, other in zip(with_x, without, strict=True):
        assert one.std_error < 0.95 * other.std_error


def test_everybody_taking_it_leaves_the_model_of_the_arms():
    """Then 2SLS is least squares on arm and covariates."""
    z, _, y, x, _ = simulated()
    difference, ratio = both(z, z, y, x, np.ones(len(z)), np.arange(len(z)))
    coef = np.linalg.lstsq(np.column_stack([z, x]), y, rcond=None)[0]
    assert difference.estimate == pytest.approx(coef[0], rel=1e-10)
    assert 0.5 < ratio.estimate < 0.8


def test_faults_are_told():
    z, d, y, x, _ = simulated(400)
    w, c = np.ones(400), np.arange(400)
    with pytest.raises(FitError, match="nobody of the arm took the treatment"):
        two_stage_least_squares(z, 0 * z, y, x, w, c)
    with pytest.raises(FitError, match="constant or repeat each other"):
        two_stage_least_squares(z, d, y, np.column_stack([x, x]), w, c)
    with pytest.raises(FitError, match="nobody who took the treatment has an event"):
        multiplicative_structural_mean(z, d, y * (1 - d), x, w, c)
    z, d, y, w, c = people((3, 10), (9, 10), (1, 20))
    with pytest.raises(FitError, match="exclusion does not hold"):
        multiplicative_structural_mean(z, d, y, np.ones((len(z), 1)), w, c)
