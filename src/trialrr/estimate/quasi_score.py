"""Intervals of a log risk ratio by inverting the robust quasi-score test.

For lᵀβ = ψ the estimating equations are solved under the constraint, S(β̃) = λl with lᵀβ̃ = ψ,
and with A and the scores s_i of rows taken at β̃ the generalized score statistic is

    T(ψ) = (lᵀA⁻¹S)² / lᵀA⁻¹BA⁻¹l = (Σ_c t_c)² / Σ_c t_c²,  t_c = Σ_{i∈c} lᵀA⁻¹s_i,

χ² with one degree of freedom. The interval is the ψ about the estimate where T stays below the
quantile: it is invariant under reparametrization, and its variance is that under the value tested.
Rotnitzky & Jewell (1990), Biometrika 77:485; Boos (1992), Am Stat 46:327.
"""

from dataclasses import dataclass, replace
from math import inf

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri

from trialrr.estimate.columns import units
from trialrr.estimate.fit import FitError

Array = NDArray[np.floating]

STEPS = 50
SMALL_STEP = 1e-10  # of a coefficient
LONGEST = 3.0  # no step moves a linear predictor further
TOLERANCE = 1e-8  # of a limit, on the log scale
STRETCH = 0.5  # the search for a limit goes on by this many Wald standard errors at first
FAR = 20.0  # a log risk ratio beyond which a limit counts as infinite


@dataclass(frozen=True, slots=True)
class ScoreInterval:
    """Limits on the log scale, ±infinity where T never reaches the quantile; statistic : signed
    root of T(0), positive for a ratio above 1; p_value : of lᵀβ = 0."""

    lower: float
    upper: float
    statistic: float
    p_value: float


@dataclass(frozen=True, slots=True)
class QuasiScore:
    """coef : (p,) β̃; root : lᵀA⁻¹S / √(lᵀA⁻¹BA⁻¹l), positive where ψ is below the estimate."""

    coef: Array
    root: float


@dataclass(frozen=True, slots=True)
class PoissonEquations:
    """Poisson estimating equations with log link, weights held fixed.

    design : (n, p); outcome, weights : (n,); clusters : (n,) index 0…C-1 of each row.
    """

    design: Array
    outcome: Array
    weights: Array
    clusters: NDArray[np.int64]

    def score(self, contrast: Array, value: float, start: Array) -> QuasiScore:
        """Newton's method under lᵀβ = ψ: β ← β + A⁻¹(S - λl), λ such that the constraint holds.

        contrast : (p,) l; value : ψ; start : (p,), near the solution. From the solution at another
        ψ the first step is along the tangent. Raises FitError if it does not converge.
        """
        coef = np.asarray(start, float)
        for _ in range(STEPS):
            try:
                residuals, inverse = self._at(coef)
            except np.linalg.LinAlgError:
                break
            toward = inverse @ contrast
            free = inverse @ (residuals @ self.design)
            multiplier = (contrast @ (coef + free) - value) / (contrast @ toward)
            step = free - multiplier * toward
            with np.errstate(over="ignore"):
                moved = np.abs(self.design @ step).max()
            coef = coef + step * min(1.0, LONGEST / max(moved, LONGEST))
            if not np.isfinite(coef).all():
                break
            if np.abs(step).max() < SMALL_STEP:
                totals = np.bincount(self.clusters, residuals * (self.design @ toward))
                if not totals @ totals > 0:
                    break
                return QuasiScore(coef, float(totals.sum() / np.sqrt(totals @ totals)))
        raise FitError(
            f"the estimating equations with the log ratio held where the limit is looked for were "
            f"not solved in {STEPS} steps; say `inference: wald`"
        )

    def _at(self, coef: Array) -> tuple[Array, Array]:
        mu = self.weights * np.exp(self.design @ coef)
        bread = (self.design * mu[:, None]).T @ self.design
        return self.weights * self.outcome - mu, np.linalg.inv(bread)


def interval(
    model: PoissonEquations, contrast: Array, coef: Array, std_error: float, alpha: float = 0.05
) -> ScoreInterval:
    """Limits of lᵀβ and test of lᵀβ = 0.

    contrast : (p,); coef : (p,) solution of the equations; std_error : a Wald standard error of
    lᵀβ, from which the search takes its first steps. The limits are the roots of
    T = χ²_{1, 1-alpha} next to the estimate. Raises FitError where the constrained equations are
    not solved.
    """
    unit = units(model.design)
    model = replace(model, design=model.design / unit)
    contrast, coef = np.asarray(contrast, float) / unit, np.asarray(coef, float) * unit
    null = model.score(contrast, 0.0, coef)
    lower, upper = (_limit(model, contrast, coef, sign, std_error, alpha) for sign in (-1, 1))
    return ScoreInterval(lower, upper, null.root, float(chdtrc(1, null.root**2)))


def _limit(
    model: PoissonEquations, contrast: Array, coef: Array, sign: int, std_error: float, alpha: float
) -> float:
    quantile = float(np.sqrt(chdtri(1, alpha)))
    near, last = float(contrast @ coef), coef

    def excess(value: float) -> float:
        nonlocal last
        found = model.score(contrast, value, last)
        last = found.coef
        return -sign * found.root - quantile

    far, stretch = near + sign * quantile * std_error, STRETCH * std_error
    while excess(far) < 0:
        near, far, stretch = far, far + sign * stretch, 2 * stretch
        if abs(far) > FAR:
            return sign * inf
    return float(brentq(excess, near, far, xtol=TOLERANCE))
