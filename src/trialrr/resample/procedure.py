"""The whole primary procedure on many weighted samples of the same people.

For each row of counts (how often each person is drawn, or any weight): means that stand in for
missing covariates, response weights, pattern-mixture imputation, dichotomization and the outcome
model, all estimated anew. Everything that does not depend on the counts is formed once.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trialrr.resample import newton
from trialrr.resample.cells import CellFits, Cells, Types, profile
from trialrr.resample.newton import Array

FAILURES = (
    "response model without a maximum",
    "imputation model without a solution",
    "outcome model without a maximum, or an arm without an event at a visit",
)
"""Why a sample has no estimate, by code 1, 2, 3; 0 is none."""


@dataclass(frozen=True)
class MeanFilled:
    """Covariates whose missing values take the mean of the people drawn (plan, item 6).

    values : (n, p), NaN where missing. Columns missing on the same people share an indicator.
    """

    values: Array

    @cached_property
    def gaps(self) -> tuple[Array, NDArray[np.int64]]:
        """(n, g) indicators of missing values, and (p,) which of them a column has, -1 for none."""
        missing = np.isnan(self.values).astype(float)
        which = np.full(self.values.shape[1], -1)
        columns = np.flatnonzero(missing.any(axis=0))
        if not len(columns):
            return np.empty((len(missing), 0)), which
        gaps, index = np.unique(missing[:, columns], axis=1, return_inverse=True)
        which[columns] = index.ravel()
        return gaps, which

    @cached_property
    def fixed(self) -> Array:
        """(n, p + g): values, 0 where missing, then the indicators."""
        return np.hstack([np.nan_to_num(self.values), self.gaps[0]])

    def mixing(self, counts: Array) -> Array | None:
        """(B, p + g, p): the identity above the means of the people drawn."""
        gaps, which = self.gaps
        if not gaps.shape[1]:
            return None
        p, has = len(which), np.flatnonzero(which >= 0)
        totals = counts @ self.fixed
        people = counts.sum(axis=1)[:, None] - totals[:, p:]
        out = np.zeros((len(counts), p + gaps.shape[1], p))
        out[:, range(p), range(p)] = 1
        with np.errstate(invalid="ignore"):
            out[:, p + which[has], has] = totals[:, has] / people[:, which[has]]
        return out


@dataclass(frozen=True, slots=True)
class Imputation:
    """Pattern mixture: a linear model of the reduction; missing rows take 1{prediction ≥ cutoff}.

    cells : (n, J, g), columns that depend on arm, visit and `pattern` alone; pattern : (n,);
    covariates : beside them; reduction : (n, J), NaN where missing; cutoff : (n,).
    """

    cells: Array
    pattern: NDArray[np.int64]
    covariates: MeanFilled
    reduction: Array
    cutoff: Array


@dataclass(frozen=True, slots=True)
class Samples:
    """log_risks : (B, A, J) at the covariate means of the people drawn; failure : (B,) codes."""

    log_risks: Array
    failure: NDArray[np.int8]


@dataclass(frozen=True)
class Procedure:
    """arm : (n,); outcome : (n, J), NaN on rows that are absent, or imputed where `imputation` is
    given; people : (n,) who has rows in the outcome model; seen, response : R and the design of the
    response model, or None for no weights; covariates : of the outcome model."""

    arm: NDArray[np.int64]
    arms: int
    outcome: Array
    people: NDArray[np.bool_]
    covariates: MeanFilled
    seen: NDArray[np.bool_] | None = None
    response: MeanFilled | None = None
    imputation: Imputation | None = None

    def __call__(self, counts: Array) -> Samples:
        """The procedure on each row of counts, (B, n)."""
        counts = np.asarray(counts, float)
        mixing = self.covariates.mixing(counts)
        fits, failure = self._fits(counts, mixing, self._start)
        own = counts[:, self._types.order]
        design = self._types.design.mixed(mixing)
        at = design.gradient(own @ design.fixed) / own.sum(axis=1)[:, None]
        return Samples(fits.log_risks(at), failure)

    def _fits(
        self, counts: Array, mixing: Array | None, start: Array | None
    ) -> tuple[CellFits, NDArray[np.int8]]:
        weights, no_weights = self._weights(counts)
        weights = weights[:, self._types.order]
        y = self._sorted_outcome
        if self.imputation is None:
            types, no_imputation = self._types, np.zeros(len(counts), bool)
            shape = (-1, self.arms, y.shape[1])
            events = np.einsum("btj,taj->baj", types.totals(weights, y), types.cells.reshape(shape))
            of_person = weights * y.sum(axis=1)
        else:
            types = self._by_arm
            filled, no_imputation = self._impute(counts)
            events = types.totals(weights, y)
            of_person = np.tile(y.sum(axis=1), (len(counts), 1))
            for (t, j), missing in filled.items():
                here = slice(*self._types.bounds[t : t + 2])
                of_person[:, here] += missing
                arm = self.arm[self._types.order[here.start]]
                events[:, arm, j] += (weights[:, here] * missing).sum(axis=1)
            of_person *= weights
        fits = profile(types, weights, events, of_person @ types.design.fixed, mixing, start)
        failure = np.select([no_weights, no_imputation, ~fits.converged], [1, 2, 3], 0)
        return fits, failure.astype(np.int8)

    # ------------------------------------------------------------------ what is formed once

    @cached_property
    def _types(self) -> Types:
        """People of the outcome model by arm and observed visits, sorted; `order` is among all."""
        index = np.flatnonzero(self.people)
        cells = Cells(
            self.arm[index], self.arms, self.outcome.shape[1], self.covariates.fixed[index]
        )
        label = None if self.imputation is None else self.imputation.pattern[index]
        types = cells.types(~np.isnan(self.outcome[index]), label)
        return Types(index[types.order], types.bounds, types.cells, types.design)

    @cached_property
    def _by_arm(self) -> Types:
        """The same people in the same order, by arm: after imputation all visits are there."""
        own, arm = self._types, self.arm[self._types.order]
        bounds = np.searchsorted(arm, np.arange(self.arms + 1))
        cells = np.repeat(np.eye(self.arms), self.outcome.shape[1], axis=1)
        return Types(own.order, bounds, cells, own.design)

    @cached_property
    def _sorted_outcome(self) -> Array:
        return np.nan_to_num(self.outcome[self._types.order])

    @cached_property
    def _response(self) -> tuple[newton.Design, Array]:
        """Design of the response model and its coefficients in the sample at hand: a warm start."""
        columns = newton.design(self.response.fixed)
        mixing = self.response.mixing(np.ones((1, len(self.arm))))
        return columns, newton.logistic(columns.mixed(mixing), self.seen.astype(float))[0][0]

    @cached_property
    def _start(self) -> Array:
        """Slopes of the outcome model in the sample at hand: where every other fit starts."""
        once = np.ones((1, len(self.arm)))
        return self._fits(once, self.covariates.mixing(once), None)[0].slopes[0]

    # ------------------------------------------------------------------ the two models before

    def _weights(self, counts: Array) -> tuple[Array, NDArray[np.bool_]]:
        """counts × R / π, (B, n)."""
        if self.response is None:
            return counts, np.zeros(len(counts), bool)
        columns, start = self._response
        mixing = self.response.mixing(counts)
        columns = columns.mixed(mixing)
        coef, done = newton.logistic(columns, self.seen.astype(float), counts, start)
        weights = columns.weighted(coef) @ columns.fixed.T
        np.negative(weights, out=weights)
        np.exp(weights, out=weights)
        weights += 1  # 1 / π
        weights *= counts
        weights *= self.seen
        return weights, ~done

    @cached_property
    def _imputation_parts(self):
        own, types = self.imputation, self._types
        present = types.cells.reshape(len(types.cells), self.arms, -1).any(axis=1)
        first = types.order[types.bounds[:-1]]
        columns = own.cells[first]  # (T, J, g)
        seen = columns * present[:, :, None]
        z = newton.design(own.covariates.fixed[types.order])
        reduction = np.nan_to_num(own.reduction[types.order])
        visits = np.repeat(present.sum(axis=1), np.diff(types.bounds)).astype(float)
        return {
            "present": present,
            "columns": columns,
            "seen": seen,
            "gram": np.einsum("tjg,tjh->tgh", seen, seen),
            "z": z,
            "products": z.products * visits[:, None],
            "reduction": reduction,
            "toward": z.fixed * reduction.sum(axis=1)[:, None],
            "cutoff": own.cutoff[types.order],
        }

    def _impute(
        self, counts: Array
    ) -> tuple[dict[tuple[int, int], NDArray[np.bool_]], NDArray[np.bool_]]:
        """Filled outcomes by (type, visit), (B, people of the type); and where the model has no
        solution, (B,). counts : of all people."""
        part, types = self._imputation_parts, self._types
        mixing = self.imputation.covariates.mixing(counts)
        counts = counts[:, types.order]
        z = part["z"].mixed(mixing)
        per_type = types.totals(counts, z.fixed)
        g = part["columns"].shape[2]
        size = g + z.parameters
        matrix, vector = np.empty((len(counts), size, size)), np.empty((len(counts), size))
        matrix[:, :g, :g] = np.einsum("bt,tgh->bgh", types.totals(counts), part["gram"])
        cross = np.einsum("btk,tg->bgk", per_type, part["seen"].sum(axis=1))
        if mixing is not None:
            cross = np.matmul(cross, mixing)
        matrix[:, :g, g:], matrix[:, g:, :g] = cross, cross.transpose(0, 2, 1)
        matrix[:, g:, g:] = z.hessian(counts @ part["products"])
        sums = types.totals(counts, part["reduction"])
        vector[:, :g] = np.einsum("btj,tjg->bg", sums, part["seen"])
        vector[:, g:] = z.gradient(counts @ part["toward"])
        theta = newton.solve(matrix, vector)
        slopes = z.weighted(theta[:, g:])
        filled = {}
        for t, (first, last) in enumerate(zip(types.bounds, types.bounds[1:], strict=False)):
            absent = np.flatnonzero(~part["present"][t])
            if not len(absent):
                continue
            margin = slopes @ z.fixed[first:last].T - part["cutoff"][first:last]
            for j in absent:
                filled[t, int(j)] = margin + (theta[:, :g] @ part["columns"][t, j])[:, None] >= 0
        return filled, ~np.isfinite(theta).all(axis=1)
