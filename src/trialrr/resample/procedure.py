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
from trialrr.resample.covariates import MeanFilled
from trialrr.resample.filling import Filling, MixtureData
from trialrr.resample.newton import Array, Start
from trialrr.resample.totals import DrawCounts

FAILURES = (
    "response model without a maximum",
    "imputation model without a solution",
    "outcome model without a maximum, or an arm without an event at a visit",
)
"""Why a sample has no estimate, by code 1, 2, 3; 0 is none."""


@dataclass(frozen=True, slots=True)
class Samples:
    """log_risks : (B, A, J) at the covariate means of the people drawn, -∞ where the sample at hand
    has no event either; failure : (B,) codes."""

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
    imputation: MixtureData | None = None

    def __call__(self, counts: Array) -> Samples:
        """The procedure on each row of counts, (B, n); whole numbers as integers go faster."""
        means = self._means(counts.astype(float))
        counts = DrawCounts.of(np.take(counts, self._order, axis=1))
        fits, failure = self._fits(counts, means, self._start)
        lost = (np.isneginf(fits.cells) & self._eventful).any(axis=(1, 2))
        failure[(failure == 0) & lost] = 3
        people, design = self._of_model(counts.double), self._types.design.mixed(means.outcome)
        at = design.gradient(people @ design.fixed) / people.sum(axis=1)[:, None]
        return Samples(fits.log_risks(at), failure)

    def _fits(
        self, counts: DrawCounts, means: "Means", start: Start | None
    ) -> tuple[CellFits, NDArray[np.int8]]:
        """Fits and codes of failure. counts : of everybody in `_order`."""
        weights, no_weights = self._weights(counts.double, means.response)
        types = self._types if self.imputation is None else self._by_arm
        arms = types.cells.reshape(len(types.cells), self.arms, -1)
        events = np.einsum("btj,taj->baj", types.totals(weights, self._observed), arms)
        target = weights @ self._observed_by_covariates
        no_imputation = np.zeros(len(weights), bool)
        if self.imputation is not None:
            gaps = self._filling.gaps
            filled, no_imputation = self._filling(counts, means.imputation)
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
    def _response(self) -> tuple[newton.SharedDesign, Start]:
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
        return cells.start(self._types, self._at_hand.slopes[0], means.outcome)

    @cached_property
    def _at_hand(self) -> CellFits:
        """The fit of the sample at hand."""
        return self._fits(DrawCounts.of(self._everybody), self._means(self._everybody), None)[0]

    @cached_property
    def _eventful(self) -> NDArray[np.bool_]:
        """(A, J) cells with an event in the sample at hand; all where it has no fit."""
        return ~np.isneginf(self._at_hand.cells[0])

    @cached_property
    def _filling(self) -> Filling:
        """The imputation of the people of the outcome model."""
        own = self._by_arm
        given = self.imputation, self.arm, self.arms, self.outcome
        return Filling(*given, own.order, own.bounds, own.design.fixed)

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


@dataclass(frozen=True, slots=True)
class Means:
    """Mixings of the outcome, the response and the imputation model, each None without gaps."""

    outcome: Array | None
    response: Array | None
    imputation: Array | None
