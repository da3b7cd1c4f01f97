"""How much of an arm's effect on a responder goes through mediators: weights that make the
mediators alike in both arms, and the risk ratio with and without them (plan, item 10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialrr.estimate.adjusted import Estimate, linear_combination
from trialrr.estimate.fit import linear, logistic, modified_poisson
from trialrr.estimate.sandwich import covariance, influence

Array = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class MediationFit:
    """arm_effects : on the change of each of the M mediators; kept : (M,) booleans; weights : (n,)
    P(a)/P(a | kept mediators); log_total, log_direct : log risk ratios without and with them."""

    arm_effects: tuple[Estimate, ...]
    kept: NDArray[np.bool_]
    weights: Array
    log_total: float
    log_direct: float

    @property
    def log_through(self) -> float:
        """What of the log risk ratio goes through the kept mediators; 0 where none is kept."""
        return self.log_total - self.log_direct

    @property
    def proportion(self) -> float:
        """That part's share of the total, NaN where the total is 0."""
        return self.log_through / self.log_total if self.log_total else np.nan


def mediation(
    arm: Array,
    responder: Array,
    changes: Array,
    covariates: Array,
    of_changes: Sequence[Array],
    clusters: NDArray[Any],
    level: float,
    alpha: float = 0.05,
) -> MediationFit:
    """The chain for one arm against the reference, people with all of it observed.

    arm : (n,), 1 active, 0 reference; responder : (n,) 0/1; changes : (n, M) of the mediators;
    covariates : (n, q) of the outcome model; of_changes : for each mediator the (n, k) columns that
    its model has beside intercept and arm; clusters : (n,); level : a mediator is kept if the arm's
    effect on it has p below. Raises FitError if one of the fits has no solution.
    """
    arm = np.asarray(arm, float)
    effects = tuple(
        arm_effect(change, arm, columns, clusters, alpha)
        for change, columns in zip(changes.T, of_changes, strict=True)
    )
    kept = np.array([e.p_value < level for e in effects], bool)
    total = log_risk_ratio(responder, arm, covariates)
    weights: Array = np.ones(len(arm))
    direct = total
    if kept.any():
        weights = arm_weights(arm, changes[:, kept])
        direct = log_risk_ratio(responder, arm, covariates, weights)
    return MediationFit(effects, kept, weights, total, direct)


def arm_effect(
    change: Array, arm: Array, covariates: Array, clusters: NDArray[Any], alpha: float = 0.05
) -> Estimate:
    """Difference of the arms in the change of a mediator, least squares on intercept, arm and
    covariates; cluster sandwich CR0, z. Shapes and errors of `mediation`."""
    fit = linear(change, _with_arm(arm, covariates))
    matrix = covariance(influence(fit.bread, fit.scores), clusters)
    return linear_combination(np.eye(len(fit.coef))[1], fit.coef, matrix, alpha)


def arm_weights(arm: Array, mediators: Array) -> Array:
    """P(a_i)/P(a_i | m_i), P(a) the share of the arm and P(a | m) logistic in the mediators.

    arm : (n,) 0/1; mediators : (n, k). Returns (n,). With these weights the mediators have nearly
    the same distribution in both arms. Hong (2010), Proc Am Stat Assoc Biometrics 2401;
    VanderWeele (2009), Epidemiology 20:18. Raises FitError if the mediators tell the arms apart.
    """
    chance = logistic(arm, np.column_stack([np.ones(len(arm)), mediators])).mu
    share = float(arm.mean())
    return np.where(arm == 1, share / chance, (1 - share) / (1 - chance))


def log_risk_ratio(
    responder: Array, arm: Array, covariates: Array, weights: Array | None = None
) -> float:
    """Coefficient of the arm in a modified Poisson regression on arm and covariates."""
    return float(modified_poisson(responder, _with_arm(arm, covariates), weights).coef[1])


def _with_arm(arm: Array, covariates: Array) -> Array:
    return np.column_stack([np.ones(len(arm)), arm, covariates])
