"""Log risk ratios of specifications, and statistics over all of them."""

import numpy as np
import pytest

from trialrr.estimate import covariance
from trialrr.estimate.fit import FitError, logistic, modified_poisson
from trialrr.estimate.standardized import fixed_covariates, risk_ratio
from trialrr.resample import rerandomize, score, specifications
from trialrr.resample.cells import Cells
from trialrr.seeds import stream

ESTIMATE, STD_ERROR = 1e-8, 1e-6
PAIRS = [(0, 2), (1, 2)]


@pytest.fixture(scope="module")
def trial():
    """Two outcomes of 240 people in three arms at two visits, one arm in clusters, some absent."""
    rng = stream(6, "specifications")
    n = 240
    arm, z = rng.integers(0, 3, n), rng.standard_normal((n, 2))
    y = (rng.random((2, n, 2)) < 0.35 + 0.1 * np.tanh(z[:, :1])).astype(float)
    y[:, rng.random((n, 2)) < 0.2] = np.nan
    clusters = np.where(arm == 0, rng.integers(0, 8, n), 100 + np.arange(n))
    return Cells(arm, 3, 2, z), y, rng.uniform(0.5, 2, n), clusters


def dense(cells, outcome):
    person, visit = np.nonzero(~np.isnan(outcome))
    cell = cells.arm[person] * cells.visits + visit
    eye = np.eye(cells.arms * cells.visits)
    return person, visit, np.hstack([eye[cell], cells.design.fixed[person]])


def test_poisson_ratios_are_those_of_the_estimation_room(trial):
    cells, y, w, clusters = trial
    everyone = np.arange(len(w))
    ratios, variances = specifications.poisson_ratios(cells, y, w, [clusters, everyone], 1, PAIRS)
    assert ratios.shape == (2, 2) and variances.shape == (2, 2, 2)
    for b in range(2):
        person, visit, design = dense(cells, y[b])
        fit = modified_poisson(y[b, person, visit], design, w[person])
        for k, labels in enumerate((clusters, everyone)):
            v = covariance.by_name("cr0", fit, labels[person]).matrix
            for c, (one, other) in enumerate(PAIRS):
                unit = np.eye(8)[one * 2 + 1] - np.eye(8)[other * 2 + 1]
                assert ratios[b, c] == pytest.approx(unit @ fit.coef, rel=ESTIMATE)
                se = np.sqrt(unit @ v @ unit)
                assert np.sqrt(variances[k, b, c]) == pytest.approx(se, rel=STD_ERROR)


def test_logistic_ratios_are_standardized_risks_of_the_estimation_room(trial):
    cells, y, w, clusters = trial
    ratios, variances = specifications.logistic_ratios(cells, y, w, clusters, 0, PAIRS)
    for b in range(2):
        person, visit, design = dense(cells, y[b])
        fit = logistic(y[b, person, visit], design, w[person])
        v = covariance.by_name("cr0", fit, clusters[person]).matrix
        z = cells.design.fixed[np.unique(person)]
        eye = np.eye(6)[[0, 2, 4]]
        profiles = np.array([np.hstack([np.tile(e, (len(z), 1)), z]) for e in eye])
        standard = fixed_covariates(profiles, fit.coef, v, "logit")
        for c, (one, other) in enumerate(PAIRS):
            expected = risk_ratio(standard, one, other)
            assert np.exp(ratios[b, c]) == pytest.approx(expected.estimate, rel=ESTIMATE)
            assert np.sqrt(variances[b, c]) == pytest.approx(expected.std_error, rel=STD_ERROR)


def test_a_specification_without_a_maximum_is_refused(trial):
    cells, y, w, clusters = trial
    never = np.where(np.isnan(y), np.nan, 0.0)
    with pytest.raises(FitError, match="no maximum"):
        specifications.poisson_ratios(cells, never, w, [clusters], 0, PAIRS)
    with pytest.raises(FitError, match="no maximum"):
        specifications.logistic_ratios(cells, never, w, clusters, 0, PAIRS)


def test_shares_and_medians_count_the_draws_that_are_as_extreme():
    z = np.array([[2.5, -2.2, 0.1], [0, 0, 3], [2.0, np.nan, -9], [2.0, 2.0, 2.0]])
    share = specifications.share_significant(z, 0.05)
    assert share.observed == pytest.approx(2 / 3)
    assert share.drawn == pytest.approx([1 / 3, 2 / 3, 1])
    assert share.p_value == 3 / 4
    effects = np.array([[0.1, -0.3, -0.2], [0.3, 0.3, 0], [0.1, 0.1, 0.1], [0.0, np.nan, 0.0]])
    median = specifications.median_ratio(effects)
    assert median.observed == -0.2
    assert median.p_value == 3 / 4  # .3 is as far from 0, and a draw without a median counts
    assert median.limits(0.5) == pytest.approx((0.15, 0.25))


def test_joint_p_values_are_uniform_when_arms_do_nothing():
    trials, draws, n = 300, 59, 60
    p = np.empty((trials, 2))
    for k in range(trials):
        rng = stream(7, "joint", str(k))
        x = rng.standard_normal((n, 2))
        severity = x[:, [0]] + rng.standard_normal((n, 1))
        scheme = rerandomize.scheme(x[:, 0] > 0, range(n), 3, (3, 6, 9))
        active = score.indicators(scheme.draw(rng, 1 + draws), [0, 1])
        nulls = [
            score.null(family, (severity > cut).astype(float), np.ones(n), x[:, :q], 0)
            for family in ("poisson", "logistic")
            for cut in (-0.3, 0.3)
            for q in (0, 1)
        ]
        unit = np.array([1.0, 0.0])
        found = [
            (one.ratio, *scores.contrast(unit))
            for one, scores in zip(nulls, score.statistics(nulls)(active), strict=True)
        ]
        effects = np.stack([ratio * value for ratio, value, _ in found], axis=1)
        z = np.stack([z for _, _, z in found], axis=1)
        p[k, 0] = specifications.share_significant(z, 0.3).p_value
        p[k, 1] = specifications.median_ratio(effects).p_value
    for level in (0.1, 0.25, 0.5):
        error = np.sqrt(level * (1 - level) / trials)
        assert (p[:, 1] <= level + 1e-9).mean() == pytest.approx(level, abs=3.5 * error)
        assert (p[:, 0] <= level + 1e-9).mean() <= level + 3.5 * error  # ties make it smaller
