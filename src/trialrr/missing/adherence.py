"""Weights for people who took their treatment, so that they stand for everybody of their arm."""

import numpy as np
from numpy.typing import NDArray

from trialrr.estimate.fit import FitError, logistic
from trialrr.missing.response import ResponseModel

Array = NDArray[np.float64]


def adherence_weights(took: NDArray[np.bool_], design: Array) -> ResponseModel | None:
    """w_i = T_i s/p_i, p_i = expit(x_iᵀδ), within one arm; s is the share who took the treatment.

    took : (n,) people of the arm; design : (n, q), with the intercept. The share s keeps the arm's
    weight in the slopes of the covariates; the weights of those who took the treatment have a mean
    of about 1 and are not scaled further, so that the stacked variance can follow δ and s
    (`stack.through_weights`, s as the numerator). None where all took it: every weight is 1 then.
    Robins, Hernán & Brumback (2000), Epidemiology 11:550. Raises FitError if nobody took it, or if
    the logistic fit has no maximum.
    """
    took = np.asarray(took, bool)
    if took.all():
        return None
    if not took.any():
        raise FitError(f"none of {len(took)} people of an arm took the treatment")
    fit = logistic(took.astype(float), design)
    share = logistic(took.astype(float), np.ones((len(took), 1)))
    weights = np.where(took, share.mu / fit.mu, 0.0)
    return ResponseModel(fit, weights, share, np.zeros(len(took), bool))
