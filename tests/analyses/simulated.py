"""A small simulated trial with item sums, for analyses that decide responders anew: 3 arms, coaches
in HC, sites, and what makes people respond and be missed known by construction."""

from decimal import Decimal
from functools import cache

import numpy as np
import pandas as pd

from tests.typed import typed
from trialrr.analyses.procedure import data
from trialrr.analyses.procedure.entry import Analysis
from trialrr.plan import Arm, Covariate, Models, Outcome, Plan, Visit
from trialrr.responder import Score, responder

MONTHS = ("3", "6")
ITEMS = 11
PLAN = Plan(
    seed=7,
    arms=(Arm("PT"), Arm("HC", clusters="coach"), Arm("UC")),
    reference="UC",
    contrasts=(("PT", "UC"), ("HC", "UC"), ("HC", "PT")),
    visits=tuple(Visit(m) for m in MONTHS),
    primary={"outcome": "severity", "month": "3", "analysis": "main"},
    outcomes=(Outcome("severity", baseline="severity", threshold=Decimal("0.30")),),
    covariates=(
        Covariate("severity"),
        Covariate("urban"),
        Covariate("site", reference="A"),
        Covariate("burden", reference="low"),
        Covariate("distance"),
        Covariate("noise"),
    ),
    models=Models(
        adjusted=("severity", "urban", "site"),
        response=("severity", "urban", "site"),
        imputation=("severity", "urban", "site"),
        response_references={"site": "C"},
        multiplicity="protected_lsd",
    ),
    analyses=(
        Analysis("main", "prespecified", ("severity",), missing="pattern_mixture",
                 weights="response", variance="stacked"),
        Analysis("observed", "prespecified", ("severity",)),
    ),
)  # fmt: skip


@cache
def tables(n: int = 900, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Participants and visits as text. `burden` lowers response and makes people be missed,
    `distance` does the latter only, `noise` nothing."""
    rng = np.random.default_rng(seed)
    arm = np.array(["PT", "HC", "UC"])[np.arange(n) % 3]
    burden, distance = rng.integers(0, 3, n), rng.normal(size=n).round(3)
    base = rng.integers(30, 100, n)
    base[:2] = 0
    gone = -2.2 + 0.9 * burden + 0.9 * distance
    never = rng.random(n) < 1 / (1 + np.exp(-gone))
    coach = np.where(arm == "HC", [f"C{k}" for k in rng.integers(1, 6, n)], "")
    people = pd.DataFrame({
        "participant_id": [f"R{k:04d}" for k in range(n)],
        "data_origin": "SYNTHETIC",
        "analyzed": 1,
        "arm": arm,
        "cluster": coach,
        "randomized_on": "2022-01-01",
        "severity": base / ITEMS,
        "severity_sum": base,
        "severity_items": ITEMS,
        "urban": rng.integers(0, 2, n),
        "site": rng.choice(list("ABCD"), n),
        "burden": np.array(["low", "mid", "high"])[burden],
        "distance": distance,
        "noise": rng.normal(size=n).round(3),
    })  # fmt: skip
    blocks = []
    for month in MONTHS:
        kept = 1 - rng.beta(2, 5, n) - 0.10 * (arm != "UC") + 0.08 * burden
        follow_up = np.clip((base * kept).round(), 0, 110).astype(int)
        scored = ~never & (rng.random(n) < 0.9)
        sums = (np.full(n, ITEMS), np.ones(n, bool))
        hit = responder(Score(base, *sums), Score(follow_up, sums[0], scored), "0.30")
        own = {
            "completed": scored.astype(int),
            "severity_reduction": (base - follow_up) / ITEMS,
            "severity_responder": hit,
            "severity_sum": follow_up,
            "severity_items": ITEMS,
        }
        block = pd.DataFrame({"participant_id": people["participant_id"], "month": month} | own)
        block.loc[~scored, list(own)[1:]] = np.nan
        blocks.append(block.assign(data_origin="SYNTHETIC"))
    return people.astype(str), pd.concat(blocks, ignore_index=True).astype(object).fillna(
        ""
    ).astype(str)


def trial(n: int = 900, seed: int = 1) -> data.TrialData:
    return data.arrange(*map(typed, tables(n, seed)), PLAN)


def done(module, entry, plan: Plan, trial: data.TrialData) -> list[dict]:
    """Rows of an entry, every job or task in turn."""
    if not hasattr(module, "tasks"):
        return [row for job in module.jobs(entry, plan, trial) for row in job()]
    tasks = {task: module.run(task, entry, plan, trial) for task in module.tasks(entry, plan)}
    return module.rows(entry, plan, trial, tasks)
