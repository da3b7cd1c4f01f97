"""Many specifications of one question: the log risk ratio of each, and all of them tested jointly.

A specification is an outcome, weights, covariates and an estimator. Its log risk ratio between two
arms at one visit comes with a cluster sandwich; the joint test is that of Simonsohn, Simmons &
Nelson (2020), Nat Hum Behav 4:1208, with the trial's own randomization in place of permutations.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtri

from trialrr.estimate.fit import FitError
from trialrr.resample import newton
from trialrr.resample.cells import Cells, covariance, poisson
from trialrr.resample.rerandomize import p_value

Array = NDArray[np.float64]


def poisson_ratios(
    cells: Cells,
    outcome: Array,
    weights: Array,
    clusters: Sequence[NDArray[np.int64]],
    month: int,
    pairs: Sequence[tuple[int, int]],
) -> tuple[Array, Array]:
    """Log risk ratios of pairs of arms at one visit by modified Poisson regression on arm × visit
    cells and covariates, (B, C), and their variances for each kind of clusters, (k, B, C).

    At the covariate means or standardized over the people, the ratio is the same: the log link
    takes the covariates out. outcome : (B, n, J), NaN where a row is absent; weights : (n,);
    clusters : k labellings (n,) of the people. Raises FitError where no maximum exists.
    """
    fits = poisson(cells, outcome, weights)
    in_pairs = fits.cells[:, np.unique(pairs), month]
    if not (fits.converged.all() and np.isfinite(in_pairs).all()):
        raise FitError(
            "the Poisson model has no maximum: an arm without an event at the primary month, or a "
            "level of a covariate without one"
        )
    chosen = _cell_contrasts(cells, month, pairs)
    size = chosen.shape[1]
    there = np.where(np.isfinite(fits.cells), fits.cells, 0)  # a cell elsewhere may have no event
    ratios = there.reshape(len(there), -1) @ chosen.T
    variances = []
    for labels in clusters:
        v = covariance(cells, fits, outcome, weights, labels)[:, :size, :size]
        variances.append(np.einsum("cp,bpq,cq->bc", chosen, v, chosen))
    return ratios, np.array(variances)


def _cell_contrasts(cells: Cells, month: int, pairs: Sequence[tuple[int, int]]) -> Array:
    """(C, A·J): 1 for the first arm's cell at the visit, -1 for the second's."""
    unit = np.eye(cells.arms * cells.visits)
    at = [[arm * cells.visits + month for arm in pair] for pair in pairs]
    return np.array([unit[one] - unit[other] for one, other in at])


def logistic_ratios(
    cells: Cells,
    outcome: Array,
    weights: Array,
    clusters: NDArray[np.int64],
    month: int,
    pairs: Sequence[tuple[int, int]],
) -> tuple[Array, Array]:
    """Log ratios of risks standardized over the people of the fit, from a logistic model on the
    same columns, (B, C), and their variances with covariates fixed, (B, C).

    r_a = mean_i expit(α_a + z_iᵀγ) at the visit; arguments and errors as in `poisson_ratios`.
    """
    present = ~np.isnan(outcome[0]) & (weights > 0)[:, None]
    person, visit = np.nonzero(present)
    z = cells.design.fixed
    cell = cells.arm[person] * cells.visits + visit
    design = np.hstack([np.eye(cells.arms * cells.visits)[cell], z[person]])
    response, rows = outcome[:, person, visit], weights[person]
    fits = newton.logistic(design, response, rows)
    if not fits.converged.all():
        raise FitError(
            "the logistic model has no maximum: an arm without events or without failures at a "
            "visit, or a level of a covariate without"
        )
    z = z[np.unique(person)]
    totals = _Totals(clusters[person])
    found = []
    for b, own in enumerate(fits.coef):
        mean = expit(design @ own)
        information = rows * mean * (1 - mean)
        bread = (design * information[:, None]).T @ design
        psi = np.linalg.solve(bread, totals(design * (rows * (response[b] - mean))[:, None]).T)
        risks, gradients = _standardized(own, z, cells, month)
        relative = gradients / risks[:, None]
        slopes = np.array([relative[one] - relative[other] for one, other in pairs])
        ratio = [np.log(risks[one] / risks[other]) for one, other in pairs]
        found.append((ratio, ((slopes @ psi) ** 2).sum(axis=1)))
    ratios, variances = zip(*found, strict=True)
    return np.array(ratios), np.array(variances)


def _standardized(coef: Array, z: Array, cells: Cells, month: int) -> tuple[Array, Array]:
    """(A,) risks at the visit with everybody in each arm, and (A, p) their gradients."""
    size = cells.arms * cells.visits
    at = np.arange(cells.arms) * cells.visits + month
    mean = expit(coef[at][:, None] + z @ coef[size:])
    slope = mean * (1 - mean)
    gradients = np.zeros((cells.arms, len(coef)))
    gradients[range(cells.arms), at] = slope.mean(axis=1)
    gradients[:, size:] = slope @ z / len(z)
    return mean.mean(axis=1), gradients


class _Totals:
    """Sums of rows (n, p) by label (n,)."""

    def __init__(self, labels: NDArray):
        self.order = np.argsort(labels, kind="stable")
        self.starts = np.flatnonzero(np.diff(labels[self.order], prepend=labels.min() - 1))

    def __call__(self, rows: Array) -> Array:
        return np.add.reduceat(rows[self.order], self.starts, axis=0)


@dataclass(frozen=True, slots=True)
class Joint:
    """A statistic over all specifications: of the trial, and its distribution over repetitions of
    the randomization (B,) with the p-value that follows."""

    observed: float
    drawn: Array
    p_value: float

    def limits(self, level: float = 0.05) -> tuple[float, float]:
        """Percentiles of the distribution that leave `level` outside."""
        lower, upper = np.nanpercentile(self.drawn, [50 * level, 100 - 50 * level])
        return float(lower), float(upper)


def share_significant(z: Array, alpha: float) -> Joint:
    """Share of the specifications with |z| beyond the normal quantile; z : (1 + B, S), the trial
    first. A specification without z in a draw is not significant there."""
    share = (np.abs(z) > ndtri(1 - alpha / 2)).mean(axis=1)
    return _joint(share, share)


def median_ratio(log_ratios: Array) -> Joint:
    """Median log risk ratio, two-sided: p counts draws whose median is as far from 0; log_ratios :
    (1 + B, S), the trial first."""
    median = np.median(log_ratios, axis=1)
    return _joint(median, np.abs(median))


def _joint(values: Array, sizes: Array) -> Joint:
    return Joint(float(values[0]), values[1:], float(p_value(sizes[1:], sizes[0])))
