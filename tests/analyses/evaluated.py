"""The simulated trial with use of care, utilities and deaths, for analyses of costs."""

from functools import cache

import numpy as np
import pandas as pd

from tests.analyses import simulated
from tests.changes import replace
from tests.typed import typed
from trialrr.analyses.economics.entries import Economics
from trialrr.analyses.procedure import data
from trialrr.plan import Outcome, Plan

COLUMNS = ("n_outpatient", "n_inpatient")
PRICES = {"n_outpatient": 150.0, "n_inpatient": 9000.0, "coach_minutes": 1.5}
ENTRY = Economics(
    *("economics", "exploratory", ("severity",)),
    kind="economics",
    of="main",
    month="6",
    utility="eq5d_index",
    currency="2022 US dollars",
    unit_costs=PRICES,
    willingness_to_pay=(30000.0, 65000.0, 100000.0),
    winsorize=0.99,
    replicates=480,
)
PLAN: Plan = replace(
    simulated.PLAN,
    outcomes=(*simulated.PLAN.outcomes, Outcome("eq5d_index", baseline="eq5d_index")),
    analyses=(*simulated.PLAN.analyses, ENTRY),
)


@cache
def tables(n: int = 900, seed: int = 1, gaps: bool = True) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables of `simulated` with what `ENTRY` needs. Active arms gain utility, HC costs more.

    gaps : some baseline utilities and some follow-up visits to doctors are missing, some people who
    are seen leave out the utility, some die.
    """
    people, visits = (table.copy() for table in simulated.tables(n, seed))
    rng = np.random.default_rng([seed, 17])
    arm = people["arm"].to_numpy()
    burden = people["burden"].map({"low": 0, "mid": 1, "high": 2}).to_numpy()
    for name, rate in zip(COLUMNS, (6 + 2 * burden, 0.08 + 0.05 * burden), strict=True):
        lasting = rng.gamma(2, 0.5, n)
        for suffix in ("_before", ""):
            people[name + suffix] = rng.poisson(rate * lasting).astype(str)
    people["coach_minutes"] = np.where(arm == "HC", rng.integers(0, 320, n), 0).astype(str)
    base = np.clip(0.75 - 0.08 * burden + rng.normal(0, 0.15, n), -0.57, 1).round(3)
    people["eq5d_index"] = base.astype(str)
    people["died"] = "0"
    who = people.set_index("participant_id").index.get_indexer(visits["participant_id"])
    later = base + 0.03 * (arm != "UC") + rng.normal(0, 0.05, n)
    drawn = np.clip(later[who] + rng.normal(0, 0.08, len(visits)), -0.57, 1).round(3)
    seen = visits["completed"].to_numpy() == "1"
    if gaps:
        people.loc[rng.random(n) < 0.03, "eq5d_index"] = ""
        people.loc[rng.random(n) < 0.05, "n_outpatient"] = ""
        people.loc[rng.random(n) < 0.02, "n_inpatient_before"] = ""
        seen &= rng.random(len(visits)) < 0.95
        last = ~np.isin(np.arange(n), who[(visits["month"] == "6") & (visits["completed"] == "1")])
        people.loc[last & (rng.random(n) < 0.2), "died"] = "1"
    visits["eq5d_index"] = np.where(seen, drawn.astype(str), "")
    return people, visits


def trial(n: int = 900, seed: int = 1, gaps: bool = True) -> data.TrialData:
    return data.arrange(*map(typed, tables(n, seed, gaps)), PLAN)
