"""The sandwich: bread, meat, and influence of people on estimates."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


def cluster_totals(scores: Array, clusters: NDArray[Any]) -> Array:
    """Σ_{i∈c} s_i for each cluster c, in sorted order of the labels.

    scores : (n, p), one row an observation; clusters : (n,), labels that sort.
    Returns (C, p). Raises ValueError if the lengths differ.
    """
    scores, clusters = np.asarray(scores, float), np.asarray(clusters)
    if len(scores) != len(clusters):
        raise ValueError(f"{len(scores)} scores but {len(clusters)} cluster labels")
    labels, index = np.unique(clusters, return_inverse=True)
    totals = np.zeros((len(labels), scores.shape[1]))
    np.add.at(totals, index, scores)
    return totals


def meat(scores: Array, clusters: NDArray[Any]) -> Array:
    """Sum of outer products of cluster totals of the scores, B = Σ_c (Σ_{i∈c} s_i)(Σ_{i∈c} s_i)ᵀ.

    scores : (n, p), one row an observation; clusters : (n,), labels that sort.
    Returns (p, p). Raises ValueError if the lengths differ. Liang & Zeger (1986), eq. 2.
    """
    totals = cluster_totals(scores, clusters)
    return totals.T @ totals


def sandwich(bread: Array, meat: Array) -> Array:
    """Covariance A⁻¹ B A⁻ᵀ of the solution of estimating equations with bread A and meat B.

    bread, meat : (p, p). Returns (p, p). Raises LinAlgError if the bread is singular.
    """
    half = np.linalg.solve(bread, meat)
    return np.linalg.solve(bread, half.T).T


def influence(bread: Array, scores: Array) -> Array:
    """ψ_i = A⁻¹ s_i, the influence of each row on the estimates: (n, p) from (p, p) and (n, p)."""
    return np.linalg.solve(bread, scores.T).T


def covariance(influence: Array, clusters: NDArray[Any]) -> Array:
    """V = Σ_c (Σ_{i∈c} ψ_i)(Σ_{i∈c} ψ_i)ᵀ, no small-sample factor (CR0).

    influence : (n, p); clusters : (n,). With one row a cluster this is HC0.
    """
    return meat(influence, clusters)
