"""Who lacks a covariate, and what the plan's `missing_covariates` does about it in a fit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialrr.analyses.procedure.data import TrialData
from trialrr.design.matrix import lacks
from trialrr.estimate.fit import FitError
from trialrr.plan import Covariate, Plan
from trialrr.plan.mentions import COMPLETE_CASE, INDICATOR, MEAN

WORDS = {
    MEAN: "missing covariates at their means",
    INDICATOR: "missing covariates at their means with indicators of missingness",
    COMPLETE_CASE: "people with missing covariates left out",
}
"""The plan's choice → what the method says where somebody lacked a covariate."""


@dataclass(frozen=True, slots=True)
class Missing:
    """people : covariate → how many had no value, those that somebody lacks; left_out : people who
    were left out for it, None where values were filled."""

    people: dict[str, int]
    left_out: int | None = None

    def rows(self, row) -> list[dict]:
        """Of each covariate that somebody lacks how many, and of all together who was left out."""
        counts, text = list(self.people.items()), "people in the models whose value was filled"
        quantity = "covariate_filled"
        if self.left_out is not None:
            quantity, text = "covariate_left_out", "people left out because a value was missing"
            counts = [("all", self.left_out), *counts] if counts else []
        return [
            row(quantity=quantity, level=level, estimate=n, n=n, method=f"diagnostic: {text}")
            for level, n in counts
        ]


NOBODY = Missing({})
"""Nobody lacks a covariate."""


def completed(
    entry: str, covariates: Sequence[Covariate], plan: Plan, data: TrialData
) -> tuple[TrialData, Missing | None]:
    """Under `complete_case` the people who have every covariate, and who was left out; else all of
    them, and None. Raises FitError if an arm loses everybody."""
    if plan.models.missing_covariates != COMPLETE_CASE:
        return data, None
    gaps = {c.id: lacks(data.people, c) for c in covariates}
    gone = np.any([np.zeros(len(data.people), bool), *gaps.values()], axis=0)
    missing = Missing(_counted(gaps), int(gone.sum()))
    arms = data.people["arm"]
    if lost := sorted(set(arms) - set(arms[~gone])):
        raise FitError(
            f"analysis {entry}: everybody of arm {', '.join(lost)} lacks a covariate "
            f"({', '.join(missing.people)}); choose another rule in models.missing_covariates"
        )
    return data.take(~gone), missing


def filled(
    covariates: Sequence[Covariate], everybody: Sequence[Covariate], data: TrialData, rows: NDArray
) -> Missing:
    """Who had a missing covariate filled: among people with `rows` in the fit, and of the
    covariates of a model that is of `everybody` among all."""
    present = np.zeros(len(data.people), bool)
    present[rows] = True
    gaps = {c.id: lacks(data.people, c) & present for c in covariates}
    return Missing(_counted(gaps | {c.id: lacks(data.people, c) for c in everybody}))


def _counted(gaps: dict[str, NDArray[np.bool_]]) -> dict[str, int]:
    return {id: int(gap.sum()) for id, gap in gaps.items() if gap.any()}
