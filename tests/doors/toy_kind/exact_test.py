"""Kind `fisher_exact`: a 2 × 2 table of observed people per contrast, by Fisher's rule."""

from functools import partial

import numpy as np
from scipy.stats import fisher_exact

from trialrr import ard
from trialrr.analyses.base import Job
from trialrr.analyses.procedure.data import TrialData
from trialrr.plan import Plan

from . import FisherExact


def jobs(entry: FisherExact, plan: Plan, data: TrialData) -> list[Job]:
    """At every visit of an outcome the test of each contrast, or why there is none."""
    return [partial(_rows, entry, outcome, plan, data) for outcome in entry.outcomes]


def _rows(entry: FisherExact, outcome: str, plan: Plan, data: TrialData) -> list[dict]:
    arm, table = data.people["arm"].to_numpy(), []
    cells = {"analysis": entry.id, "outcome": outcome, "status": entry.status}
    cells |= {"quantity": "fisher_exact", "method": f"Fisher's exact test, {entry.alternative}"}
    for j, month in enumerate(plan.at_times_of(outcome).months):
        if entry.months and month not in entry.months:
            continue
        response = data.responder[outcome][:, j]
        of_arm = {a.id: response[(arm == a.id) & ~np.isnan(response)] for a in plan.arms}
        for contrast in ard.contrasts(plan):
            one, other = contrast
            cells |= {"month": month, "level": contrast}
            empty = [a for a in (one, other) if not len(of_arm[a])]
            if empty:
                reason = f"nobody of arm {' and '.join(empty)} is observed"
                table.append(ard.row(**cells, reason=reason))
                continue
            counts = [
                [int(own.sum()), int((1 - own).sum())] for own in map(of_arm.get, (one, other))
            ]
            p_value = float(fisher_exact(counts, alternative=entry.alternative)[1])
            both = np.sum(counts, axis=0)
            numbers = {"p_value": p_value, "n": int(both.sum()), "events": int(both[0])}
            table.append(ard.row(**cells, **numbers))
    return table
