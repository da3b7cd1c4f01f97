"""The multivariate normal model of scores: EM against closed forms, draws against the posterior."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from trialrr.estimate.fit import FitError
from trialrr.missing.normal import conditional, maximum_likelihood, patterns, posterior
from trialrr.seeds import stream

EM = 1e-8  # absolute: EM stops where a step changes less than 1e-10
CHAINS = 4000
SD = 4.5  # Monte Carlo standard errors that a moment may be off
COVARIANCE = np.array(
    [[1.4, 0.8, 0.7, 0.5], [0.8, 2.2, 1.3, 1.0], [0.7, 1.3, 2.5, 1.6], [0.5, 1.0, 1.6, 2.7]]
)
MEAN = np.array([6.4, 5.2, 4.8, 5.0])


def complete(n: int, name: str) -> np.ndarray:
    return stream(1, "test normal", name).multivariate_normal(MEAN, COVARIANCE, n)


def monotone(n: int = 120) -> np.ndarray:
    scores = complete(n, "monotone")
    last = stream(1, "test normal", "last visit").integers(0, 4, n)
    scores[np.arange(4) > last[:, None]] = np.nan
    return scores


def with_gaps(n: int = 150) -> np.ndarray:
    scores = complete(n, "gaps")
    scores[:, 1:][stream(1, "test normal", "gaps at").random((n, 3)) < 0.3] = np.nan
    return scores


def anderson(scores: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Maximum of a monotone sample's likelihood by regressions of each score on those before it, in
    those who have it; Anderson (1957), J Am Stat Assoc 52:200."""
    p = scores.shape[1]
    mean, covariance = np.zeros(p), np.zeros((p, p))
    for j in range(p):
        kept = ~np.isnan(scores[:, j])
        x = np.column_stack([np.ones(kept.sum()), scores[kept, :j]])
        w, y = weights[kept], scores[kept, j]
        beta = np.linalg.solve((x.T * w) @ x, (x.T * w) @ y)
        residual = (w * (y - x @ beta) ** 2).sum() / w.sum()
        mean[j] = beta[0] + beta[1:] @ mean[:j]
        covariance[j, :j] = covariance[:j, j] = covariance[:j, :j] @ beta[1:]
        covariance[j, j] = residual + beta[1:] @ covariance[:j, :j] @ beta[1:]
    return mean, covariance


def test_em_is_the_closed_form_of_monotone_data():
    scores = monotone()
    weights = stream(1, "test normal", "counts").poisson(1.0, (3, len(scores))).astype(float)
    weights = np.vstack([np.ones(len(scores)), weights])
    found, converged = maximum_likelihood(scores, weights)
    assert converged.all()
    for b, w in enumerate(weights):
        mean, covariance = anderson(scores, w)
        assert found.mean[b] == pytest.approx(mean, abs=EM)
        assert found.covariance[b] == pytest.approx(covariance, abs=EM)


def test_em_of_any_gaps_is_a_maximum_of_the_likelihood():
    scores = with_gaps()
    found, _ = maximum_likelihood(scores)

    def log_likelihood(mean, covariance) -> float:
        return sum(
            multivariate_normal(mean[p.observed], covariance[np.ix_(p.observed, p.observed)])
            .logpdf(scores[p.rows][:, p.observed])
            .sum()
            for p in patterns(scores)
        )

    step = 1e-4
    for i in range(4):
        shift = step * np.eye(4)[i]
        up, down = (log_likelihood(found.mean[0] + s, found.covariance[0]) for s in (shift, -shift))
        assert abs(up - down) / (2 * step) < 1e-4
        for j in range(i + 1):
            shift = np.zeros((4, 4))
            shift[i, j] = shift[j, i] = step
            up, down = (
                log_likelihood(found.mean[0], found.covariance[0] + s) for s in (shift, -shift)
            )
            assert abs(up - down) / (2 * step) < 1e-4


def test_a_weight_is_so_many_people():
    scores = with_gaps()
    counts = stream(1, "test normal", "copies").integers(0, 4, len(scores))
    weighted, _ = maximum_likelihood(scores, counts[None].astype(float))
    repeated, _ = maximum_likelihood(np.repeat(scores, counts, axis=0))
    assert weighted.mean == pytest.approx(repeated.mean, abs=EM)
    assert weighted.covariance == pytest.approx(repeated.covariance, abs=EM)


def test_one_sample_without_a_maximum_disturbs_no_other():
    scores = with_gaps()
    weights = np.ones((3, len(scores)))
    weights[1, ~np.isnan(scores[:, 3])] = 0  # nobody seen at the last visit
    weights[2, 2:] = 0  # fewer people than scores
    found, converged = maximum_likelihood(scores, weights)
    assert converged.tolist() == [True, False, False]
    alone, _ = maximum_likelihood(scores)
    assert found.mean[0] == pytest.approx(alone.mean[0], abs=EM)


def test_a_regression_of_nothing_is_the_margin():
    slopes, residual = conditional(COVARIANCE[None], np.array([], int), np.arange(4))
    assert slopes.shape == (1, 0, 4) and (residual[0] == COVARIANCE).all()


def test_draws_have_the_moments_of_the_posterior_of_complete_data():
    """Σ ~ W⁻¹(n-1, S⁻¹) has mean S/(n-p-2), μ has mean ȳ and covariance E(Σ)/n."""
    scores = complete(30, "posterior")
    n, p = scores.shape
    drawn = posterior(stream(1, "test normal", "complete"), scores, CHAINS, 1)
    expected = (n - 1) * np.cov(scores.T) / (n - p - 2)
    error = drawn.covariance.std(axis=0) / np.sqrt(CHAINS)
    assert (np.abs(drawn.covariance.mean(axis=0) - expected) < SD * error).all()
    error = np.sqrt(np.diag(expected) / n / CHAINS)
    assert (np.abs(drawn.mean.mean(axis=0) - scores.mean(axis=0)) < SD * error).all()
    spread = drawn.mean.var(axis=0) / (np.diag(expected) / n)
    assert np.abs(np.log(spread)).max() < SD * np.sqrt(2 / CHAINS)


def test_draws_have_the_moments_of_the_posterior_with_missing_scores():
    """Two scores, the second missing in some: by the factored likelihood the regression has the
    variance RSS/(m-3), the first mean the variance SS/{n(n-4)}, and both are independent."""
    scores = complete(60, "two")[:, :2]
    scores[40:, 1] = np.nan
    n, m = 60, 40
    x = np.column_stack([np.ones(m), scores[:m, 0]])
    beta, (rss,), *_ = np.linalg.lstsq(x, scores[:m, 1], rcond=None)
    first = scores[:, 0].mean()
    spread = scores[:, 0].var() / (n - 4)
    at, c = np.array([1.0, first]), np.linalg.inv(x.T @ x)
    variance = rss / (m - 3) * (at @ c @ at + c[1, 1] * spread) + beta[1] ** 2 * spread
    drawn = posterior(stream(1, "test normal", "missing"), scores, CHAINS, 30)
    error = np.sqrt(variance / CHAINS)
    assert drawn.mean[:, 1].mean() == pytest.approx(beta @ at, abs=SD * error)
    assert drawn.mean[:, 1].var() == pytest.approx(variance, rel=SD * np.sqrt(2 / CHAINS))


def test_refusals():
    rng, scores = stream(1, "test normal", "refusals"), with_gaps()
    with pytest.raises(FitError, match="arm PT: no normal model of 4 scores .* 3 people"):
        posterior(rng, complete(3, "few"), 2, 1, "arm PT")
    scores[:, 3] = np.nan
    with pytest.raises(FitError, match="of whom 150, .*, 0 have them"):
        posterior(rng, scores, 2, 1, "arm PT")
