"""Costs and effects on many weighted samples of the same people.

For each row of counts (how often each person is drawn) everything is estimated anew: means that
stand in for missing values, the quantile that costs are cut at, response weights, predictions of
what was not seen, and the regressions of costs, quality-adjusted life-years and responders on arm
and covariates. Products of columns are formed once.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trialrr.missing.pattern_mixture import reaches
from trialrr.resample import newton
from trialrr.resample.covariates import MeanFilled
from trialrr.resample.newton import Array, Start

RESPONSES = ("cost", "cost_winsorized", "qaly", "responder")
FAILURES = (
    "response model without a maximum",
    "imputation model of the responder without a solution",
    "imputation model of the utility without a solution",
    "regression of costs and effects without a solution",
)
"""Why a sample has no estimate, by code 1 to 4; 0 is none."""


@dataclass(frozen=True)
class Costs:
    """known : (n,) cost of what is known of everybody; lacking : (n, K) cost of each column that is
    missing for somebody, NaN where it is: there the mean of the arm stands in."""

    known: Array
    lacking: Array

    def __call__(self, counts: Array, arm: NDArray[np.int64], arms: int) -> Array:
        """(B, n), or (1, n) where all samples agree."""
        if not self.lacking.shape[1]:
            return self.known[None]
        total = np.tile(self.known, (len(counts), 1))
        for column in self.lacking.T:
            has = ~np.isnan(column)
            total[:, has] += column[has]
            for a in range(arms):
                gone, own = (arm == a) & ~has, (arm == a) & has
                if gone.any():
                    total[:, gone] += _means(counts[:, own], column[own])[:, None]
        return total


@dataclass(frozen=True)
class Prediction:
    """Linear model of a score over visits; wanted rows take its prediction.

    cells : (n, J, g) columns of arm, visit and pattern of follow-up; covariates : (n, q) beside
    them, NaN where missing; score : (n, J), NaN on rows that are not in the model; wanted : (n, J)
    booleans.
    """

    cells: Array
    covariates: Array
    score: Array
    wanted: NDArray[np.bool_]

    def __call__(self, counts: Array) -> tuple[Array, NDArray[np.bool_]]:
        """(B, M) predictions of the wanted rows in the order of `gaps`, (B,) whether solved, which
        needs no solution where nothing is wanted."""
        if not self.wanted.any():
            return np.empty((len(counts), 0)), np.ones(len(counts), bool)
        pairs, toward = self._sums
        mixing = self._filled.mixing(counts)
        coef, ok = _solved(counts @ pairs, (counts @ toward)[:, :, None], mixing)
        return coef[:, :, 0] @ self._gap_rows.T, ok

    @cached_property
    def gaps(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(M,) person and (M,) visit of the wanted rows."""
        return np.nonzero(self.wanted)

    @cached_property
    def _filled(self) -> MeanFilled:
        n, _, g = self.cells.shape
        return MeanFilled(np.hstack([np.zeros((n, g)), self.covariates]))

    def _rows(self, people: NDArray, visit: NDArray) -> Array:
        """(rows, k) cells, then covariates with 0 where missing, then indicators of missing."""
        rows = self._filled.fixed[people]
        rows[:, : self.cells.shape[2]] = self.cells[people, visit]
        return rows

    @cached_property
    def _gap_rows(self) -> Array:
        return self._rows(*self.gaps)

    @cached_property
    def _sums(self) -> tuple[Array, Array]:
        """(n, k(k+1)/2) products of columns and (n, k) of columns and score, over the visits."""
        n, k = self._filled.fixed.shape
        upper = np.triu_indices(k)
        pairs, toward = np.zeros((n, len(upper[0]))), np.zeros((n, k))
        for visit in range(self.score.shape[1]):
            seen = np.flatnonzero(~np.isnan(self.score[:, visit]))
            rows = self._rows(seen, np.full(len(seen), visit))
            pairs[seen] += rows[:, upper[0]] * rows[:, upper[1]]
            toward[seen] += self.score[seen, visit][:, None] * rows
        return pairs, toward


@dataclass(frozen=True)
class Utilities:
    """baseline : (n,), NaN where missing: the mean of the people drawn; known : (n, J) at
    follow-up, NaN where predicted or of no use; weights : (1 + J,) of each in the sum; model : of
    the score, which predicts."""

    baseline: Array
    known: Array
    weights: Array
    model: Prediction

    def __call__(self, counts: Array) -> tuple[Array, NDArray[np.bool_]]:
        """(B, n) sums Σ weights × utilities, and (B,) whether the model is solved."""
        predicted, ok = self.model(counts)
        has = ~np.isnan(self.baseline)
        first, later = self.weights[0], self.weights[1:]
        known = first * np.nan_to_num(self.baseline) + np.nan_to_num(self.known) @ later
        total = np.tile(known, (len(counts), 1))
        total[:, ~has] += first * _means(counts[:, has], self.baseline[has])[:, None]
        person, visit = self.model.gaps
        for j, weight in enumerate(later):
            total[:, person[visit == j]] += weight * predicted[:, visit == j]
        return total, ok


@dataclass(frozen=True)
class Responders:
    """observed : (n,) 1 or 0, NaN where missing; visit : which one of the model's it is; cutoff :
    (n,) drop that makes a responder; model : of the drop, None where nothing is predicted."""

    observed: Array
    visit: int
    cutoff: Array
    model: Prediction | None

    def __call__(self, counts: Array) -> tuple[Array, NDArray[np.bool_]]:
        """(B, n) observed or predicted, and (B,) whether the model is solved."""
        total = np.tile(np.nan_to_num(self.observed), (len(counts), 1))
        if self.model is None:
            return total, np.ones(len(counts), bool)
        predicted, ok = self.model(counts)
        person, visit = self.model.gaps
        here = visit == self.visit
        total[:, person[here]] = reaches(predicted[:, here], self.cutoff[person[here]])
        return total, ok


@dataclass(frozen=True, slots=True)
class Filled:
    """weights, and each of RESPONSES: (B, m), of the m people of the regressions; failure : (B,)
    codes 0 to 3."""

    weights: Array
    responses: tuple[Array, ...]
    failure: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class CostEffectSamples:
    """arms : (B, A, 4) of RESPONSES, of each arm at covariates 0: only differences of arms mean
    anything; failure : (B,) codes."""

    arms: Array
    failure: NDArray[np.int8]


@dataclass(frozen=True)
class CostEffectData:
    """arm : (n,) indices; people : (n,) who is in the regressions; covariates : (n, q) beside arm,
    NaN where missing; winsorize : quantile of costs of everybody; seen, response : (n,) and the
    (n, r) design of the response model, NaN where missing, None for no weights."""

    arm: NDArray[np.int64]
    arms: int
    people: NDArray[np.bool_]
    covariates: Array
    costs: Costs
    winsorize: float
    utilities: Utilities
    responders: Responders
    seen: NDArray[np.bool_]
    response: Array | None = None

    def __call__(self, counts: Array) -> CostEffectSamples:
        """The regressions on each row of counts, (B, n)."""
        counts = np.asarray(counts, float)
        filled = self.filled(counts)
        rows, pairs = self._products
        toward = np.stack(
            [(filled.weights * one) @ rows for one in filled.responses], axis=2
        )  # (B, k, 4)
        coef, ok = _solved(filled.weights @ pairs, toward, self._design.mixing(counts))
        failure = np.where((filled.failure == 0) & ~ok, 4, filled.failure)
        return CostEffectSamples(coef[:, : self.arms], failure.astype(np.int8))

    def filled(self, counts: Array) -> Filled:
        """Weights and responses, everything filled."""
        counts = np.asarray(counts, float)
        weights, no_weights = self._weights(counts)
        cost = self.costs(counts, self.arm, self.arms)
        cut = _quantile(cost, counts, self.winsorize)
        qaly, utilities_ok = self.utilities(counts)
        responder, responders_ok = self.responders(counts)
        every = (cost, np.minimum(cost, cut[:, None]), qaly, responder)
        failure = np.select([no_weights, ~responders_ok, ~utilities_ok], [1, 2, 3], 0)
        responses = tuple(one[:, self._index] for one in every)
        return Filled(weights, responses, failure.astype(np.int8))

    @property
    def design(self) -> Array:
        """(m, A + q) of the regressions in the sample at hand: arms, then covariates."""
        rows, mixing = self._products[0], self._design.mixing(self.everybody)
        return rows if mixing is None else rows @ mixing[0]

    @property
    def everybody(self) -> Array:
        """(1, n) counts of the sample at hand."""
        return np.ones((1, len(self.arm)))

    @cached_property
    def _index(self) -> NDArray[np.int64]:
        return np.flatnonzero(self.people)

    @cached_property
    def _design(self) -> MeanFilled:
        """Indicators of arms, then the covariates, standardized by everybody, which changes no
        difference of arms."""
        arms = (self.arm[:, None] == np.arange(self.arms)).astype(float)
        values = self.covariates
        if values.shape[1]:
            spread = np.nanstd(values, axis=0)
            values = (values - np.nanmean(values, axis=0)) / np.where(spread > 0, spread, 1)
        return MeanFilled(np.hstack([arms, values]))

    @cached_property
    def _products(self) -> tuple[Array, Array]:
        rows = self._design.fixed[self._index]
        first, second = np.triu_indices(rows.shape[1])
        return rows, rows[:, first] * rows[:, second]

    @cached_property
    def _response(self) -> tuple[MeanFilled, newton.SharedDesign, Start]:
        """Columns of the response model, and its solution in the sample at hand."""
        filled = MeanFilled(self.response)
        columns = newton.design(filled.fixed)
        mixed = columns.mixed(filled.mixing(self.everybody))
        seen = self.seen.astype(float)
        coef = newton.logistic(mixed, seen).coef[0]
        return filled, columns, newton.logistic_start(mixed, seen, coef)

    def _weights(self, counts: Array) -> tuple[Array, NDArray[np.bool_]]:
        """(B, m) counts × R / π of the people of the regressions, (B,) where π does not exist."""
        own = counts[:, self._index]
        if self.response is None:
            return own, np.zeros(len(counts), bool)
        filled, columns, start = self._response
        columns = columns.mixed(filled.mixing(counts))
        fits = newton.logistic(columns, self.seen.astype(float), counts, start)
        with np.errstate(over="ignore", invalid="ignore"):
            inverse = 1 + np.exp(-fits.predictor[:, self._index])
            weights = own * inverse * self.seen[self._index]
        return np.where(fits.converged[:, None], weights, own), ~fits.converged


def _means(counts: Array, values: Array) -> Array:
    """(B,) means of values (m,) by counts (B, m), NaN where nobody is drawn."""
    with np.errstate(invalid="ignore"):
        return counts @ values / counts.sum(axis=1)


def _quantile(values: Array, counts: Array, share: float) -> Array:
    """(B,) quantile of type 7 of values (B or 1, n), each counted `counts` (B, n) times."""
    order = np.argsort(values, axis=1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=1)
    if len(order) == 1:
        above, ordered = counts[:, order[0]], np.broadcast_to(ordered, counts.shape)
    else:
        above = np.take_along_axis(counts, order, axis=1)
    upto = np.cumsum(above, axis=1)
    place = (upto[:, -1] - 1) * share
    low = np.floor(place)
    ends = [
        np.take_along_axis(ordered, (upto <= at[:, None]).sum(axis=1, keepdims=True), axis=1)[:, 0]
        for at in (low, np.minimum(low + 1, upto[:, -1] - 1))
    ]
    return ends[0] + (place - low) * (ends[1] - ends[0])


def _solved(pairs: Array, toward: Array, mixing: Array | None) -> tuple[Array, NDArray[np.bool_]]:
    """Coefficients of the fixed columns (B, k, m), by normal equations, and (B,) whether all exist.

    pairs : (B, k(k+1)/2) totals of products of fixed columns; toward : (B, k, m).
    """
    matrix = newton.square(pairs, toward.shape[1])
    if mixing is not None:
        across = mixing.transpose(0, 2, 1)
        matrix, toward = across @ matrix @ mixing, across @ toward
    coef = np.stack([newton.solve(matrix, toward[:, :, i]) for i in range(toward.shape[2])], axis=2)
    ok = np.isfinite(coef).all(axis=(1, 2))
    return (coef if mixing is None else mixing @ coef), ok
