"""A small trial with everything that a kind may ask for, and an entry of every kind: for trials in
which a variance, or an event, is not there."""

from decimal import Decimal

import numpy as np
import pandas as pd

from tests.changes import replace
from tests.typed import typed
from trialrr.analyses.economics.entries import Economics
from trialrr.analyses.missing.entries import (
    Balance,
    Delta,
    InformativeOdds,
    MultipleImputation,
    ReferenceBased,
    SelectedCovariates,
)
from trialrr.analyses.model.entries import Mmrm, Moderator, Subgroups
from trialrr.analyses.procedure import data
from trialrr.analyses.procedure.data import TrialData
from trialrr.analyses.procedure.entry import Analysis
from trialrr.analyses.resampling.entries import (
    Bootstrap,
    LeaveOneOut,
    Power,
    Rerandomization,
    ResponderCurve,
    Simulation,
    SpecificationCurve,
)
from trialrr.analyses.treatment.entries import Adherence, Compliers, Mediation, PerProtocol
from trialrr.plan import Arm, Covariate, Outcome, Plan, Randomization, Visit
from trialrr.plan import Models as PlanModels

MONTHS = ("3", "6")
ITEMS = 11
COMMON = ("exploratory", ("severity",))
MAIN = Analysis("main", *COMMON, missing="pattern_mixture", weights="response", variance="stacked")
OBSERVED = Analysis("observed", *COMMON)
ENTRIES = {
    "bootstrap": Bootstrap("bootstrap", *COMMON, of="main", replicates=240),
    "multiple_imputation": MultipleImputation(
        "imputed", *COMMON, iterations=3, pilot=5, maximum=10
    ),
    "delta": Delta("delta", *COMMON, of="imputed", active=(0.0, 2.0), control=(0.0,)),
    "informative_odds": InformativeOdds(
        "odds", *COMMON, active=(1.0, 0.5), control=(1.0,), points=("observed",)
    ),
    "reference_based": ReferenceBased(
        "reference", *COMMON, rule="jump_to_reference", imputations=25, burn_in=10, bootstraps=20
    ),
    "rerandomization": Rerandomization("rerandomized", *COMMON, of="observed", draws=50),
    "leave_one_out": LeaveOneOut("without", *COMMON, of="observed", by="site"),
    "responder_curve": ResponderCurve(
        "curve", *COMMON, of="observed", thresholds=(Decimal("0.3"), Decimal("0.5"))
    ),
    "selected_covariates": SelectedCovariates(
        "selected", *COMMON, of="observed", candidates=("noise",), level=0.5
    ),
    "balance": Balance("balance", *COMMON, of="main"),
    "specification_curve": SpecificationCurve(
        "specifications",
        *COMMON,
        populations={"all": {}},
        definitions={"usual": {"outcome": "severity"}},
        missing=("complete_case", "multiple_imputation"),
        covariates={"none": ()},
        estimators=("modified_poisson", "standardized_logistic"),
        draws=50,
    ),
    "power": Power("power", "exploratory", people=50, risks={"a": 0.3, "b": 0.2}, trials=100),
    "simulation": Simulation("simulation", *COMMON, of="main", trials=100, scenarios={"none": 0.0}),
    "mmrm": Mmrm("mixed", *COMMON),
    "subgroups": Subgroups("subgroups", *COMMON, of="observed", moderators=(Moderator("sex"),)),
    "mediation": Mediation(
        "mediation", *COMMON, of="observed", month="6", mediators=("mood",), at="3", replicates=100
    ),
    "adherence": Adherence(
        "adherence", *COMMON, column="sessions", took=">=4", groups=("0-3", "4-8")
    ),
    "compliers": Compliers("compliers", *COMMON, of="observed", column="sessions", took=">=4"),
    "per_protocol": PerProtocol(
        "per_protocol", *COMMON, of="observed", column="sessions", took=">=4", covariates=("noise",)
    ),
    "economics": Economics(
        "economics",
        *COMMON,
        of="main",
        month="6",
        utility="quality",
        currency="dollars",
        unit_costs={"visits_used": 100.0},
        willingness_to_pay=(50000.0,),
        replicates=240,
    ),
}
ENTRIES = {kind: replace(entry, kind=kind) for kind, entry in ENTRIES.items()}
PLAN = Plan(
    seed=5,
    arms=(Arm("a"), Arm("b")),
    reference="b",
    contrasts=(("a", "b"),),
    visits=tuple(Visit(m) for m in MONTHS),
    primary={"outcome": "severity", "month": "3", "analysis": "main"},
    randomization=Randomization(("sex",), (2, 4), "sequence", "person"),
    outcomes=(
        Outcome("severity", baseline="severity", threshold=Decimal("0.30")),
        Outcome("mood", baseline="mood"),
        Outcome("quality", baseline="quality"),
    ),
    covariates=(Covariate("severity"), Covariate("sex", reference="f"), Covariate("noise")),
    models=PlanModels(
        adjusted=("severity",),
        response=("noise",),
        imputation=("severity",),
        multiplicity="holm",
    ),
    analyses=(MAIN, OBSERVED, *ENTRIES.values()),
)


def plan(clusters: dict[str, str] | None = None) -> Plan:
    """The plan; clusters : arm → what its people share, "person" for the others."""
    shared = clusters or {}
    return replace(
        PLAN, arms=tuple(replace(a, clusters=shared.get(a.id, "person")) for a in PLAN.arms)
    )


def trial(own: Plan, shares: dict[tuple[str, str], float] | None = None, n: int = 160) -> TrialData:
    """The trial; shares : (arm, month) → share of responders, 0.35 elsewhere. People of a clustered
    arm share one cluster."""
    rng, shares = np.random.default_rng(4), shares or {}
    arm = np.array(["a", "b"])[np.arange(n) % 2]
    base = rng.integers(40, 100, n)
    clustered = {a.id for a in own.arms if a.clusters != "person"}
    people = pd.DataFrame({
        "participant_id": [f"R{k:03d}" for k in range(n)],
        "data_origin": "SYNTHETIC",
        "analyzed": 1,
        "arm": arm,
        "cluster": np.where(np.isin(arm, sorted(clustered)), np.char.add("C", arm), ""),
        "randomized_on": "2022-01-01",
        "sequence": np.arange(n),
        "severity": base / ITEMS,
        "severity_sum": base,
        "severity_items": ITEMS,
        "mood": rng.integers(5, 20, n),
        "quality": rng.uniform(0.4, 0.9, n).round(3),
        "sex": rng.choice(["f", "m"], n),
        "site": rng.choice(["S", "T"], n),
        "noise": rng.normal(size=n).round(3),
        "sessions": np.where(arm == "a", rng.integers(0, 9, n).astype(str), ""),
        "visits_used": rng.poisson(4, n),
    })  # fmt: skip
    never, blocks = rng.random(n) < 0.15, []
    for month in MONTHS:
        wanted = np.array([shares.get((a, month), 0.35) for a in arm])
        hit = rng.random(n) < wanted
        drop = np.where(hit, rng.uniform(0.35, 0.8, n), rng.uniform(-0.2, 0.25, n))
        follow_up = (base * (1 - drop)).round().astype(int)
        scored = ~never & (rng.random(n) < 0.9)
        own_columns = {
            "completed": scored.astype(int),
            "severity_reduction": (base - follow_up) / ITEMS,
            "severity_responder": hit.astype(int),
            "severity_sum": follow_up,
            "severity_items": ITEMS,
            "severity": follow_up / ITEMS,
            "mood": people["mood"] - rng.integers(0, 5, n),
            "quality": np.clip(people["quality"] + rng.normal(0, 0.1, n), 0, 1).round(3),
        }
        block = pd.DataFrame(
            {"participant_id": people["participant_id"], "month": month} | own_columns
        )
        block.loc[~scored, list(own_columns)[1:]] = np.nan
        blocks.append(block.assign(data_origin="SYNTHETIC"))
    visits = pd.concat(blocks, ignore_index=True).astype(object).fillna("").astype(str)
    return data.arrange(typed(people.astype(str)), typed(visits), own)
