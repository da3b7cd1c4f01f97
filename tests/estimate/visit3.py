"""Three-month complete cases of the simulated trial, one row a person: responder ~ arm + Z."""

from functools import cache

import numpy as np

from tests.analyses.oracle import PLAN, Z, data
from trialrr.design.matrix import beside, covariate_columns, indicators, intercept

ARMS = ("UC", "PT", "HC")


@cache
def visit3():
    """Response (n,), design (n, p) with columns intercept, PT, HC, Z…, and profiles (3, n, p) of
    everybody in ARMS."""
    trial = data()
    rows = np.flatnonzero(~np.isnan(trial.responder["severity"][:, 0]))
    arm = trial.people["arm"].to_numpy()[rows]
    covariates = covariate_columns(trial.people.iloc[rows], [PLAN.covariate(c) for c in Z])
    arms = indicators(arm, ARMS[1:], ARMS[1:])
    design = beside(intercept(len(rows)), arms, covariates).values
    profiles = np.repeat(design[None], len(ARMS), axis=0)
    profiles[:, :, 1:3] = np.array([[0, 0], [1, 0], [0, 1]])[:, None, :]
    return trial.responder["severity"][rows, 0], design, profiles
