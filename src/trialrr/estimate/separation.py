"""Separation: is there a maximum of the likelihood at all? Asked before anything is fitted."""

import numpy as np
from numpy.typing import NDArray

from trialrr.estimate.columns import units

Array = NDArray[np.floating]


def separated(response: Array, design: Array) -> NDArray[np.bool_]:
    """Rows without an event whose fitted risk a log-link fit would drive to 0.

    A Poisson (or log-binomial) maximum exists unless some direction δ has z_iᵀδ = 0 on every row
    with an event and z_iᵀδ ≤ 0, somewhere < 0, on the others: along it the likelihood rises for
    ever (Santos Silva & Tenreyro 2010; Correia, Guimarães & Zylkin 2021). Found by the linear
    program max Σ_{y=0} t_i, z_iᵀδ ≤ -t_i, 0 ≤ t_i ≤ 1, on distinct rows.

    response : (n,) of 0/1; design : (n, p). Returns (n,) booleans, all False when the maximum
    exists.
    """
    from scipy.optimize import linprog

    response, design = np.asarray(response, float), np.asarray(design, float)
    design = design / units(design)
    # directions that leave every event's predictor alone: the null space of their rows (zero rows
    # below them change it not, and make the thin decomposition complete)
    events = np.vstack([design[response > 0], np.zeros((design.shape[1], design.shape[1]))])
    _, values, basis = np.linalg.svd(events, full_matrices=False)
    rank = int((values > values.max(initial=0) * max(events.shape) * 1e-12).sum())
    free = basis[rank:].T
    out = np.zeros(len(response), bool)
    if free.shape[1] == 0:
        return out
    quiet, index = np.unique(design[response == 0], axis=0, return_inverse=True)
    reach = quiet @ free
    reach[np.abs(reach) < 1e-10] = 0.0
    m, k = reach.shape
    program = linprog(
        c=np.concatenate([np.zeros(k), -np.ones(m)]),
        A_ub=np.hstack([reach, np.eye(m)]),
        b_ub=np.zeros(m),
        bounds=[(None, None)] * k + [(0, 1)] * m,
        method="highs",
    )
    if not program.success:
        raise ArithmeticError(f"the separation check's linear program failed: {program.message}")
    out[response == 0] = (program.x[k:] > 1e-6)[index.ravel()]
    return out
