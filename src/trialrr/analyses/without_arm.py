"""An entry's weights, imputation and outcome model without arm: what re-randomization holds fixed.

Under the sharp null hypothesis the arm changes nothing of anybody, follow-up included. Whatever is
estimated from everybody without arm is then the same for every assignment.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from trialrr.analyses.arrays import arrays
from trialrr.analyses.data import TrialData, cutoff
from trialrr.analyses.designs import adjusted_for, design_of_response, with_own_baseline
from trialrr.estimate.fit import FitError
from trialrr.plan import Analysis, Plan
from trialrr.resample import newton
from trialrr.resample.rerandomize import Scheme, scheme
from trialrr.resample.score import Null, null

Array = NDArray[np.float64]

FAMILIES = {"modified_poisson": "poisson", "logistic": "logistic"}


def scheme_of(plan: Plan, data: TrialData) -> Scheme:
    """The plan's randomization over all people of `data`. People randomized in error are not among
    them and take no place in a block. Raises ValueError for a column that participants lack."""
    rules, people = plan.randomization, data.people
    lost = [c for c in (*rules.strata, rules.order) if c not in people]
    if lost:
        raise ValueError(f"participants lack {', '.join(lost)}, which `randomization` names")
    order = pd.to_numeric(people[rules.order]).to_numpy()
    strata = people[list(rules.strata)].astype(str)
    codes = [pd.factorize(strata[c])[0] for c in strata] or [np.zeros(len(people), int)]
    return scheme(np.column_stack(codes), order, len(plan.arms), rules.block_sizes)


def positions(data: TrialData, among: TrialData) -> NDArray[np.int64]:
    """Where the people of `data` stand among those of another, larger data set."""
    ids = pd.Index(among.people["participant_id"])
    return ids.get_indexer(data.people["participant_id"])


def arms_of(plan: Plan, data: TrialData) -> NDArray[np.int8]:
    """(n,) index into plan.arms of each person's own arm."""
    arms = [a.id for a in plan.arms]
    return np.array([arms.index(a) for a in data.people["arm"]], dtype=np.int8)


def active(plan: Plan) -> list[int]:
    """Indices of the arms other than the reference."""
    return [k for k, a in enumerate(plan.arms) if a.id != plan.reference]


def contrasts(plan: Plan) -> dict[str, Array]:
    """Level → (K,) of each contrast of the plan, on the effects of the active arms."""
    unit = {a.id: np.zeros(len(plan.arms) - 1) for a in plan.arms}
    for k, index in enumerate(active(plan)):
        unit[plan.arms[index].id][k] = 1
    return {f"{one}:{other}": unit[one] - unit[other] for one, other in plan.contrasts}


def null_of(entry: Analysis, outcome: str, plan: Plan, data: TrialData) -> Null:
    """The entry's model without arm at the primary month, for people as they are in `data`, whose
    population, windows and definition are already the entry's.

    Raises FitError where a model has no maximum, and for an outcome model without a score here.
    """
    if entry.model not in FAMILIES or entry.working != "independence":
        raise FitError(
            f"analysis {entry.id}: the re-randomization test has scores of modified_poisson and "
            "logistic under working independence; test an entry with one of these"
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
    month = plan.months.index(plan.primary["month"])
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
    predicted = (design @ coef[0]).reshape(n, visits) >= cutoff(data, plan, outcome)[:, None]
    filled = np.where(np.isnan(own.responder), predicted, own.responder)
    return np.where(people[:, None], filled, np.nan)
