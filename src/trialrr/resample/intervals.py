"""Bootstrap intervals of a scalar, and how far they may be off by the number of replicates."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bootstrapped:
    """std_error : SD over replicates; percentile, basic, bca : (lower, upper); p_value : the level
    at which the BCa interval would end at 0; mc_std_error, mc_lower, mc_upper : Monte Carlo
    standard errors of the standard error and of the BCa limits; no_bca : why bca, p_value and the
    errors of the limits are NaN, "" where they are not."""

    std_error: float
    percentile: tuple[float, float]
    basic: tuple[float, float]
    bca: tuple[float, float]
    p_value: float
    mc_std_error: float
    mc_lower: float
    mc_upper: float
    no_bca: str = ""


SAME = 1e-9
"""SD of replicates, on a scale where the statistic is of size 1, that is rounding."""


def without_spread(replicates: ArrayLike, alpha: float = 0.05) -> str:
    """Why replicates (B,) of a log risk, log ratio or difference of risks have no interval, ""
    where they have: too few that are finite, or all of them the same but for rounding."""
    values = np.asarray(replicates, float)
    finite = int(np.isfinite(values).sum())
    if finite < len(values) or finite < 2 / alpha:
        return (
            f"{finite} of {len(values)} bootstrap samples have a finite value, and limits at "
            f"{alpha:g} need {2 / alpha:.0f} and all of them: no interval and no test"
        )
    if values.std() <= SAME:
        return (
            "every bootstrap sample has the same value, because the outcomes do not differ: no "
            "interval and no test"
        )
    return ""


def off_center(estimate: float, replicates: ArrayLike, alpha: float = 0.05) -> str:
    """Why an estimate has no interval from its replicates, "" where it has: it lies outside their
    quantiles α/2 and 1 - α/2, |z₀| ≥ Φ⁻¹(1 - α/2), and would lie outside each interval."""
    share = _share_below(np.asarray(replicates, float), estimate)
    if alpha / 2 < share < 1 - alpha / 2:
        return ""
    return (
        f"{100 * share:.3g}% of the bootstrap samples lie below the estimate, so it is outside the "
        f"middle {100 * (1 - alpha):g}% of them and their quantiles are no limits of it: no "
        "interval and no test"
    )


def acceleration(influence: ArrayLike) -> float:
    """Σ l³ / (6 (Σ l²)^{3/2}) from the empirical influence of each resampled unit, (C,), summed
    over arms as well. Efron (1987), JASA 82:171; Davison & Hinkley (1997), eq. 5.50."""
    values = np.asarray(influence, float)
    return float((values**3).sum() / (6 * (values**2).sum() ** 1.5))


def intervals(
    estimate: float, replicates: ArrayLike, influence: ArrayLike, alpha: float = 0.05
) -> Bootstrapped:
    """Intervals of `estimate` from bootstrap `replicates` (B,), where it is about normal.

    Percentile: quantiles of the replicates; basic: 2 estimate - quantiles, reversed; BCa (Efron
    1987): quantiles at Φ(z₀ + (z₀ + z)/(1 - a (z₀ + z))), z₀ = Φ⁻¹ of the share of replicates below
    the estimate (half of those equal). Quantiles are of type 6, r/(B + 1); there are no BCa limits
    beyond the smallest and the largest replicate, nor where 1 - a (z₀ + z) is not above 0. Raises
    ValueError for fewer replicates than 2/alpha, or one that is not finite, and for an estimate
    outside their middle (`off_center`).
    """
    values = np.sort(np.asarray(replicates, float))
    count = len(values)
    if count < 2 / alpha or not np.isfinite(values).all():
        raise ValueError(
            f"{count} replicates, {int((~np.isfinite(values)).sum())} of them not finite; expected "
            f"at least {2 / alpha:.0f} finite ones for limits at {alpha:g}"
        )
    if reason := off_center(estimate, values, alpha):
        raise ValueError(reason)
    tails = np.array([alpha / 2, 1 - alpha / 2])
    low, high = _quantile(values, tails)
    bias = ndtri(_share_below(values, estimate))
    a = acceleration(influence)
    error = values.std(ddof=1)
    fourth = np.mean((values - values.mean()) ** 4)
    of_variance = np.sqrt(max(fourth - error**4, 0) / count)
    symmetric = (
        float(error),
        (float(low), float(high)),
        (float(2 * estimate - high), float(2 * estimate - low)),
    )
    of_error = float(of_variance / (2 * error))
    at = _adjusted(ndtri(tails), bias, a)
    if not (at[0] >= 1 / (count + 1) and at[1] <= count / (count + 1)):
        none = (np.nan, np.nan)
        return Bootstrapped(*symmetric, none, np.nan, of_error, *none, BEYOND.format(count))
    first, last = _quantile(values, at)
    return Bootstrapped(
        *symmetric,
        (float(first), float(last)),
        _p_value(values, bias, a),
        of_error,
        *(_mc_error(values, share) for share in at),
    )


BEYOND = (
    "corrected for bias and acceleration, the limits lie beyond the smallest or the largest of {} "
    "bootstrap samples: no BCa interval; ask for more replicates"
)


def _share_below(values: Array, at: float) -> float:
    """Share of values below, half of those that are equal but for rounding."""
    apart = values - at
    same = np.abs(apart) <= TIE * values.std()
    return float((np.sum((apart < 0) & ~same) + np.sum(same) / 2) / len(values))


TIE = 1e-10
"""SDs of the replicates within which two of them are equal."""


def _adjusted(z: Array, bias: float, a: float) -> Array:
    """Shares at which the BCa limits stand, NaN where the map of z turns round."""
    moved = bias + z
    slope = 1 - a * moved
    return ndtr(bias + moved / np.where(slope > 0, slope, np.nan))


def _quantile(values: Array, shares: Array) -> Array:
    return np.quantile(values, np.clip(shares, 0, 1), method="weibull")


def _mc_error(values: Array, share: float) -> float:
    """Half the distance of the quantiles one binomial standard error to either side."""
    step = np.sqrt(share * (1 - share) / len(values))
    low, high = _quantile(values, np.array([share - step, share + step]))
    return float((high - low) / 2)


def _p_value(values: Array, bias: float, a: float) -> float:
    """Two-sided level whose BCa interval ends at 0; 2/(B + 1) is the least that B can show."""
    count = len(values)
    share = _share_below(values, 0.0)
    least = 1 / (count + 1)
    moved = ndtri(np.clip(share, least, 1 - least)) - bias
    tail = ndtr(moved / (1 + a * moved) - bias)
    return float(min(1.0, max(2 * least, 2 * min(tail, 1 - tail))))
