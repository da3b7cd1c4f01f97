"""Modified Poisson regression on arm × visit cells and covariates that a person's visits share.

log μ_ij = α_{a(i) j} + z_iᵀγ has one exponential a person, and given γ the cells solve themselves:
exp(α_aj) = Σ w y / Σ w exp(zᵀγ) over the rows of the cell. What is left is Newton's method on the
profile likelihood of γ, for many weight vectors or outcomes at once.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trialrr.resample import newton
from trialrr.resample.newton import Array, SharedDesign, Start


@dataclass(frozen=True)
class Cells:
    """arm : (n,) index of each person's arm; arms, visits : how many; covariates : (n, q), or a
    `newton.SharedDesign` of it."""

    arm: NDArray[np.int64]
    arms: int
    visits: int
    covariates: Array | SharedDesign

    @cached_property
    def design(self) -> SharedDesign:
        given = self.covariates
        return given if isinstance(given, SharedDesign) else newton.design(given)

    def types(self, present: NDArray[np.bool_]) -> "Types":
        """People by arm and visits present, (n, J)."""
        key = self.arm * 2**self.visits + present @ (1 << np.arange(self.visits))
        kinds, first, index = np.unique(key, return_index=True, return_inverse=True)
        order = np.argsort(index, kind="stable")
        bounds = np.searchsorted(index[order], np.arange(len(kinds) + 1))
        cells = np.zeros((len(kinds), self.arms, self.visits))
        cells[np.arange(len(kinds)), self.arm[first]] = present[first]
        return Types(order, bounds, cells.reshape(len(kinds), -1), self.design.take(order))


@dataclass(frozen=True)
class Types:
    """People sorted so that those of one arm with the same visits stand together.

    order : (n,), arm by arm; bounds : (T + 1,); cells : (T, A·J), 1 in the cells where a type has
    rows; design : of the sorted people.
    """

    order: NDArray[np.int64]
    bounds: NDArray[np.int64]
    cells: Array
    design: SharedDesign

    def totals(self, values: Array, of: Array | None = None) -> Array:
        """Sums over the people of each type of values (B, n), in sorted order: (B, T), or with
        columns `of` (n, k) those of their products: (B, T, k)."""
        pairs = list(zip(self.bounds, self.bounds[1:], strict=False))
        if of is None:
            return np.stack([values[:, a:b].sum(axis=1) for a, b in pairs], axis=1)
        return np.stack([values[:, a:b] @ of[a:b] for a, b in pairs], axis=1)


@dataclass(frozen=True, slots=True)
class CellFits:
    """B fits. cells : (B, A, J) log risk of each cell at covariates 0, -∞ in a cell with people and
    no event, which has no part in the slopes; slopes : (B, q); converged : (B,)."""

    cells: Array
    slopes: Array
    converged: NDArray[np.bool_]

    @property
    def everywhere(self) -> NDArray[np.bool_]:
        """(B,) converged, with an event in every cell."""
        return self.converged & np.isfinite(self.cells).all(axis=(1, 2))

    def log_risks(self, at: Array) -> Array:
        """(B, A, J) log risks at covariate values (q,) or (B, q)."""
        return self.cells + (self.slopes * at).sum(axis=1)[:, None, None]


def poisson(
    cells: Cells, outcome: Array, weights: Array | None = None, start: Array | None = None
) -> CellFits:
    """Fits of Σ w_i Σ_j z_ij (y_ij - μ_ij) = 0 over the rows that are present.

    outcome : (n, J) or (B, n, J), 0 to 1, NaN where a row is absent, the same rows in all B;
    weights : None, (n,) or (B, n), 0 for people who are not there; start : (q,) slopes. Raises
    ValueError if the rows present differ among the B outcomes, or if a cell has no row.
    """
    outcome = np.asarray(outcome, float)
    first = outcome if outcome.ndim == 2 else outcome[0]
    present = ~np.isnan(first)
    if outcome.ndim == 3 and (np.isnan(outcome) == present).any():
        raise ValueError("the outcomes are missing on different rows; give such rows weight 0")
    types = cells.types(present)
    weights = np.take(newton.many(weights, len(first)), types.order, axis=1)
    filled = np.nan_to_num(outcome)[..., types.order, :]
    events = np.stack(
        [types.totals(np.atleast_2d(weights * filled[..., j])) for j in range(cells.visits)], axis=2
    )
    arms = types.cells.reshape(len(types.cells), cells.arms, cells.visits)
    events = np.einsum("btj,taj->baj", events, arms)
    target = np.atleast_2d(weights * filled.sum(axis=-1)) @ types.design.fixed
    return profile(types, weights, events, target, cells.design.mixing, start)


def profile(
    types: Types,
    weights: Array,
    events: Array,
    target: Array,
    mixing: Array | None = None,
    start: Array | Start | None = None,
) -> CellFits:
    """`poisson` from its sufficient statistics.

    weights : (B or 1, n) in sorted order; events : (B, A, J), Σ w y of each cell; target :
    (B, k), Σ_i w_i (Σ_j y_ij) z_i of the fixed columns; start : slopes, or the Start of them.
    """
    fits, arms, visits = events.shape
    design = types.design.mixed(mixing)
    events = events.reshape(fits, -1)
    target = design.gradient(target)
    kinds = {design.rough.dtype, np.dtype(float)}
    owns = {kind: weights.astype(kind, copy=False) for kind in kinds}

    def evaluate(predictor, fixed, anew):
        means = np.exp(predictor)
        means *= owns[predictor.dtype]
        per_type = types.totals(means, fixed).astype(float)
        level, share = _levels(types, types.totals(means) @ types.cells, events)
        gradient = target - design.gradient(np.einsum("bt,btk->bk", share, per_type))
        if not anew:
            return gradient, None
        means = means.astype(design.rough.dtype, copy=False)
        rough = types.totals(means, design.rough_products)
        return gradient, _profile_hessian(types, design, rough, per_type, level, share, events)

    slopes, first = np.zeros((fits, design.parameters)), None
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if isinstance(start, Start):
            slopes += start.coef
            sums = types.totals(weights, start.sums)
            per_type = sums[:, :, 1:]
            level, share = _levels(types, sums[:, :, 0] @ types.cells, events)
            gradient = target - design.gradient(np.einsum("bt,btk->bk", share, per_type))
            rough = types.totals(owns[design.rough.dtype], start.information)
            hessian = _profile_hessian(types, design, rough, per_type, level, share, events)
            first = gradient, hessian
        elif start is not None:
            slopes += start
        found = newton.maximize(design, evaluate, slopes, first)
        means = np.exp(found.predictor, out=found.predictor)
        means *= weights
        level = np.log(events / (types.totals(means) @ types.cells))
    finite = (level < np.inf).all(axis=1) & np.isfinite(found.coef).all(axis=1)
    cells = level.reshape(fits, arms, visits)
    return CellFits(cells, found.coef, found.converged & finite)


def start(types: Types, coef: Array, mixing: Array | None) -> Start:
    """Start of fits near slopes (p,). sums : exp(zᵀγ) and its products with z; mixing : (1, k, p)
    or None."""
    design = types.design.mixed(mixing)
    means = np.exp(design.predictor(coef[None], design.fixed))[0]
    sums = means[:, None] * np.column_stack([np.ones(len(means)), design.fixed])
    return Start(coef, sums, newton.weighted_rows(design.rough_products, means))


def _levels(types: Types, exposure: Array, events: Array) -> tuple[Array, Array]:
    """exp(α) of each cell, (B, A·J), and their sum over the visits of each type, (B, T)."""
    level = np.where(exposure > 0, events / exposure, 0)
    return level, level @ types.cells.T


def _profile_hessian(types, design, rough, per_type, level, share, events) -> Array:
    """Σ τ z zᵀ - Σ_cells m mᵀ / N, τ fitted events of a person, m Σ μ z of a cell, N its events.
    rough : (B, T, k(k+1)/2) totals of exp(zᵀγ) times products."""
    pairs = np.einsum("bt,btk->bk", share, rough)
    within = np.einsum("tc,btk->bck", types.cells, per_type) * level[:, :, None]
    if design.mixing is not None:
        within = np.matmul(within, design.mixing)
    scaled = within / np.sqrt(np.where(events > 0, events, 1))[:, :, None]
    return design.hessian(pairs) - np.matmul(scaled.transpose(0, 2, 1), scaled)


def covariance(
    cells: Cells,
    fits: CellFits,
    outcome: Array,
    weights: Array | None,
    clusters: NDArray[np.int64],
) -> Array:
    """Cluster sandwiches CR0, A⁻¹ Σ_c (Σ_{i∈c} U_i)(Σ_{i∈c} U_i)ᵀ A⁻¹: (B, AJ + q, AJ + q), of the
    cells (arm by arm) and then the slopes.

    outcome, weights : as in `poisson`; clusters : (n,) one label a person. Only for covariates
    that are the same in all fits. What a cell without an event has is 0. Persons that are their own
    cluster go through matrix products; each shared cluster adds one outer product.
    """
    outcome = np.asarray(outcome, float)
    types = cells.types(~np.isnan(outcome if outcome.ndim == 2 else outcome[0]))
    weights = np.take(newton.many(weights, outcome.shape[-2]), types.order, axis=1)
    clusters = np.asarray(clusters)[types.order]
    z, products = types.design.fixed, types.design.products
    b, q, size = len(fits.cells), z.shape[1], cells.arms * cells.visits
    base = weights * np.exp(fits.slopes @ z.T)
    filled = np.nan_to_num(outcome)[..., types.order, :]
    per_type = types.totals(base, z)
    level = np.exp(fits.cells).reshape(b, -1)
    share = level @ types.cells.T

    bread = np.zeros((b, size + q, size + q))
    exposure = types.totals(base) @ types.cells
    bread[:, range(size), range(size)] = np.where(level > 0, level * exposure, 1)
    cross = np.einsum("tc,btk->bck", types.cells, per_type) * level[:, :, None]
    bread[:, :size, size:], bread[:, size:, :size] = cross, cross.transpose(0, 2, 1)
    pairs = np.einsum("bt,btk->bk", share, types.totals(base, products))
    bread[:, size:, size:] = newton.square(pairs, q)

    meat = np.zeros_like(bread)
    label, index, count = np.unique(clusters, return_inverse=True, return_counts=True)
    shared = count[index] > 1
    totals = np.zeros((b, int((count > 1).sum()), size + q))
    slot = np.cumsum(count > 1) - 1
    for t, (first, last) in enumerate(zip(types.bounds, types.bounds[1:], strict=False)):
        own = np.flatnonzero(types.cells[t])
        if not len(own):
            continue
        here = slice(first, last)
        residual = np.stack(
            [
                weights[:, here] * filled[..., here, c % cells.visits]
                - base[:, here] * level[:, [c]]
                for c in own
            ]
        )  # (visits present, B, people)
        whole = residual.sum(axis=0)
        alone = ~shared[here]
        single = whole[:, alone]
        meat[:, size:, size:] += newton.square(single**2 @ products[here][alone], q)
        for i, c in enumerate(own):
            part = residual[i][:, alone]
            toward = (part * single) @ z[here][alone]
            meat[:, c, size:] += toward
            meat[:, size:, c] += toward
            for k, other in enumerate(own):
                meat[:, c, other] += (part * residual[k][:, alone]).sum(axis=1)
        for cluster in np.unique(index[here][shared[here]]):
            rows = np.flatnonzero(index[here] == cluster)
            totals[:, slot[cluster], own] += residual[:, :, rows].sum(axis=2).T
            totals[:, slot[cluster], size:] += whole[:, rows] @ z[here][rows]
    meat += np.einsum("bci,bcj->bij", totals, totals)
    inverse = np.linalg.inv(bread)
    return inverse @ meat @ inverse
