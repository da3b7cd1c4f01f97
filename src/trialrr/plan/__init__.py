"""The statistical analysis plan: a YAML document, checked, then frozen. Nothing else reads YAML.

`document` reads one and cuts slices of it, `checks` and `entry_checks` gather every fault with its
place, `names` has the reserved words, `mentions` the columns that a plan names and `mapping` holds
them against the mapping of the route tidy; `entries` turns a document, or a slice of one, into
dataclasses, `kinds` has those of its analyses.
"""

from pathlib import Path

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
from trialrr.plan.entries import (
    Arm,
    Covariate,
    Estimand,
    IntercurrentEvent,
    Models,
    Outcome,
    Plan,
    Randomization,
    Visit,
    parse,
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
    PerProtocol,
    Power,
    ReferenceBased,
    Rerandomization,
    ResponderCurve,
    SelectedCovariates,
    Simulation,
    SpecificationCurve,
    Subgroups,
)

__all__ = [
    "DESCRIPTIVE",
    "KINDS",
    "SCHEMA",
    "Adherence",
    "Analysis",
    "Arm",
    "Balance",
    "Bootstrap",
    "Compliers",
    "Covariate",
    "Definition",
    "Delta",
    "Economics",
    "Entry",
    "Estimand",
    "InformativeOdds",
    "IntercurrentEvent",
    "LeaveOneOut",
    "Mediation",
    "Mmrm",
    "Models",
    "Moderator",
    "MultipleImputation",
    "Outcome",
    "PerProtocol",
    "Plan",
    "PlanError",
    "Power",
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
    "quick",
    "read",
    "read_all",
    "reduced",
    "tree",
]


def load(path: str | Path, sources: Sources, schema: str | Path = SCHEMA) -> Plan:
    """Read, check and parse the plan at `path`. Raises PlanError."""
    document = read(path)
    check(document, sources, schema, files=[path])
    return parse(document)
