"""Interactions against saturated tables, the products' own coefficients, and recodings."""

import numpy as np
import pytest
from scipy import stats

from trialrr.estimate import adjusted
from trialrr.estimate.fit import linear, logistic, modified_poisson
from trialrr.estimate.interaction import interaction, interaction_difference, interaction_ratio
from trialrr.estimate.sandwich import covariance, influence

EXACT = 1e-8  # the fit's own convergence
EVENTS = {("UC", "no"): (40, 150), ("UC", "yes"): (30, 90), ("PT", "no"): (66, 160)}
EVENTS |= {("PT", "yes"): (28, 100), ("HC", "no"): (51, 120), ("HC", "yes"): (45, 95)}
ARMS, LEVELS = ("UC", "PT", "HC"), ("no", "yes")


def saturated(fit, cells=None):
    """Fit on intercept, arms, level and their products; profiles; HC0."""
    cells = list(EVENTS) if cells is None else cells
    profiles = {
        (a, v): np.array(
            [
                1.0,
                a == "PT",
                a == "HC",
                v == "yes",
                (a, v) == ("PT", "yes"),
                (a, v) == ("HC", "yes"),
            ]
        )
        for a in ARMS
        for v in LEVELS
        if (a, v) in cells
    }
    used = np.array(list(profiles.values())).any(axis=0)
    profiles = {cell: row[used] for cell, row in profiles.items()}
    y = np.concatenate([np.arange(n) < k for k, n in (EVENTS[c] for c in profiles)]).astype(float)
    z = np.repeat(np.array(list(profiles.values())), [EVENTS[c][1] for c in profiles], axis=0)
    result = fit(y, z)
    cov = covariance(influence(result.bread, result.scores), np.arange(len(y)))
    return profiles, result.coef, cov


def zou(cell):
    k, n = EVENTS[cell]
    return np.log(k / n), 1 / k - 1 / n


def test_two_by_two_by_two_is_the_difference_of_log_risk_ratios():
    cells = [(a, v) for a in ("UC", "PT") for v in LEVELS]
    got = interaction_ratio(*saturated(modified_poisson, cells))
    (a, va), (b, vb), (c, vc), (d, vd) = map(zou, cells)
    assert got.cells == (("PT", "yes"),)
    assert got.estimates[0] == pytest.approx((d - b) - (c - a), rel=EXACT)
    assert got.std_errors[0] ** 2 == pytest.approx(va + vb + vc + vd, rel=EXACT)
    z = got.estimates[0] / got.std_errors[0]
    assert (got.statistic, got.df) == pytest.approx((z**2, 1))
    assert got.p_value == pytest.approx(2 * stats.norm.sf(abs(z)))


@pytest.mark.parametrize(
    ("fit", "link"), [(modified_poisson, "log"), (logistic, "logit"), (linear, "identity")]
)
def test_differences_are_those_of_the_raw_risks_whatever_the_link(fit, link):
    got = interaction_difference(*saturated(fit), link=link)
    risk = {c: k / n for c, (k, n) in EVENTS.items()}
    variance = {c: risk[c] * (1 - risk[c]) / EVENTS[c][1] for c in EVENTS}
    expected = [
        risk[a, "yes"] - risk["UC", "yes"] - risk[a, "no"] + risk["UC", "no"] for a in ("PT", "HC")
    ]
    own = [variance[a, "yes"] + variance[a, "no"] for a in ("PT", "HC")]
    spread = np.diag(own) + variance["UC", "yes"] + variance["UC", "no"]
    assert got.cells == (("PT", "yes"), ("HC", "yes"))
    assert got.estimates == pytest.approx(expected, rel=EXACT)
    assert got.std_errors == pytest.approx(np.sqrt(np.diag(spread)), rel=EXACT)
    assert got.statistic == pytest.approx(expected @ np.linalg.inv(spread) @ expected, rel=1e-7)
    assert got.p_value == pytest.approx(stats.chi2.sf(got.statistic, 2), rel=1e-9)


def test_ratio_test_is_the_wald_test_of_the_products():
    profiles, coef, cov = saturated(modified_poisson)
    got = interaction_ratio(profiles, coef, cov)
    b, v = coef[4:], cov[4:, 4:]
    assert got.estimates == pytest.approx(b, rel=EXACT)
    assert got.statistic == pytest.approx(b @ np.linalg.solve(v, b), rel=EXACT)
    assert got.statistic == pytest.approx(adjusted.wald(np.eye(6)[4:], coef, cov)[0], rel=EXACT)


@pytest.mark.parametrize("test", [interaction_ratio, interaction_difference])
def test_neither_the_reference_arm_nor_the_reference_level_matters(test):
    profiles, coef, cov = saturated(modified_poisson)
    turned = dict(reversed(profiles.items()))
    one, other = test(profiles, coef, cov), test(turned, coef, cov)
    assert (one.statistic, one.df, one.p_value) == pytest.approx(
        (other.statistic, other.df, other.p_value), rel=1e-7
    )


def test_few_clusters_give_an_f():
    fitted = saturated(modified_poisson)
    chi, f = interaction_ratio(*fitted), interaction_ratio(*fitted, denominator=9.0)
    assert (f.statistic, f.df, f.denominator) == pytest.approx((chi.statistic / 2, 2, 9))
    assert f.p_value == pytest.approx(stats.f.sf(f.statistic, 2, 9), rel=1e-9)
    assert f.p_value > chi.p_value
    huge = interaction_ratio(*fitted, denominator=1e9)
    assert huge.p_value == pytest.approx(chi.p_value, rel=1e-6)


def test_from_any_estimates_and_their_covariance():
    profiles, coef, cov = saturated(modified_poisson)
    rows = np.array(list(profiles.values()))
    risks = np.exp(rows @ coef)
    gradient = risks[:, None] * rows
    got = interaction(list(profiles), risks, gradient @ cov @ gradient.T)
    assert got.statistic == pytest.approx(
        interaction_difference(profiles, coef, cov).statistic, rel=1e-9
    )


def test_no_interaction_of_ratios_can_be_one_of_differences():
    cells = [("UC", "no"), ("UC", "yes"), ("PT", "no"), ("PT", "yes")]
    profiles = dict(zip(cells, np.eye(4), strict=True))
    risks = np.array([0.1, 0.4, 0.2, 0.8])
    cov = np.eye(4) * 1e-3
    assert interaction_ratio(profiles, np.log(risks), cov).p_value == pytest.approx(1)
    assert interaction_difference(profiles, np.log(risks), cov).p_value < 1e-6


def test_refusals_say_what_is_missing():
    profiles, coef, cov = saturated(modified_poisson)
    some = {c: row for c, row in profiles.items() if c != ("HC", "yes")}
    with pytest.raises(ValueError, match=r"missing \[\('HC', 'yes'\)\]"):
        interaction_ratio(some, coef, cov)
    with pytest.raises(ValueError, match="needs two of each"):
        interaction_ratio({c: r for c, r in profiles.items() if c[1] == "no"}, coef, cov)
    flat = {c: np.where(np.arange(6) > 3, 0, row) for c, row in profiles.items()}
    with pytest.raises(ValueError, match="rank 0: does the model have products"):
        interaction_ratio(flat, coef, cov)
    with pytest.raises(ValueError, match="link 'probit'; known"):
        interaction_difference(profiles, coef, cov, link="probit")
    with pytest.raises(ValueError, match=r"profile of \('UC', 'no'\) has shape \(6,\)"):
        interaction_ratio(profiles, coef[:5], cov[:5, :5])
    with pytest.raises(ValueError, match="no profiles"):
        interaction_ratio({}, coef, cov)
