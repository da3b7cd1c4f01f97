"""Missing responders by an informative missingness odds ratio (IMOR), and what that costs.

The odds of response among the missing are IMOR times those among the observed with the same arm,
visit and covariates. White, Higgins & Wood (2008), Stat Med 27:711; variance by one stack of
estimating equations as in the mean score approach of White, Carpenter & Horton (2018), Stat Sinica
28:1985.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def fill(responder: Array, probability: Array, odds_ratio: Array) -> Array:
    """Observed outcomes, and for a missing one its expected value IMOR π / (IMOR π + 1 - π).

    responder : (n, J) of 0 and 1, NaN where missing; probability : (n, J), π = expit(hᵀθ) of the
    logistic model of the observed; odds_ratio : (…, n), IMOR of each person. Returns (…, n, J).
    """
    odds = np.asarray(odds_ratio)[..., None] * probability
    return np.where(np.isnan(responder), odds / (odds + 1 - probability), responder)


def influence(
    design: Array,
    responder: Array,
    filled: Array,
    mu: Array,
    probability: Array,
) -> Array:
    """(n, p) influence of each person on β of the outcome model of filled outcomes, with θ of the
    logistic model estimated too; both models have the same columns z_ij = h_ij.

        ψ_i = A_ββ⁻¹ (U_β,i + A_βθ A_θθ⁻¹ U_θ,i)
        U_β,i = Σ_j z_ij (ỹ_ij - μ_ij),       A_ββ = Σ μ z zᵀ
        U_θ,i = Σ_j O_ij z_ij (y_ij - π_ij),  A_θθ = Σ O π(1-π) z zᵀ
        A_βθ  = Σ_missing ỹ(1-ỹ) z zᵀ,        since ∂ỹ/∂θ = ỹ(1-ỹ) h

    design : (n, J, p); responder : (n, J), NaN where missing; filled, mu, probability : (n, J), ỹ,
    exp(zᵀβ) and π.
    """
    missing = np.isnan(responder)
    residual = np.where(missing, 0.0, responder - probability)
    of_logistic = np.einsum("nj,njp->np", residual, design)
    of_outcome = np.einsum("nj,njp->np", filled - mu, design)
    bread = _cross(design, np.where(missing, 0.0, probability * (1 - probability)))
    toward = _cross(design, np.where(missing, filled * (1 - filled), 0.0))
    scores = of_outcome + of_logistic @ np.linalg.solve(bread, toward)
    return np.linalg.solve(_cross(design, mu), scores.T).T


def _cross(design: Array, weights: Array) -> Array:
    """Σ w z zᵀ over people and visits."""
    rows = design.reshape(-1, design.shape[-1])
    return (rows * weights.reshape(-1, 1)).T @ rows
