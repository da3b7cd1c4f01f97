"""Influence of people on the outcome model when weights and imputations are estimated too.

The three sets of estimating equations (response γ, imputation θ, outcome β) form one stack whose
bread is block triangular; these functions are its blocks.
"""

import numpy as np
from numpy.typing import NDArray

from trialrr.estimate.fit import GlmFit
from trialrr.missing.response import ResponseModel

Array = NDArray[np.float64]


def totals(rows: Array, person: Array, n: int) -> Array:
    """Sums of rows by person: (n, p) from (rows, p) and the index (rows,) of each row's person."""
    out = np.zeros((n, rows.shape[1]))
    np.add.at(out, person, rows)
    return out


def through_weights(outcome_scores: Array, response: ResponseModel) -> Array:
    """A_βγ A_γγ⁻¹ U_γ,i with A_βγ = Σ_i (1-π_i) [w_i Σ_j z_ij (ỹ_ij - μ_ij)] x_iᵀ.

    outcome_scores : (n, p), weighted, summed over the visits of each of the n people of the
    response model (zero for the unseen). The numerator s_i = expit(u_iᵀν) of stabilized weights has
    the same term in ν with the other sign, for log w_i = log s_i - log π_i. A truncated weight
    does not move with either model. Returns (n, p), to be taken from the outcome's scores.
    """
    moving = np.where(response.truncated[:, None], 0, outcome_scores)
    correction = _through(moving, response.fit)
    if response.numerator is not None:
        correction = correction - _through(moving, response.numerator)
    return correction


def _through(outcome_scores: Array, model: GlmFit) -> Array:
    slope = (outcome_scores * (1 - model.mu)[:, None]).T @ model.design
    return model.scores @ np.linalg.solve(model.bread, slope.T)


def through_imputation(
    outcome: GlmFit,
    imputation: GlmFit,
    predictors: Array,
    slope: Array,
    missing: Array,
    observed_person: Array,
    n: int,
) -> Array:
    """A_βθ A_θθ⁻¹ U_θ,i with A_βθ = -Σ_missing w_ij z_ij ∂ỹ_ij/∂(h_ijᵀθ) h_ijᵀ.

    outcome : weighted fit on rows; predictors : (rows, q) h; slope : (rows,) derivative of the
    filled outcome by its prediction: 1 for a predicted change, that of a smoothed step for a
    dichotomized one (`pattern_mixture.step_slope`); missing : (rows,) booleans; observed_person :
    person of each row of the imputation's fit; n : number of people. Returns (n, p), to be taken
    from the outcome's scores.
    """
    z = outcome.design[missing] * outcome.weights[missing, None]
    through = -(z * slope[missing, None]).T @ predictors[missing]
    people = totals(imputation.scores, observed_person, n)
    return people @ np.linalg.solve(imputation.bread, through.T)
