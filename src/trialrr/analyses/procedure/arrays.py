"""The analysis data of one outcome as plain arrays, which the kinds of resampling share."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialrr import ard
from trialrr.analyses.procedure.data import TrialData
from trialrr.ard import Contrast
from trialrr.data import numbers
from trialrr.design import clusters as nesting
from trialrr.design.matrix import Design, covariate_columns
from trialrr.plan import Plan
from trialrr.resample.cells import Cells

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Arrays:
    """arm : (n,) index into plan.arms; cells : of all n people with `covariates`; cluster : (n,)
    integer label, shared in a nested arm and the person elsewhere; nested : indices of nested arms;
    responder, reduction : (n, J), NaN where missing; baseline : (n,) score, NaN without one;
    defined : (n,) people for whom a responder is defined; seen : (n,)."""

    arm: NDArray[np.int64]
    cells: Cells
    covariates: Design
    cluster: NDArray[np.int64]
    nested: frozenset[int]
    responder: Array
    reduction: Array
    baseline: Array
    defined: NDArray[np.bool_]
    seen: NDArray[np.bool_]


def arrays(ids: tuple[str, ...], outcome: str, plan: Plan, data: TrialData) -> Arrays:
    """Arrays of an outcome with the covariates `ids`, missing ones at their overall mean."""
    arms = [a.id for a in plan.arms]
    arm = data.people["arm"].map({a: k for k, a in enumerate(arms)}).to_numpy(int)
    covariates = covariate_columns(data.people, [plan.covariate(id) for id in ids])
    clusters = nesting.of_people(data.people, {a.id: a.clusters for a in plan.arms})
    column = plan.outcome(outcome).baseline
    baseline, defined = np.full(len(arm), np.nan), np.ones(len(arm), bool)
    if column:
        baseline = numbers(data.people[column])
        defined = np.nan_to_num(baseline) > 0
    return Arrays(
        arm,
        Cells(arm, len(arms), len(plan.months), covariates.values),
        covariates,
        np.unique(clusters.labels, return_inverse=True)[1],
        frozenset(k for k, a in enumerate(plan.arms) if a.clusters != "person"),
        data.responder[outcome],
        data.reduction[outcome],
        baseline,
        defined,
        data.seen,
    )


def contrast_indices(plan: Plan) -> list[tuple[Contrast, int, int]]:
    """Level and arm indices of each contrast of the plan."""
    at = {a.id: k for k, a in enumerate(plan.arms)}
    return [(pair, at[pair.first], at[pair.second]) for pair in ard.contrasts(plan)]
