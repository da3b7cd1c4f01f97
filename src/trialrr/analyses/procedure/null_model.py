"""An entry's weights, imputation and outcome model without arm: what re-randomization holds fixed.

Under the sharp null hypothesis the arm changes nothing of anybody, follow-up included. Whatever is
estimated from everybody without arm is then the same for every assignment.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from trialrr import ard
from trialrr.analyses.procedure.arrays import arrays
from trialrr.analyses.procedure.data import TrialData, cutoff
from trialrr.analyses.procedure.designs import adjusted_for, design_of_response, with_own_baseline
from trialrr.analyses.procedure.engines import SCORES
from trialrr.analyses.procedure.entry import Analysis
from trialrr.ard import Contrast
from trialrr.data import numbers, written
from trialrr.estimate.fit import FitError
from trialrr.missing.pattern_mixture import reaches
from trialrr.plan import Plan
from trialrr.resample import newton
from trialrr.resample.rerandomize import Scheme, scheme
from trialrr.resample.score import Null, null

Array = NDArray[np.float64]

FAMILIES = {"modified_poisson": "poisson", "logistic": "logistic"}


@dataclass(frozen=True, slots=True)
class Randomized:
    """What the trial randomized, U units: people or whole clusters. unit : participant_id → index
    of the person's unit; arm : (U,) index into plan.arms of each unit's own arm; scheme : draws
    arms of the units; words : what the units are."""

    unit: pd.Series
    arm: NDArray[np.int8]
    scheme: Scheme
    words: str

    def among(self, data: TrialData) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Of the people of `data`: the units they belong to (u,), sorted, and the index of each
        person's unit among these (n,)."""
        own = self.unit.loc[data.people["participant_id"]].to_numpy()
        return np.unique(own, return_inverse=True)


def randomized(plan: Plan, data: TrialData) -> Randomized:
    """The plan's randomization over all people of `data`. People randomized in error are not among
    them and take no place in a block.

    Raises FitError for a column that participants lack, for an order or block sizes that are none
    (`scheme`), and where whole clusters were randomized and a person has none, or people of a
    cluster differ in arm, stratum or place in the order.
    """
    rules, people = plan.randomization, data.people
    whole = rules.unit == "cluster"
    needed = [*rules.strata, rules.order, *(["cluster"] if whole else [])]
    lost = [c for c in needed if c not in people]
    if lost:
        raise FitError(f"participants lack {', '.join(lost)}, which `randomization` names")
    index, first = np.arange(len(people)), np.arange(len(people))
    words = "persons are units"
    if whole:
        label = written(people["cluster"]).fillna("").to_numpy(str)
        _, first, index = np.unique(label, return_index=True, return_inverse=True)
        _whole(people, label, ["arm", *needed[:-1]])
        words = "whole clusters are units"
    units = people.iloc[first]
    arms = [a.id for a in plan.arms]
    arm = np.array([arms.index(a) for a in units["arm"]], dtype=np.int8)
    order = numbers(units[rules.order])
    codes = [pd.factorize(written(units[c]))[0] for c in rules.strata] or [
        np.zeros(len(units), int)
    ]
    try:
        drawn = scheme(np.column_stack(codes), order, len(plan.arms), rules.block_sizes)
    except ValueError as error:
        raise FitError(f"the randomization cannot be repeated: {error}") from None
    return Randomized(pd.Series(index, index=people["participant_id"]), arm, drawn, words)


def _whole(people: pd.DataFrame, label: NDArray, columns: list[str]) -> None:
    """Raises FitError where clusters cannot have been randomized as wholes."""
    faults = []
    if count := int(people["cluster"].isna().sum()):
        faults.append(f"{count} {'person has' if count == 1 else 'people have'} no cluster")
    for column in columns:
        different = people.groupby(label)[column].nunique() > 1
        if different.any():
            clusters = f"{int(different.sum())} of {len(different)} clusters"
            faults.append(f"{column} differs between people of {clusters}")
    if faults:
        raise FitError(
            f"randomization.unit is cluster, but {'; '.join(faults)}: a cluster that was "
            "randomized has one arm, one stratum and one place in the order; say unit: person, or "
            "name columns that are the same for all people of a cluster"
        )


def active(plan: Plan) -> list[int]:
    """Indices of the arms other than the reference."""
    return [k for k, a in enumerate(plan.arms) if a.id != plan.reference]


def contrasts(plan: Plan) -> dict[Contrast, Array]:
    """(K,) of each contrast of the plan, on the effects of the active arms."""
    unit = {a.id: np.zeros(len(plan.arms) - 1) for a in plan.arms}
    for k, index in enumerate(active(plan)):
        unit[plan.arms[index].id][k] = 1
    return {pair: unit[pair.first] - unit[pair.second] for pair in ard.contrasts(plan)}


def null_of(entry: Analysis, outcome: str, plan: Plan, data: TrialData) -> Null:
    """The entry's model without arm at the primary month, for people as they are in `data`, whose
    population, windows and definition are already the entry's.

    Raises FitError where a model has no maximum, and for an outcome model without a score here.
    """
    if not SCORES.can_do(entry):
        raise FitError(
            f"analysis {entry.id}: the re-randomization test has scores of {SCORES.words}; test an "
            "entry with one of these"
        )
    ids = adjusted_for(entry, outcome, plan)
    own = arrays(ids, outcome, plan, data)
    weights = (
        response_weights(plan, data, entry.truncation) if entry.weights else own.seen * 0 + 1.0
    )
    filled, worst = own.responder, None
    if entry.missing == "pattern_mixture":
        filled = pattern_mixture(outcome, plan, data)
    elif entry.missing == "worst_best_case":
        worst = np.isnan(filled) & own.defined[:, None]
    month = plan.months.index(plan.primary.month)
    z = own.covariates.values
    return null(FAMILIES[entry.model], filled, weights, z, month, worst, 1 / len(plan.arms))


def response_weights(
    plan: Plan, data: TrialData, truncation: float | None = None, by_arm: bool = False
) -> Array:
    """(n,) R/π of the plan's response model, not scaled, without arm or `by_arm` with it.
    Stabilizing by the share seen in the arm would multiply all by the same number without arm."""
    design = design_of_response(plan, data).values
    if not by_arm:
        design = np.delete(design, range(1, len(plan.arms)), axis=1)
    fit = newton.logistic(design, data.seen.astype(float))
    if not fit.converged[0]:
        raise FitError(
            f"the response model has no maximum on {len(data.people)} people, "
            f"{int((~data.seen).sum())} of them never seen; leave covariates out of models.response"
        )
    weights = data.seen / expit(design @ fit.coef[0])
    if truncation is not None:
        weights = np.minimum(weights, np.quantile(weights[data.seen], truncation))
    return weights


def pattern_mixture(outcome: str, plan: Plan, data: TrialData, by_arm: bool = False) -> Array:
    """(n, J) responders, observed or 1{prediction ≥ cutoff}, by the plan's pattern mixture: months
    and number of follow-ups, `by_arm` each in each arm, and covariates. NaN for people who have no
    rows in it."""
    own = arrays(with_own_baseline(plan.models.imputation, outcome, plan), outcome, plan, data)
    n, visits = own.responder.shape
    fewer = data.visits_completed[:, None] == np.arange(visits - 1, 0, -1)
    cells = np.hstack([np.tile(np.eye(visits), (n, 1)), np.repeat(fewer, visits, axis=0)])
    if by_arm:
        arm = np.repeat(own.arm, visits)
        cells = np.hstack([cells * (arm == k)[:, None] for k in range(len(plan.arms))])
    design = np.hstack([cells, np.repeat(own.covariates.values, visits, axis=0)])
    reduction = own.reduction.ravel()
    people = own.seen & own.defined
    used = ~np.isnan(reduction) & np.repeat(people, visits)
    design = design[:, (design[used] != 0).any(axis=0)]
    coef, found = newton.least_squares(design[used], reduction[used])
    if not found[0]:
        raise FitError(
            f"outcome {outcome}: the imputation model has no solution on {int(used.sum())} visits; "
            "leave covariates out of models.imputation"
        )
    predicted = (design @ coef[0]).reshape(n, visits)
    predicted = reaches(predicted, cutoff(data, plan, outcome)[:, None])
    filled = np.where(np.isnan(own.responder), predicted, own.responder)
    return np.where(people[:, None], filled, np.nan)
