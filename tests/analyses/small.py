"""Trials of a few people, made from counts, for what happens at the edge."""

import numpy as np
import pandas as pd

from tests.changes import replace
from tests.typed import typed
from trialrr import ard
from trialrr.analyses import stages
from trialrr.analyses.procedure.data import TrialData
from trialrr.analyses.procedure.entry import Analysis
from trialrr.plan import Arm, Covariate, Models, Outcome, Plan, Visit


def plan(arms, months=("3",), covariates=(), clusters="person", **models) -> Plan:
    """A plan of `arms`, the last one the reference. clusters : of every arm, or arm → its own."""
    of = clusters if isinstance(clusters, dict) else dict.fromkeys(arms, clusters)
    reference, ids = arms[-1], tuple(c.id for c in covariates)
    pairs = [(a, b) for i, a in enumerate(arms) for b in arms[i + 1 :]]
    return Plan(
        arms=tuple(Arm(arm, clusters=of[arm]) for arm in arms),
        reference=reference,
        contrasts=tuple(pairs),
        visits=tuple(Visit(m) for m in months),
        primary={"outcome": "resp", "month": months[0], "analysis": "main"},
        outcomes=(Outcome("resp"),),
        covariates=tuple(covariates),
        models=replace(Models(), adjusted=ids, **models),
    )


def trial(counts, months=("3",), columns=None, cluster=None) -> TrialData:
    """counts : arm → (events at each month, people); the first people of an arm have the event.
    columns : covariate → values (n,), people by arm in order; cluster : (n,) labels."""
    arm = np.concatenate([[a] * n for a, (_, n) in counts.items()])
    y = np.vstack([
        np.column_stack([np.arange(n) < k for k in np.atleast_1d(events)]).astype(float)
        for events, n in counts.values()
    ])  # fmt: skip
    n = len(arm)
    people = pd.DataFrame({
        "participant_id": [f"P{k:03d}" for k in range(n)],
        "arm": arm,
        "cluster": np.full(n, "") if cluster is None else np.asarray(cluster).astype(str),
    })  # fmt: skip
    for name, values in (columns or {}).items():
        people[name] = np.asarray(values).astype(str)
    return TrialData(
        people=typed(people),
        months=tuple(months),
        seen=np.ones(n, bool),
        visits_completed=np.full(n, len(months)),
        responder={"resp": y},
        reduction={"resp": np.full_like(y, np.nan)},
        origin="SYNTHETIC",
        change={"resp": y},
    )


def rows(plan: Plan, trial: TrialData, **entry) -> dict[tuple, dict]:
    """ARD rows of one fitted entry by (month, quantity, level), checked."""
    entry = Analysis("main", "prespecified", ("resp",), **entry)
    table = ard.check(ard.frame(stages.rows(entry, plan, trial)))
    return {(r["month"], r["quantity"], r["level"]): r for r in table.to_dict("records")}


def covariate(id: str, reference: str | None = None) -> Covariate:
    return replace(Covariate("any", reference=reference), id=id)
