"""The statistical analysis plan: a YAML document, checked, then frozen. Nothing else reads YAML.

The models are the one home of a key: its type, limits, default and meaning. `base` has what they
are built of, `data`, `sections` and `entry` have them, `plan` makes one object of them. The kinds
of analyses are not known here: each declares its entry, and what it `needs`, in its own folder.

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
from trialrr.plan.entry import Definition, Entry, Population
from trialrr.plan.mentions import mentions
from trialrr.plan.plan import Plan, offered, parse, plan_model
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
    "Arm",
    "BaselineLine",
    "Covariate",
    "Definition",
    "Deviation",
    "Entry",
    "Estimand",
    "IntercurrentEvent",
    "Model",
    "Models",
    "Outcome",
    "Plan",
    "PlanError",
    "Population",
    "Primary",
    "Randomization",
    "Sources",
    "Visit",
    "check",
    "digest",
    "estimands",
    "offered",
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
