"""Kind `responder_curve`: an entry at many thresholds, and the cumulative share of responders."""

from decimal import Decimal
from functools import partial

import numpy as np

from trialrr import ard
from trialrr.analyses.base import Job
from trialrr.analyses.procedure.data import TrialData, for_entry
from trialrr.analyses.procedure.refits import refit_rows
from trialrr.analyses.resampling.entries import ResponderCurve
from trialrr.ard import Subgroup
from trialrr.plan import Definition, Plan, replace
from trialrr.responder import drops_by_share

GRID = tuple(Decimal(percent) / 100 for percent in range(-50, 105, 5))
"""Thresholds of the cumulative curve: from worse by half to a score of 0."""


def jobs(entry: ResponderCurve, plan: Plan, data: TrialData) -> list[Job]:
    """Risks and contrasts at the primary month by `subgroup` threshold=0.3, a job a threshold, then
    raw shares. A job raises ValueError where the data have no sums of items."""
    return [
        job
        for outcome in entry.outcomes
        for job in (
            *(
                partial(_at, threshold, entry, outcome, plan, data)
                for threshold in entry.thresholds
            ),
            partial(_share_rows, entry, outcome, plan, data),
        )
    ]


def _at(
    threshold: Decimal, entry: ResponderCurve, outcome: str, plan: Plan, data: TrialData
) -> list[dict]:
    """Rows of the entry `of` with the threshold."""
    of = replace(plan.analysis(entry.of), definition=Definition(threshold=threshold))
    months = (plan.primary.month,)
    return refit_rows(entry, of, outcome, plan, data, months, _subgroup(threshold))


def _share_rows(entry: ResponderCurve, outcome: str, plan: Plan, data: TrialData) -> list[dict]:
    """Share of the people observed at the primary month who drop by at least each threshold of
    GRID, decided on sums of items; a negative one counts who is not worse by more than that."""
    data = for_entry(plan.analysis(entry.of), plan, data)
    sums, month = data.sums_of(outcome), plan.primary.month
    follow_up = sums.follow_up[:, plan.months.index(month)]
    arm, table = data.people["arm"].to_numpy(), []
    for threshold in GRID:
        reached = drops_by_share(sums.baseline, follow_up, threshold)
        for level in (a.id for a in plan.arms):
            observed = reached[(arm == level) & ~np.isnan(reached)]
            table.append(
                ard.row(
                    analysis=entry.id,
                    outcome=outcome,
                    month=month,
                    subgroup=_subgroup(threshold),
                    quantity="responder_share",
                    level=level,
                    estimate=observed.mean() if len(observed) else np.nan,
                    n=len(observed),
                    events=int(observed.sum()),
                    reason="" if len(observed) else f"nobody of arm {level} is observed",
                    method="share of people observed whose score drops by at least the threshold, "
                    "a share of baseline; exact sums of items, unweighted",
                    status=entry.status,
                )
            )
    return table


def _subgroup(threshold: Decimal) -> Subgroup:
    return Subgroup.of(threshold=f"{float(threshold):g}")
