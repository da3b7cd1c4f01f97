"""Design matrices of a plan's models: cells of arm and month, covariates, the response model, and
the rows at which a fit is read."""

import dataclasses
import itertools
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from trialrr.analyses.procedure.data import TrialData
from trialrr.analyses.procedure.entry import Analysis
from trialrr.design.matrix import (
    Design,
    beside,
    covariate_columns,
    filled_columns,
    indicators,
    intercept,
    product,
)
from trialrr.plan import Plan, replace

Array = NDArray[np.float64]


def used(covariates: Design, person: NDArray) -> tuple[Design, tuple[str, ...]]:
    """Columns that somebody in the fit has, such as a level of site, and the names of the others,
    which no estimate could depend on."""
    used = (covariates.values[person] != 0).any(axis=0)
    return covariates.columns(used), covariates.columns(~used).names


def adjusted_for(entry: Analysis, outcome: str, plan: Plan) -> tuple[str, ...]:
    """Covariates of an entry's outcome model: its own list, else the plan's, and for an outcome
    other than the first its own baseline value (plan, item 1)."""
    if entry.covariates is not None:
        return entry.covariates
    return with_own_baseline(plan.models.adjusted, outcome, plan)


def every_covariate(entry: Analysis, outcome: str, plan: Plan) -> tuple[str, ...]:
    """Covariates of all models of an entry: of the outcome, of the weights, of the imputation."""
    ids = [*adjusted_for(entry, outcome, plan)]
    if entry.weights:
        ids += plan.models.response
    if entry.missing == "pattern_mixture":
        ids += with_own_baseline(plan.models.imputation, outcome, plan)
    return tuple(dict.fromkeys(ids))


def nested_arms(entry: Analysis, plan: Plan) -> dict[str, str]:
    """arm → what its people share, for the entry's choice of clusters."""
    return {a.id: "person" if entry.clusters == "person" else a.clusters for a in plan.arms}


def units(shared: Iterable[str]) -> str:
    """What scores are summed over, as the method of a row says it: "ward/person", from what
    people of each arm share."""
    return "/".join(sorted(set(shared), key=lambda word: (word == "person", word)))


def arm_by_month(plan: Plan, arm: NDArray, visit: NDArray) -> Design:
    """Intercept, arm, month and arm × month; references are the plan's arm and first month.

    arm : (n,) ids; visit : (n,) index into the plan's visits. Columns `PT`, `month6`, `PT:month6`.
    """
    others = [a.id for a in plan.arms if a.id != plan.reference]
    arms = dataclasses.replace(indicators(arm, others, others), what="arm")
    month = np.asarray(plan.months, dtype=object)[visit]
    later = indicators(month, plan.months[1:], [f"month{m}" for m in plan.months[1:]])
    products = dataclasses.replace(product(arms, later), what="arm by month")
    return beside(intercept(len(arm)), arms, dataclasses.replace(later, what="visit"), products)


def by_level(cells: Design, level: NDArray, levels: tuple[str, ...]) -> Design:
    """`cells`, and their products with each level but the first: effects of their own by level.

    level : (n,). Columns `level=<level>`, `level=<level>:PT`, `level=<level>:month6`, …
    """
    others = indicators(level, levels[1:], [f"level={name}" for name in levels[1:]])
    rest = cells.columns(slice(1, None))
    return beside(cells, dataclasses.replace(others, what="moderator"), product(others, rest))


def with_own_baseline(ids: tuple[str, ...], outcome: str, plan: Plan) -> tuple[str, ...]:
    own = plan.outcome(outcome).baseline
    return (*ids, own) if plan.models.own_baseline and own and own not in ids else ids


def design_of_response(plan: Plan, data: TrialData, fill: bool = True) -> Design:
    """Intercept, arm and the covariates of the response model, with its own references; `fill` as
    in `covariate_columns`."""
    references = plan.models.response_references
    first = references.get("arm", plan.reference)
    others = [a.id for a in plan.arms if a.id != first]
    arms = indicators(data.people["arm"].to_numpy(), others, others)
    covariates = [plan.covariate(id) for id in plan.models.response]
    covariates = [
        replace(c, reference=references[c.id]) if c.id in references else c for c in covariates
    ]
    columns = (
        filled_columns(data.people, covariates, plan.models.missing_covariates)
        if fill
        else covariate_columns(data.people, covariates, fill=False)
    )
    return beside(intercept(len(data.people)), arms, columns)


def pattern_cells(plan: Plan, data: TrialData, person: NDArray, cells: Design) -> Design:
    """`cells`, the number of follow-ups (all is the reference), and that × arm."""
    others = [a.id for a in plan.arms if a.id != plan.reference]
    arms = indicators(data.people["arm"].to_numpy()[person], others, others)
    counts = list(range(len(plan.months) - 1, 0, -1))
    pattern = indicators(
        data.visits_completed[person], counts, [f"pattern{count}" for count in counts]
    )
    return beside(cells, pattern, product(arms, pattern))


def profiles(
    plan: Plan, covariates: Design, levels: tuple[str, ...]
) -> dict[tuple[str, ...], Array]:
    """Design rows of each arm and month, and level of a moderator, at the covariate means of the
    people, unweighted: first the columns of `arm_by_month` and `by_level`, then the covariates."""
    ids = [a.id for a in plan.arms]
    keys = list(itertools.product(ids, plan.months, *([levels] if levels else [])))
    visits = np.array([plan.months.index(key[1]) for key in keys])
    cells = arm_by_month(plan, np.array([key[0] for key in keys], dtype=object), visits)
    if levels:
        cells = by_level(cells, np.array([key[2] for key in keys], dtype=object), levels)
    means = np.tile(covariates.values.mean(axis=0), (len(keys), 1))
    return dict(zip(keys, np.hstack([cells.values, means]), strict=True))
