"""The simulated trial of the oracle with mediators and sessions added to it: what they do is known
by construction."""

from functools import cache

import numpy as np
import pandas as pd

from tests.analyses import oracle
from tests.changes import replace
from trialrr.analyses.procedure.data import TrialData
from trialrr.analyses.treatment.entries import Mediation
from trialrr.plan import Covariate, Outcome, Plan, Visit

MEDIATORS = ("pcs", "self_efficacy", "support")
EARLY = (Visit("3"),)
ENTRY = Mediation(
    "mediation",
    "exploratory",
    ("severity",),
    kind="mediation",
    of="observed",
    month="6",
    mediators=MEDIATORS,
    at="3",
    level=0.10,
    replicates=300,
)


def plan(entry=ENTRY, **of) -> Plan:
    """The oracle's plan with the mediators and an entry of observed outcomes."""
    observed = oracle.entry(id="observed", **of)
    return replace(
        oracle.PLAN,
        seed=3,
        analyses=(observed, entry),
        outcomes=(
            *oracle.PLAN.outcomes,
            Outcome("pcs", baseline="pcs", visits=EARLY),
            Outcome("self_efficacy", baseline="self_efficacy", visits=EARLY),
            Outcome("support", visits=EARLY),
        ),
        covariates=(*oracle.PLAN.covariates, Covariate("sessions_completed")),
    )


@cache
def data(seed: int = 5, gaps: bool = True) -> TrialData:
    """`pcs` falls in the active arms and goes with response, `self_efficacy` a little, `support`
    not at all and has no baseline; some people miss a mediator, some a covariate."""
    trial, rng = oracle.data(), np.random.default_rng(seed)
    people, n = trial.people.copy(), len(trial.people)
    active = (people["arm"] != "UC").to_numpy()
    responder = trial.responder["severity"]
    base = rng.integers(0, 25, (n, 2))
    hit = np.nan_to_num(responder[:, 1])
    change = {
        "pcs": -1.5 * active - 2.5 * hit - 0.3 * (base[:, 0] - 12) + rng.normal(0, 4, n),
        "self_efficacy": 0.4 * active + 1.0 * hit - 0.3 * (base[:, 1] - 12) + rng.normal(0, 4, n),
        "support": rng.normal(12, 4, n),
    }
    for values in change.values():
        values[rng.random(n) < 0.1] = np.nan
    people["pcs"], people["self_efficacy"] = base.T
    sessions = rng.binomial(8, 0.75, n)
    people["sessions_completed"] = np.where(active, sessions, np.nan)
    if gaps:
        people.loc[rng.random(n) < 0.03, "education"] = None
        people.loc[rng.random(n) < 0.02, "severity_0"] = np.nan
    shaped = {m: values.round(1)[:, None] for m, values in change.items()}
    return replace(trial, people=pd.DataFrame(people), change=shaped)
