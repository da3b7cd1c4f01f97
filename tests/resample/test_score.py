"""Scores of the arms: against statsmodels' robust score test, and against sums written out."""

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import binom

from trialrr.estimate.fit import FitError
from trialrr.resample import rerandomize, score
from trialrr.seeds import stream

SAME = 1e-8
FAMILIES = ("poisson", "logistic")
WITH_UC = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 1.0]])  # PT:UC, HC:UC, HC:PT


@pytest.fixture(scope="module")
def trial():
    """300 people with weights, 20 of them 0, three visits, some rows absent, an effect in arm 1."""
    rng = stream(5, "score")
    n = 300
    x, arm = rng.standard_normal((n, 3)), rng.integers(0, 3, n)
    y = (rng.random((n, 3)) < 0.3 + 0.1 * (arm == 1)[:, None]).astype(float)
    y[rng.random((n, 3)) < 0.2] = np.nan
    w = rng.uniform(0.5, 2, n)
    w[:20] = 0
    return x, arm, y, w


def rows(x, arm, y, w, month):
    """Rows that are there: outcome, weight, nuisance, arms' columns at the month, person."""
    person, visit = np.nonzero(~np.isnan(y) & (w > 0)[:, None])
    nuisance = np.column_stack([np.eye(3)[visit], x[person]])
    arms = np.column_stack([(arm[person] == k) & (visit == month) for k in (0, 1)]).astype(float)
    return y[person, visit], w[person], nuisance, arms, person


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("month", [0, 2])
def test_the_joint_test_is_the_robust_score_test_of_statsmodels(trial, family, month):
    import statsmodels.api as sm

    x, arm, y, w = trial
    response, weight, nuisance, arms, person = rows(*trial, month)
    kind = {"poisson": sm.families.Poisson(), "logistic": sm.families.Binomial()}[family]
    keys = dict(groups=person, family=kind, weights=weight)
    without = sm.GEE(response, nuisance, **keys).fit(ctol=1e-12)
    both = sm.GEE(response, np.column_stack([nuisance, arms]), **keys)
    expected = both.compare_score_test(without)["statistic"]
    null = score.null(family, y, w, x, month)
    found = score.statistics([null])(score.indicators(arm[None], [0, 1]))[0]
    assert found.chi_squared(np.eye(2))[0] == pytest.approx(expected, rel=SAME)


def written_out(nuisance, arms, residual, information, person):
    """One-step effects and their sandwich, by dense algebra over the rows."""
    bread = (nuisance * information[:, None]).T @ nuisance
    beside = arms - nuisance @ np.linalg.solve(bread, (nuisance * information[:, None]).T @ arms)
    of_rows = beside * residual[:, None]
    people = np.zeros((person.max() + 1, arms.shape[1]))
    np.add.at(people, person, of_rows)
    inverse = np.linalg.inv((beside * information[:, None]).T @ beside)
    return inverse @ of_rows.sum(axis=0), inverse @ people.T @ people @ inverse


@pytest.mark.parametrize("family", FAMILIES)
def test_effects_and_covariance_are_the_sums_written_out(trial, family):
    x, arm, y, w = trial
    rng = stream(5, "draws")
    assignments = np.vstack([arm[None], rng.integers(0, 3, (4, len(arm)))])
    null = score.null(family, y, w, x, 1)
    other = score.null("poisson", y, w, x[:, :1], 1)
    found = score.statistics([other, null])(score.indicators(assignments, [0, 1]))[1]
    import statsmodels.api as sm

    kind = {"poisson": sm.families.Poisson(), "logistic": sm.families.Binomial()}[family]
    for b, assigned in enumerate(assignments):
        response, weight, nuisance, arms, person = rows(x, assigned, y, w, 1)
        fit = sm.GLM(response, nuisance, family=kind, var_weights=weight).fit(tol=1e-13)
        slope = fit.mu if family == "poisson" else fit.mu * (1 - fit.mu)
        effects, covariance = written_out(
            nuisance, arms, weight * (response - fit.mu), weight * slope, person
        )
        assert found.effects[b] == pytest.approx(effects, rel=SAME)
        assert found.covariance[b] == pytest.approx(covariance, rel=SAME)
        for contrast in WITH_UC:
            value, z = (part[b] for part in found.contrast(contrast))
            assert value == pytest.approx(contrast @ effects, rel=SAME)
            assert z == pytest.approx(value / np.sqrt(contrast @ covariance @ contrast), rel=SAME)
            assert found.chi_squared(contrast[None])[b] == pytest.approx(z**2, rel=SAME)


def test_one_step_of_a_trial_without_covariates_is_the_difference_of_risks(trial):
    """One visit, no covariate: S/I = Ȳ_k/Ȳ - Ȳ_0/Ȳ, and the ratio of a logistic step to it is
    that of the slopes."""
    _, arm, _, _ = trial
    y = (stream(5, "one").random((300, 1)) < 0.3).astype(float)
    none, ones = np.empty((300, 0)), np.ones(300)
    risk = np.array([y[arm == k].mean() for k in range(3)])
    expected = (risk[:2] - risk[2]) / y.mean()
    for family in FAMILIES:
        null = score.null(family, y, ones, none, 0)
        found = score.statistics([null])(score.indicators(arm[None], [0, 1]))[0]
        assert null.ratio * found.effects[0] == pytest.approx(expected, rel=SAME)


def test_an_outcome_that_depends_on_the_arm_is_written_out_per_assignment(trial):
    """Effects exactly; the covariance on average nearly, its nuisance meat being at its mean."""
    import statsmodels.api as sm

    x, _, y, w = trial
    worst = np.isnan(y)
    assignments = stream(5, "worst").integers(0, 3, (300, len(w)))
    null = score.null("poisson", y, w, x, 0, worst, 1 / 3)
    found = score.statistics([null])(score.indicators(assignments, [0, 1]))[0]
    parts = rows(x, assignments[0], np.where(worst, 1 / 3, y), w, 0)
    fit = sm.GLM(parts[0], parts[2], family=sm.families.Poisson(), var_weights=parts[1])
    mean = fit.fit(tol=1e-13).mu
    every = []
    for assigned, effects in zip(assignments, found.effects, strict=True):
        filled = np.where(worst, (assigned == 2)[:, None], y)
        response, weight, nuisance, arms, person = rows(x, assigned, filled, w, 0)
        residual = weight * (response - mean)
        expected, covariance = written_out(nuisance, arms, residual, weight * mean, person)
        assert effects == pytest.approx(expected, rel=SAME)
        every.append(covariance)
    assert found.covariance.mean(axis=0) == pytest.approx(np.mean(every, axis=0), rel=0.015)


def test_people_of_weight_zero_and_scaled_weights_change_nothing(trial):
    x, arm, y, w = trial
    keep = w > 0
    whole = score.null("poisson", y, w, x, 0)
    part = score.null("poisson", y[keep], 3 * w[keep], x[keep], 0)
    a = score.statistics([whole])(score.indicators(arm[None], [0, 1]))[0]
    b = score.statistics([part])(score.indicators(arm[None, keep], [0, 1]))[0]
    assert a.effects == pytest.approx(b.effects, rel=SAME)
    assert a.covariance == pytest.approx(b.covariance, rel=SAME)
    assert whole.ratio == part.ratio == 1


def test_an_arm_without_people_has_no_statistic(trial):
    x, arm, y, w = trial
    null = score.null("poisson", y, w, x, 0)
    found = score.statistics([null])(score.indicators(np.zeros((1, len(arm)), np.int8), [0, 1]))[0]
    assert np.isnan(found.chi_squared(np.eye(2))).all()


@pytest.mark.parametrize("family", FAMILIES)
def test_a_month_without_an_event_is_refused(trial, family):
    x, _, y, w = trial
    with pytest.raises(FitError, match="has no maximum"):
        score.null(family, np.where(np.isnan(y), np.nan, 0.0), w, x, 0)


# ------------------------------------------------------------------------ what was randomized


def test_permuting_whole_clusters_holds_the_level_that_permuting_people_does_not():
    """24 wards of 25 people in two arms without an effect, risks of wards spread on the logit scale
    by 0.7: what was randomized is what may be permuted (Gail et al. 1996, Stat Med 15:1069)."""
    rng = stream(3, "wards")
    wards, size, trials, draws = 24, 25, 200, 99
    ward, arm = np.repeat(np.arange(wards), size), np.tile([0, 1], wards // 2)
    by_ward = rerandomize.scheme(np.zeros(wards), np.arange(wards), 2, (wards,))
    by_person = rerandomize.scheme(np.zeros(wards * size), np.arange(wards * size), 2, (2,))
    small = {"wards": 0, "people": 0}
    for _ in range(trials):
        risk = expit(-0.8 + 0.7 * rng.standard_normal(wards))
        y = (rng.random(wards * size) < risk[ward]).astype(float)[:, None]
        null = score.null("poisson", y, np.ones(len(y)), np.empty((len(y), 0)), 0)
        for name, one, own, scheme in (
            ("wards", null.summed(ward, wards), arm, by_ward),
            ("people", null, arm[ward], by_person),
        ):
            both = score.statistics([one])
            drawn = np.concatenate([own[None], scheme.draw(rng, draws)])
            found = both(score.indicators(drawn, [1]))[0].chi_squared(np.eye(1))
            small[name] += rerandomize.p_value(found[1:], found[0]) <= 0.05
    most = binom.ppf(0.999, trials, 0.05)
    assert small["wards"] <= most and small["people"] > 2 * most


def test_an_arm_that_a_covariate_tells_has_no_statistic():
    rng = stream(4, "told")
    arm = np.repeat([0, 1], 20)
    y = (rng.random((40, 1)) < 0.5).astype(float)
    null = score.null("poisson", y, np.ones(40), arm[:, None] * 0.1, 0)
    found = score.statistics([null])(score.indicators(arm[None], [1]))[0]
    assert np.isnan(found.chi_squared(np.eye(1))).all()
