"""Costs against effects: what a person cost and gained, differences of both, and their ratio.

Costs C and effects E are regressed on the same columns with the same weights, so that everything
about a willingness to pay λ follows from the two regressions and how they move together:

    INB(λ) = λ ΔE - ΔC,   Var INB(λ) = λ² Var ΔE - 2λ Cov(ΔE, ΔC) + Var ΔC,

which is the regression of the net benefit λE - C itself (Hoch, Briggs & Willan 2002, Health Econ
11:415).
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialrr.estimate.adjusted import EQUAL
from trialrr.estimate.covariance import by_name
from trialrr.estimate.fit import linear

Array = NDArray[np.floating]

QUADRANTS = ("north_east", "south_east", "south_west", "north_west")
"""North: costs no less; east: better. South-east dominates, north-west is dominated."""


def winsorized(values: ArrayLike, quantile: float) -> Array:
    """`values` (n,) with those above the quantile (Hyndman & Fan's type 7) set to it; 1 changes
    nothing. Raises ValueError for a quantile that is not above 0 and at most 1."""
    if not 0 < quantile <= 1:
        raise ValueError(f"winsorized at the quantile {quantile}; expected above 0, at most 1")
    costs: Array = np.asarray(values, float)
    return np.minimum(costs, np.quantile(costs, quantile))


def trapezoid(times: ArrayLike) -> Array:
    """Weights c of values at `times` (K,), c_k = (t_{k+1} - t_{k-1})/2 with ends repeated: values @
    c is the area under the lines between them. Utilities at years give quality-adjusted life-years.
    Raises ValueError for fewer than two times, or times that do not rise."""
    t: Array = np.asarray(times, float)
    if t.ndim != 1 or len(t) < 2 or not (np.diff(t) > 0).all():
        raise ValueError(f"times {t.tolist()}; expected two or more that rise")
    padded = np.concatenate([t[:1], t, t[-1:]])
    return np.asarray((padded[2:] - padded[:-2]) / 2)


@dataclass(frozen=True, slots=True)
class At:
    """Linear combinations lᵀβ of m regressions: values (m,), covariance (m, m), df."""

    values: Array
    covariance: Array
    df: float


@dataclass(frozen=True, slots=True)
class JointRegressions:
    """m regressions on one design. coef : (p, m); influence : (C, p, m) of clusters, corrected;
    factor : of their sum of squares; degrees : contrast (p,) → degrees of freedom."""

    coef: Array
    influence: Array
    factor: float
    degrees: Callable[[Array], float]

    def at(self, profile: ArrayLike) -> At:
        """lᵀβ of each response for l (p,), with covariance factor Σ_c (lᵀψ_c)(lᵀψ_c)ᵀ."""
        profile = np.asarray(profile, float)
        moved = np.einsum("p,cpm->cm", profile, self.influence)
        covariance = self.factor * moved.T @ moved
        return At(profile @ self.coef, covariance, self.degrees(profile))


def joint(
    responses: Array,
    design: Array,
    weights: Array,
    clusters: NDArray[Any],
    covariance: str = "cr0",
    degrees_of_freedom: str = "z",
) -> JointRegressions:
    """Weighted least squares of each column of `responses` (n, m) on `design` (n, p), with the
    influences that give covariances between regressions too.

    weights : (n,); clusters : (n,) labels that sort; covariance, degrees_of_freedom : as in
    `covariance.by_name`. Raises ValueError for mbn, whose addition is no sum over clusters, and
    what `fit.linear` and `by_name` raise.
    """
    if covariance == "mbn":
        raise ValueError("mbn has no covariance between regressions; use kc or md")
    fits = [linear(column, design, weights) for column in np.asarray(responses, float).T]
    found = [by_name(covariance, fit, clusters) for fit in fits]
    first = found[0]
    return JointRegressions(
        np.column_stack([fit.coef for fit in fits]),
        np.stack([one.influence for one in found], axis=2),
        first.factor,
        lambda contrast: first.degrees_of_freedom(contrast, degrees_of_freedom),
    )


def benefit(willingness: float) -> Array:
    """(2,) weights of cost and effect in the net benefit λE - C."""
    return np.array([-1.0, willingness])


@dataclass(frozen=True, slots=True)
class Fieller:
    """Confidence set of a ratio. kind : `bounded`, lower to upper; `outside`, all ratios but those
    between lower and upper; `unbounded`, all of them, lower and upper NaN."""

    lower: float
    upper: float
    kind: str


def fieller(
    numerator: float, denominator: float, covariance: Array, quantile: float = 1.959963984540054
) -> Fieller:
    """Ratios θ with (a - θb)² ≤ q² Var(a - θb), for a/b with `covariance` (2, 2) of (a, b).

    That is θ²(b² - q² V_b) - 2θ(ab - q² V_ab) + a² - q² V_a ≤ 0: an interval where b differs from 0
    at the level of q, else all but an interval, or everything. Fieller (1954), JRSS B 16:175;
    Willan & O'Brien (1996), Health Econ 5:297.
    """
    (v_a, v_ab), (_, v_b) = np.asarray(covariance, float) * quantile**2
    square, half = denominator**2 - v_b, numerator * denominator - v_ab
    constant = numerator**2 - v_a
    discriminant = half**2 - square * constant
    if discriminant < 0 or square == 0:
        return Fieller(np.nan, np.nan, "unbounded")
    ends = sorted((half + sign * sqrt(discriminant)) / square for sign in (-1, 1))
    kind = "bounded" if square > 0 else "outside"
    return Fieller(float(ends[0]), float(ends[1]), kind)


def differences(one: ArrayLike, other: ArrayLike) -> Array:
    """one - other of replicates, any shape, exactly 0 where rounding alone tells them apart."""
    one, other = np.asarray(one, float), np.asarray(other, float)
    apart = one - other
    return np.where(np.abs(apart) <= EQUAL * np.maximum(np.abs(one), np.abs(other)), 0.0, apart)


def quadrants(costs: Array, effects: Array) -> dict[str, float]:
    """Share of pairs (ΔC, ΔE), two (B,), in each of QUADRANTS; the shares sum to 1."""
    north, east = np.asarray(costs) >= 0, np.asarray(effects) > 0
    where = (north & east, ~north & east, ~north & ~east, north & ~east)
    return {name: float(inside.mean()) for name, inside in zip(QUADRANTS, where, strict=True)}


def acceptability(costs: Array, effects: Array, willingness: float) -> float:
    """Share of pairs, two (B,), with λΔE - ΔC > 0. van Hout et al. (1994), Health Econ 3:309."""
    return float((willingness * np.asarray(effects) - np.asarray(costs) > 0).mean())


def best_shares(costs: Array, effects: Array, willingness: float) -> Array:
    """(A,) share of replicates in which an arm has the highest net benefit λE - C.

    costs, effects : (B, A) of all arms, up to a constant that arms share; of arms that are equal
    but for rounding the first counts. An arm may be the best of
    all more often than another that has the higher mean (Fenwick, Claxton & Sculpher 2001, Health
    Econ 10:779).
    """
    benefits = willingness * np.asarray(effects) - np.asarray(costs)
    tie = EQUAL * np.abs(benefits).max(axis=1, keepdims=True)
    best = (benefits >= benefits.max(axis=1, keepdims=True) - tie).argmax(axis=1)
    return np.bincount(best, minlength=benefits.shape[1]) / len(benefits)
