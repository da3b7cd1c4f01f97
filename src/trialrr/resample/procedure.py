"""The whole primary procedure on many weighted samples of the same people.

For each row of counts (how often each person is drawn, or any weight): means that stand in for
missing covariates, response weights, pattern-mixture imputation, dichotomization and the outcome
model, all estimated anew. Everything that does not depend on the counts is formed once.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trialrr.resample import cells, newton
from trialrr.resample.cells import CellFits, Cells, Types, profile
from trialrr.resample.newton import Array, Start

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

    cells : (n, J, g), columns of arm, visit and pattern of follow-up; covariates : beside them;
    reduction : (n, J), NaN where missing; cutoff : (n,).
    """

    cells: Array
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
        """The procedure on each row of counts, (B, n); whole numbers as integers go faster."""
        means = self._means(counts.astype(float))
        counts = Counts.of(np.take(counts, self._order, axis=1))
        fits, failure = self._fits(counts, means, self._start)
        people, design = self._of_model(counts.double), self._types.design.mixed(means.outcome)
        at = design.gradient(people @ design.fixed) / people.sum(axis=1)[:, None]
        return Samples(fits.log_risks(at), failure)

    def _fits(
        self, counts: "Counts", means: "Means", start: Start | None
    ) -> tuple[CellFits, NDArray[np.int8]]:
        """Fits and codes of failure. counts : of everybody in `_order`."""
        weights, no_weights = self._weights(counts.double, means.response)
        types = self._types if self.imputation is None else self._by_arm
        arms = types.cells.reshape(len(types.cells), self.arms, -1)
        events = np.einsum("btj,taj->baj", types.totals(weights, self._observed), arms)
        target = weights @ self._observed_by_covariates
        no_imputation = np.zeros(len(weights), bool)
        if self.imputation is not None:
            gaps = self._gaps
            filled, no_imputation = self._impute(counts, means.imputation)
            filled = filled * np.take(weights, gaps.person, axis=1)
            events += (filled @ gaps.cells).reshape(events.shape)
            target += filled @ gaps.covariates
        fits = profile(types, weights, events, target, means.outcome, start)
        failure = np.select([no_weights, no_imputation, ~fits.converged], [1, 2, 3], 0)
        return fits, failure.astype(np.int8)

    def _means(self, counts: Array) -> "Means":
        """Means of the people drawn in each of the three models."""
        return Means(
            self.covariates.mixing(counts),
            None if self.response is None else self.response.mixing(counts),
            None if self.imputation is None else self.imputation.covariates.mixing(counts),
        )

    # ------------------------------------------------------------------ what is formed once

    @cached_property
    def _types(self) -> Types:
        """People of the outcome model by arm and observed visits, sorted; `order` is among all."""
        index = np.flatnonzero(self.people)
        cells = Cells(
            self.arm[index], self.arms, self.outcome.shape[1], self.covariates.fixed[index]
        )
        types = cells.types(~np.isnan(self.outcome[index]))
        return Types(index[types.order], types.bounds, types.cells, types.design)

    @cached_property
    def _order(self) -> NDArray[np.int64]:
        """Everybody: the people of the outcome model in the order of types, then the others."""
        others = np.setdiff1d(np.arange(len(self.arm)), self._types.order)
        return np.r_[self._types.order, others]

    def _of_model(self, counts: Array) -> Array:
        return counts[:, : len(self._types.order)]

    @cached_property
    def _by_arm(self) -> Types:
        """The same people in the same order, by arm: after imputation all visits are there."""
        own, arm = self._types, self.arm[self._types.order]
        bounds = np.searchsorted(arm, np.arange(self.arms + 1))
        cells = np.repeat(np.eye(self.arms), self.outcome.shape[1], axis=1)
        return Types(own.order, bounds, cells, own.design)

    @cached_property
    def _observed(self) -> Array:
        """(n, J) outcomes, 0 where missing."""
        return np.nan_to_num(self.outcome[self._types.order])

    @cached_property
    def _observed_by_covariates(self) -> Array:
        """(n, k) observed events of a person times each column."""
        return self._observed.sum(axis=1)[:, None] * self._types.design.fixed

    @cached_property
    def _response(self) -> tuple[newton.Design, Start]:
        """Design of the response model, and its solution in the sample at hand: a warm start."""
        columns = newton.design(self.response.fixed[self._order])
        mixed = columns.mixed(self._means(self._everybody).response)
        coef = newton.logistic(mixed, self._seen).coef[0]
        return columns, newton.logistic_start(mixed, self._seen, coef)

    @cached_property
    def _seen(self) -> Array:
        return self.seen[self._order].astype(float)

    @property
    def _everybody(self) -> Array:
        """(1, n) counts of the sample at hand."""
        return np.ones((1, len(self.arm)))

    @cached_property
    def _start(self) -> Start:
        """Slopes of the outcome model in the sample at hand: where every other fit starts."""
        means = self._means(self._everybody)
        fits, _ = self._fits(Counts.of(self._everybody), means, None)
        return cells.start(self._types, fits.slopes[0], means.outcome)

    # ------------------------------------------------------------------ the two models before

    def _weights(self, counts: Array, mixing: Array | None) -> tuple[Array, NDArray[np.bool_]]:
        """counts × R / π of the people of the outcome model."""
        people = self._of_model(counts)
        if self.response is None:
            return people, np.zeros(len(counts), bool)
        columns, start = self._response
        columns = columns.mixed(mixing)
        fits = newton.logistic(columns, self._seen, counts, start)
        weights = np.negative(self._of_model(fits.predictor))
        np.exp(weights, out=weights)
        weights += 1  # 1 / π
        weights *= people
        weights *= self._of_model(self._seen[None])
        return weights, ~fits.converged

    @cached_property
    def _gaps(self) -> "Gaps":
        """Visits that are missing of people in the outcome model."""
        own, order = self.imputation, self._types.order
        person, visit = np.nonzero(np.isnan(self.outcome[order]))
        everyone = order[person]
        cells = np.zeros((len(person), self.arms, self.outcome.shape[1]))
        cells[np.arange(len(person)), self.arm[everyone], visit] = 1
        design = np.hstack([own.cells[everyone, visit], own.covariates.fixed[everyone]])
        return Gaps(
            person,
            cells.reshape(len(person), -1),
            self._types.design.fixed[person],
            np.ascontiguousarray(design.T),
            own.cutoff[everyone],
        )

    @cached_property
    def _normal_equations(self) -> list["NormalEquations"]:
        """Of the imputation model, for the people of each arm."""
        own, bounds = self.imputation, self._by_arm.bounds
        parts = []
        for first, last in zip(bounds, bounds[1:], strict=False):
            people = self._types.order[first:last]
            seen = ~np.isnan(self.outcome[people])
            reduction = np.where(seen, own.reduction[people], 0.0)
            columns = own.cells[people] * seen[:, :, None]  # (n, J, g)
            g = np.flatnonzero(columns.any(axis=(0, 1)))
            columns, z = columns[:, :, g], own.covariates.fixed[people]
            total = columns.sum(axis=1)
            rows, upper = np.triu_indices(z.shape[1])
            blocks = (
                np.einsum("ijg,ijh->igh", columns, columns),
                total[:, :, None] * z[:, None, :],
                (z[:, rows] * z[:, upper]) * seen.sum(axis=1)[:, None],
                np.einsum("ij,ijg->ig", reduction, columns),
                reduction.sum(axis=1)[:, None] * z,
            )
            flat = np.hstack([block.reshape(len(people), -1) for block in blocks])
            parts.append(NormalEquations(slice(first, last), g, Totals.of(flat)))
        return parts

    def _impute(
        self, counts: "Counts", mixing: Array | None
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Filled outcomes of the gaps, (B, gaps), and where the model has no solution, (B,)."""
        own = self.imputation
        b, g, k = len(counts.double), own.cells.shape[2], own.covariates.fixed.shape[1]
        matrix, vector = np.zeros((b, g + k, g + k)), np.zeros((b, g + k))
        pairs = np.zeros((b, k * (k + 1) // 2))
        for part in self._normal_equations:
            at, m = part.columns, len(part.columns)
            totals = part.products(counts, part.people)
            ends = np.cumsum([m * m, m * k, pairs.shape[1], m])
            gram, cross, of_pairs, toward, of_covariates = np.split(totals, ends, axis=1)
            matrix[:, at[:, None], at] += gram.reshape(b, m, m)
            matrix[:, at, g:] += cross.reshape(b, m, k)
            pairs += of_pairs
            vector[:, at] += toward
            vector[:, g:] += of_covariates
        matrix[:, g:, :g] = matrix[:, :g, g:].transpose(0, 2, 1)
        matrix[:, g:, g:] = newton.square(pairs, k)
        if mixing is not None:
            free = np.broadcast_to(np.eye(g), (b, g, g))
            mixing = np.block([[free, np.zeros((b, g, mixing.shape[2]))],
                               [np.zeros((b, k, g)), mixing]])  # fmt: skip
            across = mixing.transpose(0, 2, 1)
            matrix = np.matmul(across, np.matmul(matrix, mixing))
            vector = np.matmul(across, vector[:, :, None])[:, :, 0]
        theta = newton.solve(matrix, vector)
        solved = np.isfinite(theta).all(axis=1)
        if mixing is not None:
            theta = np.matmul(mixing, theta[:, :, None])[:, :, 0]
        return theta @ self._gaps.design >= self._gaps.cutoff, ~solved


@dataclass(frozen=True, slots=True)
class Means:
    """Mixings of the outcome, the response and the imputation model, each None without gaps."""

    outcome: Array | None
    response: Array | None
    imputation: Array | None


@dataclass(frozen=True, slots=True)
class Gaps:
    """M visits to be imputed. person : (M,) in the order of types; cells : (M, A·J) indicator of
    arm and visit; covariates : (M, k) of the outcome model; design : (g + k', M) of the imputation
    model; cutoff : (M,)."""

    person: NDArray[np.int64]
    cells: Array
    covariates: Array
    design: Array
    cutoff: Array


@dataclass(frozen=True, slots=True)
class NormalEquations:
    """people : of one arm, in the order of types; columns : (m,) which columns of the cells they
    have; products : of each person, over visits seen, the cells' with themselves (m·m) and with the
    covariates (m·k), the pairs of covariates, and the reduction's with cells (m) and with
    covariates (k)."""

    people: slice
    columns: NDArray[np.int64]
    products: "Totals"


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of columns over people, (B, n) → (B, k), to double precision. Whole numbers, which
    indicators and their products are, have sums over whole counts that single precision holds
    exactly, in half the time.

    whole, others : which columns; single : (n, whole), double : (n, others); largest : absolute
    whole number; every : (n, k).
    """

    whole: NDArray[np.int64]
    others: NDArray[np.int64]
    single: NDArray[np.float32]
    double: Array
    largest: float
    every: Array

    @classmethod
    def of(cls, columns: Array) -> "Totals":
        is_whole = (columns == np.rint(columns)).all(axis=0)
        whole, others = np.flatnonzero(is_whole), np.flatnonzero(~is_whole)
        single = np.ascontiguousarray(columns[:, whole], np.float32)
        double = np.ascontiguousarray(columns[:, others])
        return cls(whole, others, single, double, float(np.abs(single).max(initial=1)), columns)

    def __call__(self, counts: "Counts", people: slice) -> Array:
        own = counts.double[:, people]
        if counts.single is None or counts.most * self.largest >= EXACT:
            return own @ self.every
        out = np.empty((len(own), self.every.shape[1]))
        out[:, self.whole] = counts.single[:, people] @ self.single
        out[:, self.others] = own @ self.double
        return out


EXACT = 2**24
"""Whole numbers up to here are exact in single precision."""


@dataclass(frozen=True, slots=True)
class Counts:
    """double : (B, n); single : the same in single precision if they came as integers, else None;
    most : the largest sum of a row."""

    double: Array
    single: NDArray[np.float32] | None
    most: float

    @classmethod
    def of(cls, counts: NDArray) -> "Counts":
        whole = np.issubdtype(counts.dtype, np.integer)
        double = counts.astype(float)
        single = double.astype(np.float32) if whole else None
        return cls(double, single, float(double.sum(axis=1).max(initial=0)))
