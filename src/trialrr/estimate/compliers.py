"""Effect among compliers, under exclusion and no defiers, in a trial in which nobody of the control
arm can have the treatment."""

from dataclasses import dataclass
from math import log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from trialrr.estimate.adjusted import Estimate, difference, linear_combination, risk_ratio
from trialrr.estimate.sandwich import cluster_totals
from trialrr.estimate.tables import NotEstimable

Array = NDArray[np.floating]

ROUNDING = 1e-20
"""Variance of shares and of their log ratio that is rounding: one person of 10⁶ without the event,
or among those who took the treatment, makes it 1e-12."""


@dataclass(frozen=True, slots=True)
class Strata:
    """What principal strata are made of, as weighted means with the influence of clusters on them.

    treated, control : risks r₁, r₀ of the arms; never : P(never) r₁|never, the risk that the
    treated arm owes to those who did not take the treatment; compliance : share who did;
    influence : (C, 4), of the clusters on these four, in this order.
    """

    treated: float
    control: float
    never: float
    compliance: float
    influence: Array

    def risk_ratio(self, alpha: float = 0.05) -> Estimate:
        """(r₁ - never)/(r₀ - never), interval from the log scale by the delta method. Raises
        NotEstimable where either risk of compliers is not positive."""
        one, other = (difference(r, self.never) for r in (self.treated, self.control))
        if self.compliance == 0 or one <= 0:
            who = "nobody took the treatment" if self.compliance == 0 else "no event among takers"
            raise NotEstimable(f"{who}, so compliers have no risk ratio; report the counts")
        if other <= 0:
            raise NotEstimable(
                f"the risk that never-takers bring to their arm, {self.never:.4f}, is not below "
                f"the reference arm's {self.control:.4f}: no positive risk is left for compliers "
                "of the reference arm, so exclusion does not hold here"
            )
        gradient = np.array([1 / one, -1 / other, 1 / other - 1 / one, 0])
        variance = self._variance(gradient)
        if variance <= ROUNDING:
            raise NotEstimable("the outcome does not vary, so the ratio has no standard error")
        value, matrix = np.array([log(one / other)]), np.array([[variance]])
        return risk_ratio([1.0], [0.0], value, matrix, alpha)

    def risk_difference(self, alpha: float = 0.05) -> Estimate:
        """(r₁ - r₀)/P(complier) by the delta method. Raises NotEstimable if nobody complied or
        everybody's outcome is the same."""
        if self.compliance == 0:
            raise NotEstimable("nobody took the treatment, so there are no compliers to speak of")
        value = difference(self.treated, self.control) / self.compliance
        gradient = np.array([1, -1, 0, -value]) / self.compliance
        variance = self._variance(gradient)
        if variance <= ROUNDING:
            raise NotEstimable("the outcome does not vary, so the difference has no standard error")
        return linear_combination([1.0], np.array([value]), np.array([[variance]]), alpha)

    def share(self, alpha: float = 0.05) -> Estimate:
        """P(complier), interval on the identity scale."""
        variance = self._variance(np.array([0, 0, 0, 1.0]))
        if variance <= ROUNDING:
            who = "nobody" if self.compliance < 0.5 else "everybody"
            reason = f"{who} took the treatment, so the share does not vary: no interval"
            return Estimate(self.compliance, np.nan, np.nan, np.nan, reason=reason)
        error = sqrt(variance)
        half = float(ndtri(1 - alpha / 2)) * error
        limits = self.compliance - half, self.compliance + half
        return Estimate(self.compliance, error, *limits, scale="identity")

    def _variance(self, gradient: Array) -> float:
        return float(((self.influence @ gradient) ** 2).sum())


def principal_strata(
    assigned: Array, took: Array, outcome: Array, weights: Array, clusters: NDArray[Any]
) -> Strata:
    """Strata of the people of two arms, with ψ_i = w_i (f_i - f̄)/Σ w of the arm for each mean f̄,
    summed by cluster (Angrist, Imbens & Rubin 1996, JASA 91:444; Frangakis & Rubin 2002, Biometrics
    58:21; Sommer & Zeger 1991, Stat Med 10:45; weights are taken as known).

    assigned : (n,), 1 in the arm that is offered the treatment, 0 in the control arm; took : (n,)
    0/1; outcome : (n,) 0/1; clusters : (n,) labels that sort. Raises NotEstimable for an empty arm,
    ValueError if somebody of the control arm took the treatment.
    """
    assigned, took, outcome = (np.asarray(v, float) for v in (assigned, took, outcome))
    if (took * (1 - assigned)).any():
        raise ValueError(
            f"{int((took * (1 - assigned)).sum())} people of the control arm took the treatment; "
            "expected none, for the strata are of compliers and never-takers only"
        )
    arms = [weights * assigned, weights * (1 - assigned)]
    if min(w.sum() for w in arms) <= 0:
        raise NotEstimable("an arm has nobody at this visit, so there is nothing to compare")
    treated, control = arms
    columns = [(treated, outcome), (control, outcome), (treated, outcome * (1 - took)),
               (treated, took)]  # fmt: skip
    means = [float(w @ f / w.sum()) for w, f in columns]
    parts = [w * (f - m) / w.sum() for (w, f), m in zip(columns, means, strict=True)]
    influence = cluster_totals(np.column_stack(parts), clusters)
    return Strata(means[0], means[1], means[2], means[3], influence)
