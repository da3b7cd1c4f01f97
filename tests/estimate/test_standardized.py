"""Standardized risks and their contrasts against R, and against what they must be."""

import numpy as np
import pytest

from tests.analyses.oracle import EXPECTED
from tests.estimate.public_trials import trial
from tests.estimate.visit3 import ARMS, visit3
from trialrr.estimate import adjusted
from trialrr.estimate.fit import logistic, modified_poisson
from trialrr.estimate.sandwich import covariance, influence
from trialrr.estimate.standardized import (
    Standardized,
    fixed_covariates,
    odds_ratio,
    random_covariates,
    risk,
    risk_difference,
    risk_ratio,
)

ESTIMATE = 1e-8  # R converged at 1e-14, statsmodels at 1e-14: what is left is rounding
STD_ERROR = 1e-6
MODELS = {"logistic": (logistic, "logit"), "poisson": (modified_poisson, "log")}
Z = 1.959963984540054


def standardize(fit, link, profiles, covariates, clusters=None):
    clusters = np.arange(len(fit.mu)) if clusters is None else clusters
    psi = influence(fit.bread, fit.scores)
    if covariates == "random":
        return random_covariates(profiles, fit.coef, psi, clusters, link)
    return fixed_covariates(profiles, fit.coef, covariance(psi, clusters), link)


@pytest.mark.parametrize(("covariates", "se"), [("fixed", "delta"), ("random", "if")])
@pytest.mark.parametrize("model", MODELS)
def test_visit_3_equals_r(model, covariates, se):
    fit, link = MODELS[model]
    y, z, profiles = visit3()
    got = standardize(fit(y, z), link, profiles, covariates)
    for golden in EXPECTED[f"visit3_gcomp_{model}"]:
        one, other = (ARMS.index(arm) for arm in golden["level"].split(":"))
        assert got.risks[one] == pytest.approx(golden["risk"], rel=ESTIMATE)
        assert got.risks[other] == pytest.approx(golden["risk_ref"], rel=ESTIMATE)
        ratio, difference = risk_ratio(got, one, other), risk_difference(got, one, other)
        assert np.log(ratio.estimate) == pytest.approx(golden["log_rr"], rel=ESTIMATE)
        assert ratio.std_error == pytest.approx(golden[f"se_log_rr_{se}"], rel=STD_ERROR)
        assert difference.estimate == pytest.approx(golden["rd"], rel=ESTIMATE)
        assert difference.std_error == pytest.approx(golden[f"se_rd_{se}"], rel=STD_ERROR)


@pytest.mark.parametrize("covariates", ["fixed", "random"])
@pytest.mark.parametrize("model", MODELS)
def test_without_covariates_they_are_the_observed_risks_of_each_arm(model, covariates):
    fit, link = MODELS[model]
    d = trial("TODAY_unadjusted")
    got = standardize(fit(d.response, d.design), link, d.profiles(), covariates)
    events, people = np.array([120, 90, 109]), np.array([232, 233, 234])
    r = events / people
    assert got.risks == pytest.approx(r, rel=1e-9)
    assert got.covariance == pytest.approx(np.diag(r * (1 - r) / people), abs=1e-12)
    ratio, odds = risk_ratio(got, 1, 0), odds_ratio(got, 1, 0)
    assert ratio.std_error**2 == pytest.approx((1 / events - 1 / people)[:2].sum(), rel=1e-8)
    assert odds.estimate == pytest.approx(90 * 112 / (143 * 120), rel=1e-9)
    assert odds.std_error**2 == pytest.approx(1 / 90 + 1 / 143 + 1 / 120 + 1 / 112, rel=1e-8)


def test_random_covariates_of_people_in_clusters():
    """The influence of a cluster is the sum over its people, written out."""
    d = trial("geepack_respiratory_visit4")
    fit = logistic(d.response, d.design)
    centre = np.array([c[0] for c in d.clusters])
    got = standardize(fit, "logit", d.profiles(), "random", centre)
    psi, n = influence(fit.bread, fit.scores), len(d.response)
    total = {c: np.zeros(2) for c in np.unique(centre)}
    for a, profile in enumerate(d.profiles()):
        means = 1 / (1 + np.exp(-profile @ fit.coef))
        slope = (means * (1 - means)) @ profile / n
        for i in range(n):
            total[centre[i]][a] += (means[i] - means.mean()) / n + slope @ psi[i]
    assert got.covariance == pytest.approx(sum(np.outer(t, t) for t in total.values()), rel=1e-9)


def test_limits_stay_where_the_scale_keeps_them():
    got = Standardized(np.array([0.02, 0.97]), np.diag([0.03, 0.03]) ** 2)
    for arm in (0, 1):
        logit = risk(got, arm)
        assert 0 < logit.lower < logit.estimate < logit.upper < 1
    log, plain = risk(got, 0, scale="log"), risk(got, 0, scale="identity")
    assert log.lower == pytest.approx(0.02 * np.exp(-Z * 1.5)) and log.std_error == 1.5
    assert (plain.lower, plain.std_error) == pytest.approx((0.02 - Z * 0.03, 0.03))
    assert risk(got, 1, scale="log").upper > 1 and risk(got, 1, scale="identity").upper > 1
    assert risk(got, 0, alpha=0.5).upper < risk(got, 0).upper


def test_pairs_fit_together():
    y, z, profiles = visit3()
    got = standardize(logistic(y, z), "logit", profiles, "random")
    for contrast in (risk_ratio, odds_ratio):
        product = contrast(got, 1, 0).estimate * contrast(got, 2, 1).estimate
        assert product == pytest.approx(contrast(got, 2, 0).estimate, rel=1e-12)
        one, turned = contrast(got, 1, 0), contrast(got, 0, 1)
        assert (one.lower, one.p_value) == pytest.approx((1 / turned.upper, turned.p_value))
    difference = risk_difference(got, 1, 0)
    assert difference.estimate == -risk_difference(got, 0, 1).estimate
    needed = adjusted.number_needed(difference)
    assert needed.estimate == pytest.approx(1 / (got.risks[1] - got.risks[0]))


def test_with_a_log_link_the_ratio_is_the_coefficient():
    """A common factor of all people: profile and population give one ratio, one standard error."""
    y, z, profiles = visit3()
    fit = modified_poisson(y, z)
    matrix = covariance(influence(fit.bread, fit.scores), np.arange(len(y)))
    got = fixed_covariates(profiles, fit.coef, matrix, "log")
    one = risk_ratio(got, 1, 0)
    other = adjusted.risk_ratio(profiles[1].mean(0), profiles[0].mean(0), fit.coef, matrix)
    assert (one.estimate, one.std_error) == pytest.approx((other.estimate, other.std_error))


def test_refusals_say_why():
    got = Standardized(np.array([0.5, 1.02]), np.eye(2))
    assert risk(got, 0).reason == ""  # the other arm's risk is no matter of this one
    with pytest.raises(ValueError, match="has no odds"):
        risk(got, 1)
    with pytest.raises(ValueError, match="scale 'probit' is unknown"):
        risk(got, 0, scale="probit")
    profiles, coef = np.ones((2, 5, 3)), np.zeros(3)
    with pytest.raises(ValueError, match="link 'identity' is unknown"):
        fixed_covariates(profiles, coef, np.eye(3), "identity")
    with pytest.raises(ValueError, match="profiles"):
        fixed_covariates(profiles[0], coef, np.eye(3), "log")
    with pytest.raises(ValueError, match="covariance"):
        fixed_covariates(profiles, coef, np.eye(2), "log")
    with pytest.raises(ValueError, match="one row a person"):
        random_covariates(profiles, coef, np.ones((4, 3)), np.arange(5), "log")
