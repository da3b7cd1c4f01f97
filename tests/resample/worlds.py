"""The simulated trial of the oracle as a world that further trials are drawn from."""

from functools import cache

import numpy as np

from tests.analyses.oracle import PLAN, data, entry
from tests.changes import replace
from trialrr.analyses.resampling import simulation
from trialrr.analyses.resampling.entries import Simulation

MAIN = entry(missing="pattern_mixture", weights="response", variance="stacked")
ENTRY = Simulation(
    "simulation",
    "post_hoc",
    ("severity",),
    kind="simulation",
    of="main",
    trials=200,
    scenarios={"null": 0.0, "effect": 0.5},
)
WHOLE = replace(PLAN, analyses=(MAIN, ENTRY))
ARMS = [a.id for a in PLAN.arms]


@cache
def people():
    """The analysis data sorted by arm, as the world has them."""
    arm = data().people["arm"].map(ARMS.index).to_numpy()
    return data().take(np.argsort(arm, kind="stable"))


@cache
def world():
    return simulation.world(ENTRY, "severity", WHOLE, data())
