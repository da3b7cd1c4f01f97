"""The statistical analysis plan: a YAML document, checked, then frozen. Nothing else reads YAML.

The models are the one home of a key: its type, limits, default and meaning. `base` has what they
are built of, `data`, `sections` and `kinds` have them, `plan` makes one object of them.

`document` reads YAML and cuts slices of a plan; `structure` says in words what pydantic refuses and
`checks` what contradicts, with `rules` that several kinds share; `names` has the reserved words,
`mentions` the columns that a plan names and `mapping` holds them against the mapping of the route
tidy. `reference` writes the schema and config/README.md of the models.
"""

from pathlib import Path

from trialrr.plan.base import Model, replace, written
from trialrr.plan.checks import check
from trialrr.plan.data import Sources
from trialrr.plan.document import (
    DESCRIPTIVE,
    PlanError,
    digest,
    estimands,
    part,
    quick,
    read,
    read_all,
    reduced,
    tree,
)
from trialrr.plan.kinds import (
    KINDS,
    Adherence,
    Analysis,
    Balance,
    Bootstrap,
    Compliers,
    Definition,
    Delta,
    Economics,
    Entry,
    InformativeOdds,
    LeaveOneOut,
    Mediation,
    Mmrm,
    Moderator,
    MultipleImputation,
    OutcomeDefinition,
    PerProtocol,
    Population,
    Power,
    ReferenceBased,
    Rerandomization,
    ResponderCurve,
    SelectedCovariates,
    Simulation,
    SpecificationCurve,
    Subgroups,
)
from trialrr.plan.mentions import mentions
from trialrr.plan.plan import Plan, parse, plan_model
from trialrr.plan.sections import (
    Arm,
    BaselineLine,
    Covariate,
    Deviation,
    Estimand,
    IntercurrentEvent,
    Models,
    Outcome,
    Primary,
    Randomization,
    Visit,
)

__all__ = [
    "DESCRIPTIVE",
    "KINDS",
    "Adherence",
    "Analysis",
    "Arm",
    "Balance",
    "BaselineLine",
    "Bootstrap",
    "Compliers",
    "Covariate",
    "Definition",
    "Delta",
    "Deviation",
    "Economics",
    "Entry",
    "Estimand",
    "InformativeOdds",
    "IntercurrentEvent",
    "LeaveOneOut",
    "Mediation",
    "Mmrm",
    "Model",
    "Models",
    "Moderator",
    "MultipleImputation",
    "Outcome",
    "OutcomeDefinition",
    "PerProtocol",
    "Plan",
    "PlanError",
    "Population",
    "Power",
    "Primary",
    "Randomization",
    "ReferenceBased",
    "Rerandomization",
    "ResponderCurve",
    "SelectedCovariates",
    "Simulation",
    "Sources",
    "SpecificationCurve",
    "Subgroups",
    "Visit",
    "check",
    "digest",
    "estimands",
    "load",
    "mentions",
    "parse",
    "part",
    "plan_model",
    "quick",
    "read",
    "read_all",
    "reduced",
    "replace",
    "tree",
    "written",
]


def load(path: str | Path, sources: Sources) -> Plan:
    """Read and check the plan at `path`. Raises PlanError."""
    return check(read(path), sources, files=[path])
