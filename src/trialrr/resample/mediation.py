"""The chain of `estimate.mediation` on many bootstrap samples at once, selection of mediators and
weights included."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from trialrr.resample import newton
from trialrr.resample.cells import CellFits, Cells, poisson
from trialrr.resample.covariates import MeanFilled
from trialrr.resample.newton import Array, SharedDesign

FAILURES = (
    "model of a mediator without a solution",
    "mediators tell the arms apart",
    "outcome model without a maximum, or an arm without an event",
)
"""Why a sample has no estimate, by code 1, 2, 3; 0 is none."""


@dataclass(frozen=True, slots=True)
class MediationReplicates:
    """log_total, log_direct : (B,) log risk ratios, both NaN where one has no fit; kept : (B, M)
    mediators that were kept; failure : (B,) codes."""

    log_total: Array
    log_direct: Array
    kept: NDArray[np.bool_]
    failure: NDArray[np.int8]


@dataclass(frozen=True)
class MediationData:
    """The N people that samples are drawn from, of whom those `among` are in the chain.

    among : (N,) booleans, people of two arms with everything observed; arm : (N,), 1 active, 0
    reference (read of `among`, as are the next two); responder : (N,) 0/1; changes : (N, M);
    covariates : of the outcome model; of_changes : M times the covariates of a mediator's model;
    clusters : (N,) labels; shared : (N,) whose cluster is drawn as a whole; level : p below which a
    mediator is kept. Means that stand in for missing covariates are those of the people drawn.
    """

    among: NDArray[np.bool_]
    arm: NDArray
    responder: Array
    changes: Array
    covariates: MeanFilled
    of_changes: tuple[MeanFilled, ...]
    clusters: NDArray
    shared: NDArray[np.bool_]
    level: float

    def __call__(self, counts: NDArray) -> MediationReplicates:
        """The chain on each row of counts, (B, N): how often each person is drawn."""
        counts = np.asarray(counts, float)
        own = counts[:, self._index]
        if len(np.unique(self.arm[self._index])) < 2:
            nothing, missing = (
                np.full(len(own), np.nan),
                np.zeros((len(own), self.changes.shape[1])),
            )
            return MediationReplicates(nothing, nothing, missing > 0, np.full(len(own), 3, np.int8))
        z = np.stack([self._arm_effect(m, counts, own) for m in range(self.changes.shape[1])], 1)
        lost = np.isnan(z).any(axis=1)
        kept = np.abs(z) > ndtri(1 - self.level / 2)
        weights, apart = self._weights(kept, own)
        total = self._outcome_fits(counts, own)
        direct = self._outcome_fits(counts, own * weights)
        none = ~(total.everywhere & direct.everywhere)
        cells = (np.where(none[:, None], np.nan, fits.cells[:, :, 0]) for fits in (total, direct))
        ratios = [own[:, 1] - own[:, 0] for own in cells]
        failure = np.select([lost, apart, none], [1, 2, 3], 0).astype(np.int8)
        return MediationReplicates(*ratios, kept, failure)

    def _arm_effect(self, m: int, counts: Array, own: Array) -> Array:
        """(B,) the arm's effect on a mediator over its standard error, NaN without a solution.

        A cluster drawn k times is k clusters: V = Σ_c k_c (Σ_{i∈c} ψ_i)², ψ_i = eᵀA⁻¹z_i r_i.
        """
        filled, change = self.of_changes[m], self.changes[self._index, m]
        columns = self._designs[m].mixed(_beside_arm(filled.mixing(counts)))
        bread = columns.hessian(own @ columns.products)
        coef = newton.solve(bread, columns.gradient((own * change) @ columns.fixed))
        unit = np.zeros_like(coef)
        unit[:, 1] = 1
        lever = columns.predictor(newton.solve(bread, unit), columns.fixed)
        part = lever * (change - columns.predictor(coef, columns.fixed))
        variance = ((own * part**2) * ~self._shared).sum(axis=1)
        first, members = self._units
        if len(first):
            variance += (own[:, first] * (part @ members) ** 2).sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return coef[:, 1] / np.sqrt(variance)

    def _weights(self, kept: NDArray[np.bool_], own: Array) -> tuple[Array, NDArray[np.bool_]]:
        """(B, n) P(a)/P(a | kept mediators), 1 where none is kept; whether there is no maximum."""
        weights, apart = np.ones_like(own), np.zeros(len(own), bool)
        arm, changes = self.arm[self._index] == 1, self.changes[self._index]
        for which in np.unique(kept[kept.any(axis=1)], axis=0):
            rows = np.flatnonzero((kept == which).all(axis=1))
            columns = np.column_stack([np.ones(len(arm)), changes[:, which]])
            fits = newton.logistic(columns, arm.astype(float), own[rows])
            odds = np.where(arm, -fits.predictor, fits.predictor)
            share = own[rows] @ arm / own[rows].sum(axis=1)
            of_arm = np.where(arm, share[:, None], 1 - share[:, None])
            with np.errstate(over="ignore"):
                found = of_arm * (1 + np.exp(odds))
            apart[rows] = ~fits.converged
            weights[rows] = np.where(fits.converged[:, None], found, 1)
        return weights, apart

    def _outcome_fits(self, counts: Array, weights: Array) -> CellFits:
        columns = self._of_outcome.mixed(self.covariates.mixing(counts))
        cells = Cells((self.arm[self._index] == 1).astype(int), 2, 1, columns)
        return poisson(cells, self.responder[self._index][:, None], weights, self._start)

    # ------------------------------------------------------------------ what is formed once

    @cached_property
    def _index(self) -> NDArray[np.int64]:
        return np.flatnonzero(self.among)

    @cached_property
    def _designs(self) -> tuple[SharedDesign, ...]:
        arm = (self.arm[self._index] == 1).astype(float)
        shared = np.column_stack([np.ones(len(arm)), arm])
        return tuple(
            newton.design(np.hstack([shared, filled.fixed[self._index]]))
            for filled in self.of_changes
        )

    @cached_property
    def _of_outcome(self) -> SharedDesign:
        return newton.design(self.covariates.fixed[self._index])

    @cached_property
    def _start(self) -> Array | None:
        """Slopes in the sample at hand, where all fits begin; None if it has none."""
        everybody = np.ones((1, len(self.among)))
        columns = self._of_outcome.mixed(self.covariates.mixing(everybody))
        cells = Cells((self.arm[self._index] == 1).astype(int), 2, 1, columns)
        fits = poisson(cells, self.responder[self._index][:, None])
        return fits.slopes[0] if fits.everywhere[0] else None

    @property
    def _shared(self) -> NDArray[np.bool_]:
        return self.shared[self._index]

    @cached_property
    def _units(self) -> tuple[NDArray[np.int64], Array]:
        """Of the clusters drawn as a whole: a member of each, (C,), and who is in it, (n, C)."""
        mine = np.flatnonzero(self._shared)
        _, first, unit = np.unique(
            self.clusters[self._index][mine], return_index=True, return_inverse=True
        )
        members = np.zeros((len(self._index), len(first)))
        members[mine, unit] = 1
        return mine[first], members


def _beside_arm(mixing: Array | None) -> Array | None:
    """The mixing of covariates, beside that of intercept and arm, which stay as they are."""
    if mixing is None:
        return None
    fits, rows, columns = mixing.shape
    out = np.zeros((fits, rows + 2, columns + 2))
    out[:, :2, :2] = np.eye(2)
    out[:, 2:, 2:] = mixing
    return out


@dataclass(frozen=True, slots=True)
class Percentile:
    """std_error : SD over replicates; lower, upper : their quantiles α/2 and 1 - α/2, type 6."""

    std_error: float
    lower: float
    upper: float


def percentile(replicates: ArrayLike, alpha: float = 0.05) -> Percentile:
    """Percentile interval, which also holds where replicates pile up on one value (no mediator
    kept, so nothing through them) and an acceleration has no meaning. Raises ValueError for fewer
    replicates than 2/alpha or one that is not finite."""
    values = np.asarray(replicates, float)
    if len(values) < 2 / alpha or not np.isfinite(values).all():
        raise ValueError(
            f"{len(values)} replicates, {int((~np.isfinite(values)).sum())} of them not finite; "
            f"expected at least {2 / alpha:.0f} finite ones for limits at {alpha:g}"
        )
    lower, upper = np.quantile(values, [alpha / 2, 1 - alpha / 2], method="weibull")
    return Percentile(float(values.std(ddof=1)), float(lower), float(upper))
