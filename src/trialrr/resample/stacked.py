"""The whole primary procedure with its stacked variance on many trials of the same people at once.

What `analyses.procedure.model.fit` does with `missing: pattern_mixture`, `weights: response` and
`variance: stacked`, for the log risks at one visit. Every sum over people is a matrix product of
all trials, and only the influence ψ_i of people on those log risks is formed, never that on all
coefficients. Symbols as in docs/methods/missing-outcomes.md.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from trialrr.missing.pattern_mixture import reaches, silverman
from trialrr.resample import newton
from trialrr.resample.cells import Cells, poisson
from trialrr.resample.trials import Trials

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StackedFits:
    """log_risk : (B, A) at the visit and the covariate means of the people in the fit;
    by_cluster, by_person : (B, A, A) their covariances; failure : (B,) code of
    `procedure.FAILURES`, 0 for none; responses : (B, 2, A) share of responders among people seen
    who miss the visit: as imputed, and in truth (NaN where nobody does)."""

    log_risk: Array
    by_cluster: Array
    by_person: Array
    failure: NDArray[np.int8]
    responses: Array


@dataclass(frozen=True)
class StackedProcedure:
    """What all trials share; people stand sorted by arm.

    bounds : (A + 1,) where each arm begins; response : (n, r) design of the response model;
    imputation, outcome : (n, q), (n, q') covariates of the two models; cutoff : (n,) reduction that
    makes a responder; defined : (n,) for whom there is one; cluster : (n,), 0…C-1, -1 for people
    who are their own; visit : index of the visit that is reported; bandwidth : factor of
    Silverman's.
    """

    bounds: NDArray[np.int64]
    response: Array
    imputation: Array
    outcome: Array
    cutoff: Array
    defined: NDArray[np.bool_]
    cluster: NDArray[np.int64]
    visit: int
    bandwidth: float = 1.0

    def __call__(self, trials: Trials) -> StackedFits:
        """The procedure on what was observed of each trial."""
        seen = trials.observed.any(axis=2)
        response = newton.logistic(self._response, seen.astype(float))
        pi, responds = expit(response.predictor), response.converged
        people = seen & self.defined
        weights = people / pi
        filling = self._impute(trials, people)
        model = self._outcome_model(filling.filled, weights, people)
        own = model.influence

        spread = newton.square(pi * (1 - pi) @ self._response.products, self.response.shape[1])
        slope = _transposed((1 - pi)[:, :, None] * own) @ self.response
        v = _solved(spread, _transposed(slope), responds)
        through_weights = (seen - pi)[:, :, None] * (self.response @ v)

        missing = people[:, :, None] & ~trials.observed
        density = weights[:, :, None] * self._density(filling.margin, missing)
        v = _solved(filling.bread, filling.towards(self, -density, model.along), filling.solved)
        through_imputation = filling.scores(self, v)

        failure = np.select([~responds, ~filling.solved, ~model.converged], [1, 2, 3], 0)
        responses = self._responses(trials, filling, missing[:, :, self.visit])
        return self._fits(model, own - through_weights - through_imputation, failure, responses)

    def complete(self, trials: Trials) -> StackedFits:
        """The outcome model alone, as if nobody had been missed."""
        people = np.broadcast_to(self.defined, trials.observed.shape[:2])
        filled = (trials.reduction >= self.cutoff[:, None]).astype(float)
        model = self._outcome_model(filled, people.astype(float), people)
        nobody = np.full((len(filled), 2, self._arms), np.nan)
        return self._fits(model, model.influence, np.where(model.converged, 0, 3), nobody)

    def _fits(
        self, model: "OutcomeModel", influence: Array, failure, responses: Array
    ) -> StackedFits:
        by_person = _transposed(influence) @ influence
        by_cluster = by_person
        shared = self.cluster >= 0
        if shared.any():
            alone = influence[:, ~shared]
            totals = np.matmul(self._members, influence[:, shared])
            by_cluster = _transposed(alone) @ alone + _transposed(totals) @ totals
        return StackedFits(
            model.log_risk, by_cluster, by_person, failure.astype(np.int8), responses
        )

    def _responses(self, trials: Trials, filling: "FilledOutcomes", missing: NDArray) -> Array:
        true = trials.reduction[:, :, self.visit] >= self.cutoff
        count = self.by_arm(missing)
        with np.errstate(invalid="ignore"):
            shares = [
                self.by_arm(missing * value) / count
                for value in (filling.filled[:, :, self.visit], true)
            ]
        return np.stack(shares, axis=1)

    # ------------------------------------------------------------------ what is formed once

    @cached_property
    def _arms(self) -> int:
        return len(self.bounds) - 1

    @cached_property
    def _arm(self) -> NDArray[np.int64]:
        return np.repeat(np.arange(self._arms), np.diff(self.bounds))

    @cached_property
    def _response(self) -> newton.SharedDesign:
        return newton.design(self.response)

    @cached_property
    def _imputation(self) -> newton.SharedDesign:
        return newton.design(self.imputation)

    @cached_property
    def _outcome(self) -> newton.SharedDesign:
        return newton.design(self.outcome)

    @cached_property
    def _members(self) -> Array:
        """(C, people of clusters) indicators."""
        shared = self.cluster[self.cluster >= 0]
        return (np.arange(shared.max() + 1)[:, None] == shared).astype(float)

    def by_arm(self, values: Array, columns: Array | None = None) -> Array:
        """Sums over the people of each arm of values (B, n): (B, A), or with columns (n, q) or
        (B, n, q) those of the products: (B, A, q)."""
        slices = [slice(a, b) for a, b in zip(self.bounds, self.bounds[1:], strict=False)]
        if columns is None:
            return np.stack([values[:, s].sum(axis=1) for s in slices], axis=1)
        if columns.ndim == 2:
            return np.stack([values[:, s] @ columns[s] for s in slices], axis=1)
        return np.stack(
            [np.matmul(values[:, None, s], columns[:, s])[:, 0] for s in slices], axis=1
        )

    # ------------------------------------------------------------------ the models

    def _outcome_model(self, filled: Array, weights: Array, people: NDArray) -> "OutcomeModel":
        """Modified Poisson of filled (B, n, J) with weights (B, n), zero for all but `people`."""
        b, _, visits = filled.shape
        arms, q = self._arms, self.outcome.shape[1]
        fits = poisson(Cells(self._arm, arms, visits, self._outcome), filled, weights)
        base, level = weights * np.exp(fits.slopes @ self.outcome.T), np.exp(fits.cells)
        size = arms * visits
        bread = np.zeros((b, size + q, size + q))
        exposure = level * self.by_arm(base)[:, :, None]
        bread[:, range(size), range(size)] = exposure.reshape(b, size)
        cross = level[:, :, :, None] * self.by_arm(base, self.outcome)[:, :, None, :]
        cross = cross.reshape(b, size, q)
        bread[:, :size, size:], bread[:, size:, :size] = cross, _transposed(cross)
        share = base * level.sum(axis=2)[:, self._arm]
        bread[:, size:, size:] = newton.square(share @ self._outcome.products, q)
        at = people @ self.outcome / people.sum(axis=1)[:, None]
        profile = np.zeros((b, size + q, arms))
        profile[:, np.arange(arms) * visits + self.visit, np.arange(arms)] = 1
        profile[:, size:] = at[:, :, None]
        fine = fits.everywhere
        along = Along.of(_solved(bread, profile, fine), self.outcome, arms, visits)
        residual = weights[:, :, None] * filled - base[:, :, None] * level[:, self._arm]
        log_risk = fits.log_risks(at)[:, :, self.visit]
        return OutcomeModel(log_risk, along.sums(self, residual), along, fine)

    def _impute(self, trials: Trials, people: NDArray[np.bool_]) -> "FilledOutcomes":
        """Least squares of the reduction on arm × visit, arm × number of visits seen (short of all)
        and covariates; missing visits take 1{prediction ≥ cutoff}."""
        observed = (trials.observed & people[:, :, None]).astype(float)
        known = np.where(observed > 0, trials.reduction, 0.0)
        b, n, visits = known.shape
        z, q, arms = self._imputation, self.imputation.shape[1], self._arms
        times = observed.sum(axis=2)
        patterns = np.stack([times == k for k in range(1, visits)]).astype(float)
        cells, short = arms * visits, arms * (visits - 1)
        size = cells + short + q
        matrix, vector = np.zeros((b, size, size)), np.zeros((b, size))
        total = known.sum(axis=2)
        covariate = slice(cells + short, size)
        for j in range(visits):
            at = np.arange(arms) * visits + j
            here = observed[:, :, j]
            matrix[:, at, at] = self.by_arm(here)
            matrix[:, at, covariate] = self.by_arm(here, z.fixed)
            vector[:, at] = self.by_arm(known[:, :, j])
            for k, pattern in enumerate(patterns):
                other = cells + np.arange(arms) * (visits - 1) + k
                matrix[:, at, other] = self.by_arm(here * pattern)
        for k, pattern in enumerate(patterns):
            at = cells + np.arange(arms) * (visits - 1) + k
            matrix[:, at, at] = (k + 1) * self.by_arm(pattern)
            matrix[:, at, covariate] = (k + 1) * self.by_arm(pattern, z.fixed)
            vector[:, at] = self.by_arm(pattern * total)
        matrix[:, covariate, covariate] = newton.square(times @ z.products, q)
        upper = np.triu(matrix, 1)
        matrix = matrix * np.eye(size) + upper + upper.transpose(0, 2, 1)
        vector[:, covariate] = total @ z.fixed
        theta = newton.solve(matrix, vector)
        solved = np.isfinite(theta).all(axis=1)
        shape = (b, arms, -1)
        by_cell, by_pattern = theta[:, :cells].reshape(shape), theta[:, cells : cells + short]
        person = theta[:, covariate] @ z.fixed.T
        person += (by_pattern.reshape(shape)[:, self._arm] * patterns.transpose(1, 2, 0)).sum(
            axis=2
        )
        prediction = by_cell[:, self._arm] + person[:, :, None]
        margin = prediction - self.cutoff[:, None]
        responder = trials.reduction >= self.cutoff[:, None]
        filled = np.where(trials.observed, responder, reaches(margin, 0.0)).astype(float)
        residual = observed * (known - prediction)
        return FilledOutcomes(filled, margin, residual, patterns, matrix, solved)

    def _density(self, margin: Array, missing: NDArray[np.bool_]) -> Array:
        """φ_b(hᵀθ - c) on the missing rows, 0 elsewhere; b by trial."""
        out = np.zeros(margin.shape)
        for trial, absent in enumerate(missing):
            values = margin[trial][absent]
            width = self.bandwidth * silverman(values)
            u = values / width
            out[trial][absent] = np.exp(-0.5 * u * u) / (width * np.sqrt(2 * np.pi))
        return out


@dataclass(frozen=True, slots=True)
class OutcomeModel:
    """log_risk : (B, A) at the visit and the means of covariates; along : A_ββ⁻¹ l of each of them;
    influence : (B, n, A), lᵀA_ββ⁻¹U_β,i, weights and outcomes taken as known; converged : (B,)."""

    log_risk: Array
    influence: Array
    along: "Along"
    converged: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Along:
    """Directions v in the space of coefficients (visits of arms, then covariates), for person i and
    visit j: z_ijᵀv = cells[a_i, j] + person[i].

    cells : (B, A, J, L); person : (B, n, L).
    """

    cells: Array
    person: Array

    @classmethod
    def of(cls, directions: Array, covariates: Array, arms: int, visits: int) -> "Along":
        b, _, count = directions.shape
        cells = directions[:, : arms * visits].reshape(b, arms, visits, count)
        return cls(cells, covariates @ directions[:, arms * visits :])

    def sums(self, procedure: StackedProcedure, values: Array) -> Array:
        """Σ_j values_ij z_ijᵀv of values (B, n, J): (B, n, L)."""
        out = values.sum(axis=2)[:, :, None] * self.person
        for a, (first, last) in enumerate(
            zip(procedure.bounds, procedure.bounds[1:], strict=False)
        ):
            out[:, first:last] += values[:, first:last] @ self.cells[:, a]
        return out


@dataclass(frozen=True, slots=True)
class FilledOutcomes:
    """filled : (B, n, J) observed outcome or 1{margin ≥ 0}; margin : (B, n, J) hᵀθ - c;
    residual : (B, n, J), 0 where missing; patterns : (J - 1, B, n), 1 for people with so many
    visits; bread : (B, k, k); solved : (B,)."""

    filled: Array
    margin: Array
    residual: Array
    patterns: Array
    bread: Array
    solved: NDArray[np.bool_]

    def towards(self, procedure: StackedProcedure, values: Array, along: Along) -> Array:
        """Σ_ij values_ij h_ij (z_ijᵀv)ᵀ: (B, k, L)."""
        b, _, visits = values.shape
        person = along.sums(procedure, values)
        by_cell = np.stack(
            [
                procedure.by_arm(values[:, :, j])[:, :, None] * along.cells[:, :, j]
                + procedure.by_arm(values[:, :, j], along.person)
                for j in range(visits)
            ],
            axis=2,
        )
        by_pattern = np.stack([procedure.by_arm(p, person) for p in self.patterns], axis=2)
        count = person.shape[2]
        parts = [by_cell.reshape(b, -1, count), by_pattern.reshape(b, -1, count)]
        return np.concatenate([*parts, procedure.imputation.T @ person], axis=1)

    def scores(self, procedure: StackedProcedure, v: Array) -> Array:
        """Σ_j residual_ij h_ijᵀv: (B, n, L)."""
        visits = self.residual.shape[2]
        arms = len(procedure.bounds) - 1
        cells, short = arms * visits, arms * (visits - 1)
        b, _, count = v.shape
        by_cell = v[:, :cells].reshape(b, arms, visits, count)
        by_pattern = v[:, cells : cells + short].reshape(b, arms, visits - 1, count)
        person = procedure.imputation @ v[:, cells + short :]
        for a, (first, last) in enumerate(
            zip(procedure.bounds, procedure.bounds[1:], strict=False)
        ):
            own = self.patterns[:, :, first:last].transpose(1, 2, 0)
            person[:, first:last] += own @ by_pattern[:, a]
        return Along(by_cell, person).sums(procedure, self.residual)


def _transposed(matrices: Array) -> Array:
    return matrices.transpose(0, 2, 1)


def _solved(matrices: Array, right: Array, ok: NDArray[np.bool_]) -> Array:
    """Solutions (B, p, L); where a fit failed, of the identity, so that others are not stopped."""
    usable = np.where(ok[:, None, None], matrices, np.eye(matrices.shape[1]))
    return np.linalg.solve(usable, right)
