"""Weights for people who were never seen: inverse probability of any follow-up."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialrr.estimate.fit import GlmFit, logistic

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ResponseModel:
    """fit : logistic model of R on x over everybody; weights : (n,), R/π scaled to mean 1 among
    those with R = 1, zero elsewhere."""

    fit: GlmFit
    weights: Array


def response_weights(seen: Array, design: Array) -> ResponseModel:
    """w_i = R_i / π_i with π_i = expit(x_iᵀγ), U_γ,i = x_i (R_i - π_i) (plan, item 5b).

    seen : (n,) booleans, seen at least once; design : (n, q). Scaling w changes no estimate.
    Raises FitError if the logistic fit does not converge (nobody unseen, separation).
    """
    seen = np.asarray(seen, float)
    fit = logistic(seen, design)
    weights = seen / fit.mu
    return ResponseModel(fit, weights / weights[seen > 0].mean())
