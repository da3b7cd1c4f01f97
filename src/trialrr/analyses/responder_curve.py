"""Kind `responder_curve`: an entry at many thresholds, and the cumulative share of responders."""

from decimal import Decimal

import numpy as np

from trialrr import ard
from trialrr.analyses.data import TrialData, for_entry
from trialrr.analyses.refits import packed, refit_rows, unpacked
from trialrr.plan import Definition, Plan, ResponderCurve, replace
from trialrr.responder import drops_by_share

SHARES = "shares"
GRID = tuple(Decimal(percent) / 100 for percent in range(-50, 105, 5))
"""Thresholds of the cumulative curve: from worse by half to a score of 0."""


def tasks(entry: ResponderCurve, plan: Plan) -> list[str]:
    thresholds = [f"{threshold:f}" for threshold in entry.thresholds]
    return [f"{outcome}/{part}" for outcome in entry.outcomes for part in (*thresholds, SHARES)]


def run(task: str, entry: ResponderCurve, plan: Plan, data: TrialData) -> dict[str, np.ndarray]:
    """Rows of the fit at one threshold, or of all raw shares.

    Raises ValueError where the data have no sums of items.
    """
    outcome, part = task.split("/")
    if part == SHARES:
        return packed(_share_rows(entry, outcome, plan, data))
    threshold = Decimal(part)
    of = replace(plan.analysis(entry.of), definition=Definition(threshold=threshold))
    months = (plan.primary.month,)
    return packed(refit_rows(entry, of, outcome, plan, data, months, _subgroup(threshold)))


def rows(
    entry: ResponderCurve, plan: Plan, data: TrialData, done: dict[str, dict[str, np.ndarray]]
) -> list[dict]:
    """Risks and contrasts at the primary month by `subgroup` threshold=0.3, then raw shares."""
    return [row for task in tasks(entry, plan) for row in unpacked(done[task])]


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


def _subgroup(threshold: Decimal) -> str:
    return f"threshold={float(threshold):g}"
