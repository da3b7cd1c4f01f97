"""From coefficients to what is read: adjusted risks, their contrasts and tests.

Every interval is estimate ± quantile × std_error on the scale of the link, the quantile of a t
distribution with `df` degrees of freedom, normal when that is infinite.
"""

from dataclasses import dataclass, replace
from math import exp, inf, log
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, fdtrc, ndtri, stdtr, stdtrit

Array = NDArray[np.floating]

NO_VARIANCE = (
    "the variance is zero but for rounding, because the outcomes that the estimate rests on do not "
    "differ, or not between clusters: no interval and no test"
)


EQUAL = 1e-12
"""Share of the larger of two risks by which they differ if rounding alone tells them apart. A fit
ends within some 1e-14; one event more of a million people per arm is 1e-6."""
NO_ODDS = 1e-9
"""A risk closer to 1 has no odds: everybody has the event, but for rounding."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number with its interval. std_error is on `scale`: log for ratios, log or logit for
    risks, identity for differences and means; numbers needed to treat have none. df : infinite for
    z; reason : why there is no interval and no test, whose numbers are NaN then, "" if there are;
    flag : what a reader must be told beside them."""

    estimate: float
    std_error: float
    lower: float
    upper: float
    statistic: float = np.nan
    p_value: float = np.nan
    df: float = inf
    reason: str = ""
    flag: str = ""
    scale: str = ""


def risk(
    profile: Array,
    coef: Array,
    covariance: Array,
    alpha: float = 0.05,
    df: float = inf,
    scale: str = "log",
) -> Estimate:
    """Adjusted risk exp(lᵀβ) at the profile l, its interval back from the log or the logit scale.

    profile, coef : (p,); covariance : (p, p); std_error is that of the scale. A risk has no null
    value, so no test is given; one of 1 or more, or of 0 by underflow, has no interval on the logit
    scale.
    """
    on_log = linear_combination(profile, coef, covariance, alpha, df)
    if scale == "log":
        return replace(_exponentiated(on_log), statistic=np.nan, p_value=np.nan)
    value = _exp(on_log.estimate)
    if not (value > 0 and has_odds(value)):
        reason = f"an adjusted risk of {value:.4f} has no interval on the logit scale"
        return Estimate(value, np.nan, np.nan, np.nan, reason=reason)
    se = on_log.std_error / (1 - value)
    logit = _interval(log(value / (1 - value)), se, alpha, df)
    lower, upper = (1 / (1 + _exp(-x)) for x in (logit.lower, logit.upper))
    return Estimate(value, se, lower, upper, df=df, scale="logit")


def risk_ratio(
    one: ArrayLike,
    other: ArrayLike,
    coef: Array,
    covariance: Array,
    alpha: float = 0.05,
    df: float = inf,
) -> Estimate:
    """exp((l_a - l_b)ᵀβ), interval exponentiated, two-sided test of ratio = 1."""
    contrast = np.asarray(one) - np.asarray(other)
    return _exponentiated(linear_combination(contrast, coef, covariance, alpha, df))


def risk_difference(
    one: ArrayLike,
    other: ArrayLike,
    coef: Array,
    covariance: Array,
    alpha: float = 0.05,
    df: float = inf,
) -> Estimate:
    """r_a - r_b by the delta method with gradient r_a l_a - r_b l_b, two-sided test."""
    gradient = difference_gradient(one, other, coef)
    value = difference(*(float(np.exp(np.asarray(x) @ coef)) for x in (one, other)))
    return _interval(value, _root(gradient @ covariance @ gradient), alpha, df)


def difference_from_none(
    profile: ArrayLike, coef: Array, covariance: Array, alpha: float = 0.05, df: float = inf
) -> Estimate:
    """r - 0, an adjusted risk less that of an arm without an event: `risk_difference` as the other
    risk goes to 0, with gradient r l."""
    profile = np.asarray(profile, float)
    value = float(np.exp(profile @ coef))
    return _interval(value, value * _root(profile @ covariance @ profile), alpha, df)


def opposite(e: Estimate) -> Estimate:
    """A difference the other way round."""
    return replace(e, estimate=-e.estimate, lower=-e.upper, upper=-e.lower, statistic=-e.statistic)


def difference(one: float, other: float) -> float:
    """one - other of two risks, exactly 0 where rounding alone tells them apart."""
    return 0.0 if abs(one - other) <= EQUAL * max(abs(one), abs(other)) else one - other


def has_odds(risk: float) -> bool:
    """Whether a risk is below 1, by more than rounding."""
    return risk < 1 - NO_ODDS


def odds_ratio(
    one: ArrayLike,
    other: ArrayLike,
    coef: Array,
    covariance: Array,
    alpha: float = 0.05,
    df: float = inf,
) -> Estimate:
    """[r_a/(1 - r_a)] / [r_b/(1 - r_b)] by the delta method on the log scale. Raises ValueError if
    a risk has no odds (`has_odds`)."""
    a, b = (float(np.exp(np.asarray(x) @ coef)) for x in (one, other))
    if not has_odds(max(a, b)):
        raise ValueError(f"adjusted risks {a:.4f} and {b:.4f}: one of 1 or more has no odds")
    gradient = odds_gradient(one, other, coef)
    value = log(a / (1 - a)) - log(b / (1 - b))
    se = _root(gradient @ covariance @ gradient)
    return _exponentiated(_interval(value, se, alpha, df))


def difference_gradient(one: ArrayLike, other: ArrayLike, coef: Array) -> Array:
    """Gradient of r_a - r_b: r_a l_a - r_b l_b, (p,)."""
    a, b = np.asarray(one, float), np.asarray(other, float)
    return np.asarray(np.exp(a @ coef) * a - np.exp(b @ coef) * b)


def odds_gradient(one: ArrayLike, other: ArrayLike, coef: Array) -> Array:
    """Gradient of the log odds ratio: l_a/(1 - r_a) - l_b/(1 - r_b), (p,)."""
    a, b = np.asarray(one, float), np.asarray(other, float)
    return np.asarray(a / (1 - np.exp(a @ coef)) - b / (1 - np.exp(b @ coef)))


def number_needed(difference: Estimate) -> Estimate:
    """NNT = 1/RD; its limits are 1/limits of RD, lower from the upper one.

    When the interval of RD contains 0 the set is two pieces, (-∞, lower] and [upper', ∞) with
    lower = 1/RD_lower < 0 < 1/RD_upper: `lower` then holds 1/RD_upper and `upper` the negative
    1/RD_lower, the number needed to harm (Altman 1998, BMJ 317:1309). A difference of 0 has an
    infinite number; one without an interval gives none, for the same reason.
    """
    with np.errstate(divide="ignore"):
        value, lower, upper = (
            float(np.divide(1.0, x))
            for x in (difference.estimate, difference.upper, difference.lower)
        )
    reason, flag = difference.reason, difference.flag
    return Estimate(value, np.nan, lower, upper, reason=reason, flag=flag)


def wald(
    contrasts: Array, coef: Array, covariance: Array, df: float = inf
) -> tuple[float, int, float]:
    """Wald test of Lβ = 0: its statistic, numerator degrees of freedom and p-value.

    contrasts : (k, p). The statistic is χ² = (Lβ)ᵀ (L V Lᵀ)⁻¹ (Lβ) with k degrees of freedom, or
    with finite `df` F = χ²/k on k and df. Raises LinAlgError if the contrasts repeat each other.
    """
    contrasts = np.atleast_2d(contrasts)
    values, k = contrasts @ coef, len(contrasts)
    statistic = float(values @ np.linalg.solve(contrasts @ covariance @ contrasts.T, values))
    if np.isinf(df):
        return statistic, k, float(chdtrc(k, statistic))
    return statistic / k, k, float(fdtrc(k, df, statistic / k))


def linear_combination(
    profile: ArrayLike,
    coef: Array,
    covariance: Array,
    alpha: float = 0.05,
    df: float = inf,
    size: float = 0.0,
) -> Estimate:
    """lᵀβ with its interval and two-sided test of lᵀβ = 0, on the scale of the link. size : of the
    outcomes that β is made of; a combination that is rounding beside it is exactly 0."""
    profile = np.asarray(profile, float)
    value, se = float(profile @ coef), _root(profile @ covariance @ profile)
    return _interval(value if abs(value) > EQUAL * size else 0.0, se, alpha, df)


def _exponentiated(e: Estimate) -> Estimate:
    lower, upper = _exp(e.lower), _exp(e.upper)
    return replace(e, estimate=_exp(e.estimate), lower=lower, upper=upper, scale="log")


def _exp(value: float) -> float:
    try:
        return exp(value)
    except OverflowError:
        return inf


def _root(variance: Any) -> float:
    """Standard error; 0 of a variance that rounding made negative or that is NaN."""
    return float(np.sqrt(variance)) if variance > 0 else 0.0


def _interval(estimate: float, std_error: float, alpha: float, df: float) -> Estimate:
    """The estimate alone where there is no variance or no degree of freedom to make it from."""
    if not (std_error > 0 and np.isfinite(std_error) and df > 0):
        return Estimate(estimate, np.nan, np.nan, np.nan, reason=NO_VARIANCE)
    quantile = ndtri(1 - alpha / 2) if np.isinf(df) else stdtrit(df, 1 - alpha / 2)
    half, statistic = float(quantile) * std_error, estimate / std_error
    p = float(2 * stdtr(df, -abs(statistic)))
    limits = estimate - half, estimate + half
    return Estimate(estimate, std_error, *limits, statistic, p, df, scale="identity")
