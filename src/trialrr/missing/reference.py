"""Scores after drop-out by the profile of a reference arm.

Until the last visit seen people follow their own arm: gaps are missing at random. After it the mean
follows a rule, and the deviation of the person from that mean is carried on by the regression of
the later scores on the earlier ones in the reference arm. Carpenter, Roger & Kenward (2013),
J Biopharm Stat 23:1352.
"""

import numpy as np
from numpy.typing import NDArray

from trialrr.missing.normal import Array, Normal, conditional, patterns

RULES = ("mar", "jump_to_reference", "copy_reference", "copy_increments")


def impute(
    rng: np.random.Generator,
    scores: Array,
    which: NDArray[np.int64],
    own: Normal,
    reference: Normal,
    rule: str,
) -> Array:
    """(N, p) scores with every gap drawn, given the parameters of their arm and of the reference.

    With k the last column seen, the columns after it are normal with mean

        m_later + (y_1..k - m_1..k) Σ₁₁⁻¹ Σ₁₂   and covariance   Σ₂₂ - Σ₂₁ Σ₁₁⁻¹ Σ₁₂,

    Σ of the reference arm, and m by rule: `jump_to_reference` own until k, the reference's later;
    `copy_reference` the reference's throughout; `copy_increments` own until k, then own at k plus
    the reference's increments from k. `mar` has both m and Σ of the own arm. What is missing before
    k is drawn first, given everything observed, from the own arm.

    scores : (N, p), NaN where missing, the first column complete; which : (N,) whose parameters
    belong to a row; own, reference : B distributions each, of the same chain or sample. Raises
    ValueError for an unknown rule, and for a row without its first column.
    """
    if rule not in RULES:
        raise ValueError(f"rule {rule!r}; known: {', '.join(RULES)}")
    if np.isnan(scores[:, 0]).any():
        raise ValueError("a person without the first column, baseline, has nothing to go on from")
    filled, columns = scores.copy(), np.arange(scores.shape[1])
    last = scores.shape[1] - 1 - np.argmax(~np.isnan(scores[:, ::-1]), axis=1)
    for pattern in patterns(scores):
        seen, gaps = pattern.observed, pattern.missing[pattern.missing < pattern.observed[-1]]
        if len(gaps):
            slopes, residual = conditional(own.covariance, seen, gaps)
            centre, later = own.mean[:, seen], own.mean[:, gaps]
            args = (filled, pattern.rows, which, seen, gaps)
            filled[pattern.rows[:, None], gaps] = _draw(rng, *args, centre, later, slopes, residual)
    shape = own if rule == "mar" else reference
    for k in np.unique(last[last < columns[-1]]):
        rows, seen, gaps = np.flatnonzero(last == k), columns[: k + 1], columns[k + 1 :]
        slopes, residual = conditional(shape.covariance, seen, gaps)
        profile = _profile(own.mean, reference.mean, k, rule)
        args = (filled, rows, which, seen, gaps)
        centre, later = profile[:, seen], profile[:, gaps]
        filled[rows[:, None], gaps] = _draw(rng, *args, centre, later, slopes, residual)
    return filled


def _profile(own: Array, reference: Array, k: int, rule: str) -> Array:
    """(B, p) means of somebody last seen at column k."""
    if rule in ("mar", "copy_reference"):
        return own if rule == "mar" else reference
    profile = reference.copy()
    if rule == "copy_increments":
        profile += own[:, [k]] - reference[:, [k]]
    profile[:, : k + 1] = own[:, : k + 1]
    return profile


def _draw(rng, scores, rows, which, seen, gaps, centre, later, slopes, residual) -> Array:
    """(rows, gaps) normal draws given the columns `seen`, each row with its own parameters."""
    of = which[rows]
    deviation = scores[rows[:, None], seen] - centre[of]
    noise = rng.standard_normal((len(rows), len(gaps)))
    root = np.linalg.cholesky(residual)
    return later[of] + np.vecmat(deviation, slopes[of]) + np.matvec(root[of], noise)
