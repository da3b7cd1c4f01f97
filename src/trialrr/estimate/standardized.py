"""Standardized risks, what each arm's would be if everybody were in it, and their contrasts."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from trialrr.estimate import adjusted
from trialrr.estimate.adjusted import Estimate
from trialrr.estimate.sandwich import covariance as clustered

Array = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Standardized:
    """risks : (a,), one an arm; covariance : (a, a) of them, on the scale of risks."""

    risks: Array
    covariance: Array


def fixed_covariates(profiles: Array, coef: Array, covariance: Array, link: str) -> Standardized:
    """r_a = mean_i g(z_i(a)ᵀβ) for the covariates that these people have: V_r = ∇ᵀ V ∇.

    profiles : (a, n, p), the design rows of n people, each put into each of a arms;
    coef : (p,); covariance : (p, p) of coef, whichever was named; link : `log` or `logit`.
    Raises ValueError on shapes that do not fit and on another link.
    """
    means, gradients = _means(profiles, coef, link)
    _check_square(covariance, coef)
    return Standardized(means.mean(axis=1), gradients @ np.asarray(covariance) @ gradients.T)


def random_covariates(
    profiles: Array, coef: Array, influence: Array, clusters: NDArray[Any], link: str
) -> Standardized:
    """r_a as in `fixed_covariates`, for a population of which these people are a sample.

    Influence of person i on r_a: (m_i(a) - r_a)/n + ∇_aᵀψ_i with m_i(a) = g(z_i(a)ᵀβ); its totals
    by cluster give V_r. Ye, Bannick, Yi & Shao (2023), Stat Theory Relat Fields 7:159.

    profiles : (a, n, p); coef : (p,); influence : (n, p), ψ_i of the same people, rows of one
    person added up, such that V = Σ ψ_i ψ_iᵀ; clusters : (n,); link : `log` or `logit`.
    Raises ValueError on shapes that do not fit and on another link.
    """
    means, gradients = _means(profiles, coef, link)
    n = means.shape[1]
    influence = np.asarray(influence, float)
    if influence.shape != (n, len(coef)) or len(clusters) != n:
        raise ValueError(
            f"influence {influence.shape} and {len(clusters)} cluster labels for {n} people and "
            f"{len(coef)} coefficients; expected ({n}, {len(coef)}) and {n}, one row a person"
        )
    risks = means.mean(axis=1)
    of_people = (means - risks[:, None]).T / n + influence @ gradients.T
    return Standardized(risks, clustered(of_people, clusters))


def risk(result: Standardized, arm: int, alpha: float = 0.05, scale: str = "logit") -> Estimate:
    """Risk of an arm. Its interval is made on the scale `logit` (always inside 0 and 1), `log`
    (above 0) or `identity`, and std_error is on that scale.

    Raises ValueError for a scale that the risk has no place on, as a mean risk above 1 on logit.
    """
    if scale == "identity":
        got = adjusted.linear_combination([1.0], *_part(result, arm), alpha)
        return replace(got, statistic=np.nan, p_value=np.nan)
    got = adjusted.linear_combination([1.0], *_on(result, scale, [arm]), alpha)
    back = expit if scale == "logit" else np.exp
    lower, upper = float(back(got.lower)), float(back(got.upper))
    numbers = float(result.risks[arm]), got.std_error, lower, upper
    return Estimate(*numbers, reason=got.reason, scale=scale)


def risk_ratio(result: Standardized, one: int, other: int, alpha: float = 0.05) -> Estimate:
    """r_a / r_b, interval and two-sided z test on the log scale; std_error of the log ratio."""
    return _ratio(result, one, other, alpha, "log")


def odds_ratio(result: Standardized, one: int, other: int, alpha: float = 0.05) -> Estimate:
    """Marginal odds ratio r_a (1 - r_b) / {r_b (1 - r_a)}, on the log scale as `risk_ratio`."""
    return _ratio(result, one, other, alpha, "logit")


def risk_difference(result: Standardized, one: int, other: int, alpha: float = 0.05) -> Estimate:
    """r_a - r_b with its interval and two-sided z test; `adjusted.number_needed` turns it over."""
    contrast = _contrast(result, one, other)
    value = adjusted.difference(float(result.risks[one]), float(result.risks[other]))
    variance = contrast @ result.covariance @ contrast
    return adjusted.linear_combination([1.0], np.array([value]), np.array([[variance]]), alpha)


def _means(profiles: ArrayLike, coef: ArrayLike, link: str) -> tuple[Array, Array]:
    """m_i(a) : (a, n), and ∇_a = mean_i g'(z_i(a)ᵀβ) z_i(a) : (a, p)."""
    profiles, coef = np.asarray(profiles, float), np.asarray(coef, float)
    if profiles.ndim != 3 or profiles.shape[1] == 0 or profiles.shape[2:] != coef.shape:
        raise ValueError(
            f"profiles {profiles.shape} for {coef.shape} coefficients; expected (arms, people, "
            "columns), with people and with the columns of the fit"
        )
    if link == "log":
        means = np.exp(profiles @ coef)
        slope = means
    elif link == "logit":
        means = expit(profiles @ coef)
        slope = means * (1 - means)
    else:
        raise ValueError(f"link {link!r} is unknown; standardized risks have `log` or `logit`")
    return means, np.einsum("an,anp->ap", slope, profiles) / means.shape[1]


def _ratio(result: Standardized, one: int, other: int, alpha: float, scale: str) -> Estimate:
    values, covariance = _on(result, scale, [one, other])
    return adjusted.risk_ratio([1.0, 0.0], [0.0, 1.0], values, covariance, alpha)


def _on(result: Standardized, scale: str, arms: list[int]) -> tuple[Array, Array]:
    """Risks of some arms and their covariance on the scale `log` or `logit`."""
    risks = result.risks[arms]
    if scale == "log":
        values, slope = np.log(risks), 1 / risks
    elif scale == "logit":
        if (risks >= 1).any():
            raise ValueError(
                f"a standardized risk of {risks.max():.4g} has no odds; take the log scale, or a "
                "logistic model, whose risks stay below 1"
            )
        values, slope = np.log(risks) - np.log1p(-risks), 1 / (risks * (1 - risks))
    else:
        raise ValueError(f"scale {scale!r} is unknown; expected log, logit or identity")
    return values, slope[:, None] * result.covariance[np.ix_(arms, arms)] * slope


def _contrast(result: Standardized, one: int, other: int) -> Array:
    contrast = np.zeros(len(result.risks))
    contrast[one] += 1
    contrast[other] -= 1
    return contrast


def _check_square(covariance: Array, coef: Array) -> None:
    if np.shape(covariance) != (len(coef), len(coef)):
        raise ValueError(f"covariance {np.shape(covariance)} of {len(coef)} coefficients")


def _part(result: Standardized, arm: int) -> tuple[Array, Array]:
    return result.risks[[arm]], result.covariance[np.ix_([arm], [arm])]
