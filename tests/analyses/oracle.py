"""The simulated trial of tests/goldens/sap_oracle as analysis data, with the plan it was analyzed
by in R."""

import json
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from tests.typed import typed
from trialrr.analyses.procedure.data import TrialData
from trialrr.analyses.procedure.entry import Analysis
from trialrr.plan import Arm, Covariate, Models, Outcome, Plan, Visit

FOLDER = Path(__file__).parents[1] / "goldens" / "sap_oracle"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
MONTHS = ("3", "6", "12")
Z = (
    "severity_0",
    "male",
    "age65",
    "site",
    "urban",
    "multisite",
    "mh_dx",
    "education",
    "not_employed",
)
EXTRA = ("sdoh", "peg", "phq8", "gad7")
REFERENCES = {"site": "A", "education": "hs"}

PLAN = Plan(
    arms=(Arm("PT"), Arm("HC", clusters="coach"), Arm("UC")),
    reference="UC",
    contrasts=(("PT", "UC"), ("HC", "UC"), ("HC", "PT")),
    visits=tuple(Visit(m) for m in MONTHS),
    primary={"outcome": "severity", "month": "3", "analysis": "main"},
    outcomes=(Outcome("severity", baseline="severity_0", threshold=Decimal("0.30")),),
    covariates=tuple(Covariate(c, reference=REFERENCES.get(c)) for c in (*Z, *EXTRA)),
    models=Models(
        adjusted=Z,
        imputation=Z,
        multiplicity="protected_lsd",
        response=(*(c for c in Z if c != "education"), *EXTRA),
    ),
)


def entry(**keys) -> Analysis:
    return Analysis(**({"id": "main", "outcomes": ("severity",), "status": "prespecified"} | keys))


@cache
def data() -> TrialData:
    people = pd.read_csv(FOLDER / "participants.csv", dtype=str, keep_default_na=False)
    people = people.rename(columns={"coach": "cluster"})
    visits = pd.read_csv(FOLDER / "followup.csv")
    i = visits["participant_id"].map({p: k for k, p in enumerate(people["participant_id"])})
    j = visits["month"].map({int(m): k for k, m in enumerate(MONTHS)})
    baseline = people["severity_0"].astype(float).to_numpy()
    reduction = np.full((len(people), 3), np.nan)
    reduction[i, j] = baseline[i] - visits["severity"].to_numpy()
    responder = np.where(np.isnan(reduction), np.nan, reduction / baseline[:, None] >= 0.30)
    observed = ~np.isnan(reduction)
    return TrialData(
        typed(people),
        MONTHS,
        observed.any(axis=1),
        observed.sum(axis=1),
        {"severity": responder},
        {"severity": reduction},
        "SYNTHETIC",
    )
