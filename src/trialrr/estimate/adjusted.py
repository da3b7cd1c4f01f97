"""From coefficients to what is read: adjusted risks, their contrasts and tests."""

from dataclasses import dataclass
from math import exp

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, ndtr, ndtri

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number with its interval. std_error is on the scale of the link: log for risks and
    ratios, identity for differences and numbers needed to treat have none."""

    estimate: float
    std_error: float
    lower: float
    upper: float
    statistic: float = np.nan
    p_value: float = np.nan


def risk(profile: Array, coef: Array, covariance: Array, alpha: float = 0.05) -> Estimate:
    """Adjusted risk exp(lᵀβ) at the profile l, interval exponentiated from the log scale.

    profile, coef : (p,); covariance : (p, p). The test of log risk = 0 is of no interest and is
    not given.
    """
    log = linear_combination(profile, coef, covariance, alpha)
    return Estimate(exp(log.estimate), log.std_error, exp(log.lower), exp(log.upper))


def risk_ratio(one, other, coef: Array, covariance: Array, alpha: float = 0.05) -> Estimate:
    """exp((l_a - l_b)ᵀβ), interval exponentiated, two-sided z test of ratio = 1."""
    log = linear_combination(np.asarray(one) - np.asarray(other), coef, covariance, alpha)
    return Estimate(
        exp(log.estimate),
        log.std_error,
        exp(log.lower),
        exp(log.upper),
        log.statistic,
        log.p_value,
    )


def risk_difference(one, other, coef: Array, covariance: Array, alpha: float = 0.05) -> Estimate:
    """r_a - r_b by the delta method with gradient r_a l_a - r_b l_b, two-sided z test."""
    one, other = np.asarray(one), np.asarray(other)
    a, b = np.exp(one @ coef), np.exp(other @ coef)
    gradient = a * one - b * other
    return _interval(a - b, np.sqrt(gradient @ covariance @ gradient), alpha)


def number_needed(difference: Estimate) -> Estimate:
    """NNT = 1/RD; its limits are 1/limits of RD, lower from the upper one.

    When the interval of RD contains 0 the set is two pieces, (-∞, lower] and [upper', ∞) with
    lower = 1/RD_lower < 0 < 1/RD_upper: `lower` then holds 1/RD_upper and `upper` the negative
    1/RD_lower, the number needed to harm (Altman 1998, BMJ 317:1309).
    """
    with np.errstate(divide="ignore"):
        value, lower, upper = (
            float(np.divide(1.0, x))
            for x in (difference.estimate, difference.upper, difference.lower)
        )
    return Estimate(value, np.nan, lower, upper)


def wald(contrasts: Array, coef: Array, covariance: Array) -> tuple[float, int, float]:
    """Wald χ² = (Lβ)ᵀ (L V Lᵀ)⁻¹ (Lβ) of Lβ = 0, its degrees of freedom and p-value.

    contrasts : (k, p). Raises LinAlgError if the contrasts repeat each other.
    """
    contrasts = np.atleast_2d(contrasts)
    values = contrasts @ coef
    statistic = float(values @ np.linalg.solve(contrasts @ covariance @ contrasts.T, values))
    return statistic, len(contrasts), float(chdtrc(len(contrasts), statistic))


def linear_combination(profile, coef: Array, covariance: Array, alpha: float = 0.05) -> Estimate:
    """lᵀβ with its interval and two-sided z test of lᵀβ = 0, on the scale of the link."""
    profile = np.asarray(profile, float)
    return _interval(float(profile @ coef), np.sqrt(profile @ covariance @ profile), alpha)


def _interval(estimate, std_error, alpha) -> Estimate:
    half = ndtri(1 - alpha / 2) * std_error
    statistic = estimate / std_error
    return Estimate(
        float(estimate),
        float(std_error),
        float(estimate - half),
        float(estimate + half),
        float(statistic),
        float(2 * ndtr(-abs(statistic))),
    )
