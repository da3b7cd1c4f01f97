"""The statistical analysis plan: a YAML document, checked, then frozen. Nothing else reads YAML.

`document` reads one and cuts slices of it, `checks` and `entry_checks` gather every fault with its
place, `names` has the reserved words, `mentions` the columns that a plan names and `mapping` holds
them against the mapping of the route tidy; `entries` turns a document, or a slice of one, into
dataclasses, `kinds` has those of its analyses.
"""

from pathlib import Path

from trialrr.plan.base import Model, replace, written
from trialrr.plan.checks import SCHEMA, PlanError, Sources, check
from trialrr.plan.document import (
    DESCRIPTIVE,
    digest,
    estimands,
    mentioned,
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
    "SCHEMA",
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
    "mentioned",
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


def load(path: str | Path, sources: Sources, schema: str | Path = SCHEMA) -> Plan:
    """Read, check and parse the plan at `path`. Raises PlanError."""
    document = read(path)
    check(document, sources, schema, files=[path])
    return parse(document)
