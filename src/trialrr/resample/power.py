"""Power of a trial by simulation: counts of events, crude log risk ratios, Wald tests.

With arms alone in the model, modified Poisson regression gives the crude log risk ratio of each
pair, and its HC0 variance is 1/e_a - 1/n_a + 1/e_b - 1/n_b (Zou 2004, Am J Epidemiol 159:702), so
that a simulated trial is its counts.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, ndtr

from trialrr.estimate.multiplicity import adjust, three_arms

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Counts:
    """events, seen : (T, A) of each trial and arm."""

    events: NDArray[np.int64]
    seen: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tests:
    """contrast_p : (T, K) two-sided; omnibus_p : (T,), all arms the same; NaN where a trial has an
    arm without an event, or with nothing else."""

    contrast_p: Array
    omnibus_p: Array


def draw(
    rng: np.random.Generator, trials: int, people: int, risks: Array, loss: float = 0.0
) -> Counts:
    """`people` in each arm, each lost with probability `loss` whatever the outcome, each of the
    others with an event by the risk of the arm, (A,)."""
    shape = (trials, len(risks))
    seen = rng.binomial(people, 1 - loss, shape)
    return Counts(rng.binomial(seen, np.broadcast_to(risks, shape)), seen)


def wald_tests(counts: Counts, contrasts: list[tuple[int, int]]) -> Tests:
    """Wald tests of each contrast (indices of two arms) and of all arms together.

    The arms' log risks θ_a are independent with variances v_a = 1/e_a - 1/n_a, so that the omnibus
    (Lθ)ᵀ(LVLᵀ)⁻¹Lθ is Σ (θ_a - θ̄)²/v_a about the mean θ̄ weighted by 1/v_a: χ² with A - 1 degrees
    of freedom.
    """
    estimable = ((counts.events > 0) & (counts.events < counts.seen)).all(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        theta = np.log(counts.events / counts.seen)
        variance = 1 / counts.events - 1 / counts.seen
        a, b = np.array(contrasts).T
        z = (theta[:, a] - theta[:, b]) / np.sqrt(variance[:, a] + variance[:, b])
        weight = 1 / variance
        mean = (weight * theta).sum(axis=1) / weight.sum(axis=1)
        statistic = (weight * (theta - mean[:, None]) ** 2).sum(axis=1)
    contrast_p = np.where(estimable[:, None], 2 * ndtr(-np.abs(z)), np.nan)
    omnibus_p = chdtrc(theta.shape[1] - 1, np.where(estimable, statistic, np.nan))
    return Tests(contrast_p, omnibus_p)


def rejected(
    contrast_p: Array, omnibus_p: Array, rule: str, alpha: float, arms: int
) -> NDArray[np.bool_]:
    """Which contrasts a trial's plan declares significant, (T, K), by its rule of multiplicity.

    contrast_p : (T, K); omnibus_p : (T,); rule : `none`, `protected_lsd` (max of both below alpha,
    of three arms only), or one of `multiplicity.METHODS`. A trial without estimates (NaN) rejects
    nothing. Raises ValueError as `protected_lsd`.
    """
    if rule == "protected_lsd":
        three_arms(arms)
        contrast_p = np.maximum(contrast_p, omnibus_p[:, None])
    elif rule != "none":
        found = ~np.isnan(contrast_p).any(axis=1)
        adjusted = np.full(contrast_p.shape, np.nan)
        for t in np.flatnonzero(found):
            adjusted[t] = adjust(contrast_p[t], rule)
        contrast_p = adjusted
    return contrast_p < alpha
