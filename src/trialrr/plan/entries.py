"""A checked plan, or a slice of one, as frozen dataclasses."""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import UnionType
from typing import get_args, get_origin, get_type_hints

from trialrr.plan.kinds import KINDS, Entry
from trialrr.plan.mentions import MEAN, Mention


@dataclass(frozen=True, slots=True)
class Arm:
    id: str
    label: str = ""
    clusters: str = "person"  # person, or the name of what people of this arm share


@dataclass(frozen=True, slots=True)
class Visit:
    month: str
    label: str = ""
    window: tuple[int, int] | None = None  # days after randomization, both ends inside


@dataclass(frozen=True, slots=True)
class Outcome:
    """A score, a binary outcome, or both forms of one: `threshold` makes a responder of a score and
    its baseline, `event` (as in `levels`) says which values of the score count."""

    id: str
    label: str = ""  # of the binary form, if there is one
    score_label: str = ""  # of the score, if both forms are there
    role: str = ""
    better: str = ""  # which scores are better: higher or lower
    source: str = ""
    baseline: str = ""  # numeric column of participants
    threshold: Decimal | None = None
    event: str = ""
    visits: tuple[Visit, ...] = ()  # (): those of the plan


@dataclass(frozen=True, slots=True)
class IntercurrentEvent:
    """strategy : of ICH E9(R1); how : what that means here."""

    event: str
    strategy: str
    how: str


@dataclass(frozen=True, slots=True)
class Estimand:
    """The five attributes of ICH E9(R1): population, treatment, variable, intercurrent events,
    summary."""

    id: str
    label: str
    population: str
    treatment: str
    variable: str
    summary: str
    intercurrent: tuple[IntercurrentEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Covariate:
    id: str
    label: str = ""
    reference: str | None = None  # level of reference; None for a numeric column


@dataclass(frozen=True, slots=True)
class Models:
    adjusted: tuple[str, ...] = ()
    response: tuple[str, ...] = ()
    imputation: tuple[str, ...] = ()
    response_references: dict[str, str] = field(default_factory=dict)
    own_baseline: bool = False
    missing_covariates: str = MEAN
    alpha: float = 0.05
    multiplicity: str = "none"


@dataclass(frozen=True, slots=True)
class Randomization:
    """How the trial randomized: strata are columns of participants, `order` the column that gives
    the sequence, blocks are permuted and of a size drawn from `block_sizes`. unit : what was
    randomized, `person` or `cluster` (a whole one of the column `cluster`); "" is a person."""

    strata: tuple[str, ...]
    block_sizes: tuple[int, ...]
    order: str
    unit: str = ""


# ------------------------------------------------------------------------------------ the whole


@dataclass(frozen=True, slots=True)
class Plan:
    """A parsed plan, or a slice of one: sections that the slice leaves out are empty."""

    trial: str = ""
    version: str = ""
    title: str = ""
    source: str = ""
    seed: int = 0
    effort: str = "full"
    data: dict = field(default_factory=dict)
    arms: tuple[Arm, ...] = ()
    reference: str = ""
    contrasts: tuple[tuple[str, str], ...] = ()
    randomization: Randomization | None = None
    visits: tuple[Visit, ...] = ()
    windows: dict[str, dict[str, tuple[int, int]]] = field(default_factory=dict)
    primary: dict[str, str] = field(default_factory=dict)
    outcomes: tuple[Outcome, ...] = ()
    covariates: tuple[Covariate, ...] = ()
    estimands: tuple[Estimand, ...] = ()
    models: Models = Models()
    analyses: tuple[Entry, ...] = ()
    baseline_table: tuple[dict, ...] = ()
    deviations: tuple[dict, ...] = ()
    published: str = ""
    mentions: tuple[Mention, ...] = ()  # of a slice that asks for them

    def outcome(self, id: str) -> Outcome:
        return next(o for o in self.outcomes if o.id == id)

    def covariate(self, id: str) -> Covariate:
        return next(c for c in self.covariates if c.id == id)

    def analysis(self, id: str) -> Entry:
        return next(a for a in self.analyses if a.id == id)

    @property
    def months(self) -> tuple[str, ...]:
        return tuple(v.month for v in self.visits)

    def at_times_of(self, outcome: str) -> "Plan":
        """The plan with the visits at which the outcome is measured, if it has its own."""
        own = self.outcome(outcome).visits
        return replace(self, visits=own) if own else self


def parse(document: dict) -> Plan:
    """Dataclasses from a checked document, or from a slice of one (see `part`)."""
    return _typed(Plan, document | {"analyses": list(map(_entry, document.get("analyses", ())))})


def _entry(entry: dict) -> Entry:
    return _typed(KINDS[entry.get("kind", "model")], entry)


def _typed(kind, value):
    """`value`, plain data, as the type `kind`: dataclasses, tuples, exact or binary numbers."""
    if isinstance(value, Entry) or value is None:
        return value
    if isinstance(kind, UnionType):
        return _typed(get_args(kind)[0], value)
    inner = get_args(kind)
    if get_origin(kind) is tuple:
        return tuple(_typed(inner[0], v) for v in value)
    if get_origin(kind) is dict:
        return {k: _typed(inner[1], v) for k, v in value.items()}
    if kind in (float, Decimal):
        return kind(value)
    if hasattr(kind, "__dataclass_fields__"):
        hints = get_type_hints(kind)
        return kind(**{k: _typed(hints[k], v) for k, v in value.items()})
    return value
