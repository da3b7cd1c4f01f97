"""Weights for people who were never seen: inverse probability of any follow-up, stabilized or not,
truncated or not."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialrr.estimate.fit import FitError, GlmFit, logistic

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ResponseModel:
    """fit : logistic model of R on x over everybody; weights : (n,), scaled to mean 1 among those
    with R = 1, zero elsewhere; numerator : logistic model of R on arm, None if not stabilized;
    truncated : (n,), whose weight was set to the quantile."""

    fit: GlmFit
    weights: Array
    numerator: GlmFit | None
    truncated: NDArray[np.bool_]


def response_weights(
    seen: Array, design: Array, numerator: Array | None = None, truncation: float | None = None
) -> ResponseModel:
    """w_i = R_i s_i / π_i with π_i = expit(x_iᵀγ), U_γ,i = x_i (R_i - π_i) (plan, item 5b).

    seen : (n,) booleans, seen at least once; design : (n, q). s_i is 1, or with a design
    `numerator` (n, k) of the arms expit(u_iᵀν), the share seen in the arm: stabilized weights
    (Robins, Hernán & Brumback 2000, Epidemiology 11:550). With `truncation` weights above that
    quantile of those with R = 1 are set to it (Cole & Hernán 2008, Am J Epidemiol 168:656); between
    two weights the quantile is interpolated (Hyndman & Fan's type 7). Scaling comes last and
    changes no estimate. Raises FitError if everybody was seen or a logistic fit does not
    converge (separation), ValueError for a truncation that is not a share.
    """
    seen = np.asarray(seen, float)
    if seen.all():
        raise FitError(
            f"all {len(seen)} people were seen, so there is nobody to weight for and no response "
            "model: take `weights` out of the entry, whose estimates then need none"
        )
    fit = logistic(seen, design)
    weights = seen / fit.mu
    arms = None
    if numerator is not None:
        arms = logistic(seen, numerator)
        weights = weights * arms.mu
    truncated = np.zeros(len(seen), bool)
    if truncation is not None:
        if not 0 < truncation < 1:
            raise ValueError(f"truncation at the quantile {truncation}; expected between 0 and 1")
        limit = np.quantile(weights[seen > 0], truncation)
        truncated = weights > limit
        weights = np.minimum(weights, limit)
    return ResponseModel(fit, weights / weights[seen > 0].mean(), arms, truncated)
