"""The pattern mixture on many weighted samples: its normal equations, and visits that it fills."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trialrr.missing.pattern_mixture import reaches
from trialrr.resample import newton
from trialrr.resample.covariates import MeanFilled
from trialrr.resample.newton import Array
from trialrr.resample.totals import DrawCounts, Totals


@dataclass(frozen=True, slots=True)
class MixtureData:
    """Pattern mixture: a linear model of the reduction; missing rows take 1{prediction ≥ cutoff}.

    cells : (n, J, g), columns of arm, visit and pattern of follow-up; covariates : beside them;
    reduction : (n, J), NaN where missing; cutoff : (n,).
    """

    cells: Array
    covariates: MeanFilled
    reduction: Array
    cutoff: Array


@dataclass(frozen=True)
class Filling:
    """model : of all people; arm : (n,); arms; outcome : (n, J), NaN where it is to be filled;
    order : the people of the outcome model among all, arm by arm; bounds : (A + 1,) where each arm
    begins in it; covariates : (people, k) of the outcome model, in that order."""

    model: MixtureData
    arm: NDArray[np.int64]
    arms: int
    outcome: Array
    order: NDArray[np.int64]
    bounds: NDArray[np.int64]
    covariates: Array

    @cached_property
    def gaps(self) -> "Gaps":
        """Visits that are missing of people in the outcome model."""
        own, order = self.model, self.order
        person, visit = np.nonzero(np.isnan(self.outcome[order]))
        everyone = order[person]
        cells = np.zeros((len(person), self.arms, self.outcome.shape[1]))
        cells[np.arange(len(person)), self.arm[everyone], visit] = 1
        design = np.hstack([own.cells[everyone, visit], own.covariates.fixed[everyone]])
        return Gaps(
            person,
            cells.reshape(len(person), -1),
            self.covariates[person],
            np.ascontiguousarray(design.T),
            own.cutoff[everyone],
        )

    @cached_property
    def _normal_equations(self) -> list["NormalEquations"]:
        """Of the imputation model, for the people of each arm."""
        own, bounds = self.model, self.bounds
        parts = []
        for first, last in zip(bounds, bounds[1:], strict=False):
            people = self.order[first:last]
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

    def __call__(
        self, counts: DrawCounts, mixing: Array | None
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Filled outcomes of the gaps, (B, gaps), and where the model has no solution, (B,)."""
        own = self.model
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
        return reaches(theta @ self.gaps.design, self.gaps.cutoff), ~solved


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
    products: Totals
