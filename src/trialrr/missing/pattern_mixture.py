"""Pattern-mixture imputation: predict the change in score; for a responder, then dichotomize."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialrr.estimate.fit import GlmFit, linear

Array = NDArray[np.float64]

TIE = 1e-9
"""Points of the score that floating-point numbers may lack at the cutoff."""


def reaches(reduction: Array, cutoff: Array) -> NDArray[np.bool_]:
    """Whether a predicted or imputed reduction makes a responder, one that lacks only rounding too;
    shapes that broadcast."""
    return reduction >= cutoff - TIE


@dataclass(frozen=True, slots=True)
class PatternMixture:
    """fit : linear model on h over the observed rows, of the reduction d in score or of its change;
    filled : (n,), the observed outcome, or what is predicted: 1{hᵀθ ≥ c} of a responder, hᵀθ of a
    change; margin : (n,), hᵀθ - c of a responder (only of use where missing), NaN of a change."""

    fit: GlmFit
    filled: Array
    margin: Array


def impute_responder(
    outcome: Array, reduction: Array, cutoff: Array, design: Array
) -> PatternMixture:
    """Fill missing outcomes by 1{h_ijᵀθ ≥ c_i}, θ solving Σ O_ij h_ij (d_ij - h_ijᵀθ) = 0 (5a).

    outcome, reduction : (n,), one row a person × visit, NaN where missing; cutoff : (n,), the
    reduction that makes a responder, c = 0.30 × baseline; design : (n, p). An observed outcome is
    never recomputed. Raises FitError from the fit, ValueError if outcome and reduction are not
    missing on the same rows.
    """
    observed = ~np.isnan(outcome)
    if (observed != ~np.isnan(reduction)).any():
        row = int(np.argwhere(observed != ~np.isnan(reduction))[0][0])
        raise ValueError(f"row {row} has an outcome without a reduction in score, or the reverse")
    fit = linear(reduction[observed], design[observed])
    margin = design @ fit.coef - cutoff
    filled = np.where(observed, np.nan_to_num(outcome), reaches(margin, 0.0).astype(float))
    return PatternMixture(fit, filled, margin)


def impute_change(change: Array, design: Array) -> PatternMixture:
    """Fill missing changes by hᵀθ, θ solving Σ O_ij h_ij (d_ij - h_ijᵀθ) = 0 (plan, items 5a, 8).

    change : (n,), one row a person × visit, NaN where missing; design : (n, p). Raises FitError
    from the fit.
    """
    observed = ~np.isnan(change)
    fit = linear(change[observed], design[observed])
    filled = np.where(observed, change, design @ fit.coef)
    return PatternMixture(fit, filled, np.full(len(change), np.nan))


def step_slope(margin: Array, bandwidth: float) -> Array:
    """φ_b(hᵀθ - c), normal density of SD b: the derivative by hᵀθ of 1{hᵀθ ≥ c} smoothed by it.

    margin : (n,), hᵀθ - c; bandwidth : b, in points of the score. Returns (n,).
    """
    u = margin / bandwidth
    return np.exp(-0.5 * u * u) / (bandwidth * np.sqrt(2 * np.pi))


def silverman(margin: Array) -> float:
    """Bandwidth 0.9 min(SD, IQR/1.349) n^(-1/5) of Silverman (1986), eq. 3.31.

    margin : (n,), hᵀθ - c over the missing rows, in points of the score; NaN for fewer than two.
    """
    if len(margin) < 2:
        return np.nan
    q1, q3 = np.percentile(margin, [25, 75])
    spread = min(float(np.std(margin, ddof=1)), (q3 - q1) / 1.349)
    return 0.9 * spread * len(margin) ** -0.2
