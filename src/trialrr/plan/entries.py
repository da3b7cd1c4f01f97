"""A checked plan, or a slice of one, as frozen dataclasses."""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import UnionType
from typing import get_args, get_origin, get_type_hints


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
class Definition:
    """A responder drops by at least `threshold`, a share of baseline, or by `drop`, in points."""

    threshold: Decimal | None = None
    drop: Decimal | None = None


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
    alpha: float = 0.05
    multiplicity: str = "none"


@dataclass(frozen=True, slots=True)
class Randomization:
    """How the trial randomized: strata are columns of participants, `order` the column that gives
    the sequence, blocks are permuted and of a size drawn from `block_sizes`."""

    strata: tuple[str, ...]
    block_sizes: tuple[int, ...]
    order: str


# ------------------------------------------------------------------------------ kinds of analyses


@dataclass(frozen=True, slots=True)
class Entry:
    """What every kind of analysis has. group : heading that it stands under in the forest plot."""

    id: str
    status: str
    outcomes: tuple[str, ...] = ()
    label: str = ""
    group: str = ""
    kind: str = "model"
    estimand: str = ""


@dataclass(frozen=True, slots=True)
class Analysis(Entry):
    """kind model: one fit of the outcome model."""

    missing: str = "complete_case"
    weights: str | None = None
    truncation: float | None = None  # weights above this quantile are set to it
    variance: str = "robust"
    covariance: str = "cr0"
    degrees_of_freedom: str = "z"
    model: str = "modified_poisson"
    working: str = "independence"
    risks: str = "at_means"
    interval: str = "log"
    inference: str = "wald"
    clusters: str = "plan"
    covariates: tuple[str, ...] | None = None  # None: those of models.adjusted
    population: dict[str, str] = field(default_factory=dict)
    definition: Definition | None = None  # None: the outcome's own threshold
    windows: str = ""  # id of a set of visit windows; "": those of the visits
    companions: str = ""  # column of participants that the plain companions are stratified by
    bandwidth_factor: float = 1.0
    separation: str = "stop"


@dataclass(frozen=True, slots=True)
class Bootstrap(Entry):
    """The entry `of` done again on resampled people."""

    of: str = ""
    replicates: int = 0
    clusters: str = "plan"  # plan: coaches in HC and people elsewhere; person: people everywhere


@dataclass(frozen=True, slots=True)
class MultipleImputation(Entry):
    """Scores imputed by chained equations, arm by arm, then dichotomized; pooled by Rubin's rules.
    The number of imputations follows from `pilot` ones and `cv`, at most `maximum`."""

    imputer: str = "normal"  # normal, or predictive_mean
    auxiliary: tuple[str, ...] = ()
    iterations: int = 0
    pilot: int = 0
    cv: float = 0.05
    maximum: int = 0


@dataclass(frozen=True, slots=True)
class Delta(Entry):
    """Scores imputed as in the entry `of`, then shifted, points: active arms by each of `active`,
    the reference arm by each of `control` (positive: worse). points : analyses whose risks are
    looked up on the map."""

    of: str = ""
    active: tuple[float, ...] = ()
    control: tuple[float, ...] = ()
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InformativeOdds(Entry):
    """Odds of response among the missing are `active` (`control`) times those among the observed
    with the same covariates. points : analyses whose risks are looked up on the map."""

    active: tuple[float, ...] = ()
    control: tuple[float, ...] = ()
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReferenceBased(Entry):
    """rule : jump_to_reference, copy_reference or copy_increments; `bootstraps` samples of
    `per_bootstrap` imputations give the second variance."""

    rule: str = ""
    imputations: int = 0
    burn_in: int = 0
    bootstraps: int = 0
    per_bootstrap: int = 2


@dataclass(frozen=True, slots=True)
class Rerandomization(Entry):
    """The entry `of` tested against `draws` repetitions of the trial's randomization."""

    of: str = ""
    draws: int = 0


@dataclass(frozen=True, slots=True)
class LeaveOneOut(Entry):
    """The entry `of` without each level of the column `by` of participants."""

    of: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class ResponderCurve(Entry):
    """Risks and contrasts at each of the thresholds, as in the entry `of`."""

    of: str = ""
    thresholds: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True)
class SelectedCovariates(Entry):
    """The entry `of` with those of `candidates` whose p is below `level` in both the missingness
    model and the primary month's outcome model."""

    of: str = ""
    candidates: tuple[str, ...] = ()
    level: float = 0.10


@dataclass(frozen=True, slots=True)
class Balance(Entry):
    """Standardized differences between people seen and everybody, before and after the weights of
    the entry `of`."""

    of: str = ""


@dataclass(frozen=True, slots=True)
class SpecificationCurve(Entry):
    """The full cross of the five lists, at the primary month, with a joint test by `draws`
    re-randomizations. definitions : id → outcome and definition."""

    populations: dict[str, dict] = field(default_factory=dict)
    definitions: dict[str, dict] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    covariates: dict[str, tuple[str, ...]] = field(default_factory=dict)
    estimators: tuple[str, ...] = ()
    draws: int = 0


@dataclass(frozen=True, slots=True)
class Power(Entry):
    """`trials` simulated trials with `people` an arm, `risks` by arm, a share `loss` not seen."""

    people: int = 0
    risks: dict[str, float] = field(default_factory=dict)
    loss: float = 0.0
    trials: int = 0


@dataclass(frozen=True, slots=True)
class Simulation(Entry):
    """The entry `of` on `trials` simulated trials for each scenario: id → points by which the
    active arms' scores at follow-up lie below the reference arm's."""

    of: str = ""
    trials: int = 0
    scenarios: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mmrm(Entry):
    """Mixed model for repeated measures of the change in score, unstructured covariance, REML."""

    covariates: tuple[str, ...] | None = None  # None: those of models.adjusted
    degrees_of_freedom: str = "satterthwaite"


@dataclass(frozen=True, slots=True)
class Moderator:
    """id : a column of participants that holds levels; instead_of : covariate that says the same
    and leaves the outcome model."""

    id: str
    label: str = ""
    instead_of: str = ""


@dataclass(frozen=True, slots=True)
class Subgroups(Entry):
    """The entry `of` with moderator × arm × month, one moderator at a time."""

    of: str = ""
    moderators: tuple[Moderator, ...] = ()


@dataclass(frozen=True, slots=True)
class Mediation(Entry):
    """How much of the effect at `month` goes through the change of the `mediators` from baseline to
    the visit `at`: those whose arm effect has p below `level` are kept, people weighted by the
    inverse probability of their arm given the kept ones. People, covariates and missing outcomes
    as in the entry `of`."""

    of: str = ""
    month: str = ""
    mediators: tuple[str, ...] = ()
    at: str = ""
    level: float = 0.10
    replicates: int = 0


@dataclass(frozen=True, slots=True)
class Adherence(Entry):
    """What people took of their treatment, by `column` of participants, described: everybody, those
    who `took` it, and the observed outcome by `groups` of the column (levels as in `levels`)."""

    column: str = ""
    took: str = ""
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compliers(Entry):
    """Effect among those who take the treatment if offered, people, outcome and weights as in the
    entry `of`."""

    of: str = ""
    column: str = ""
    took: str = ""


@dataclass(frozen=True, slots=True)
class PerProtocol(Entry):
    """The entry `of` with those people of the active arms who `took` the treatment, weighted by the
    inverse probability of it given `covariates`."""

    of: str = ""
    column: str = ""
    took: str = ""
    covariates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Economics(Entry):
    """Costs against effects over the time up to `month`: people, weights and responders as in the
    entry `of`; quality-adjusted life-years by the scores of the outcome `utility`.

    unit_costs : column of participants → cost of one, in `currency`; a column named with `_before`
    added is the same before the trial. willingness_to_pay : per responder and per
    quality-adjusted life-year. winsorize : quantile that costs are cut at, as a sensitivity.
    """

    of: str = ""
    month: str = ""
    utility: str = ""
    currency: str = ""
    unit_costs: dict[str, float] = field(default_factory=dict)
    covariates: tuple[str, ...] | None = None  # None: those of models.adjusted
    willingness_to_pay: tuple[float, ...] = ()
    winsorize: float = 0.99
    replicates: int = 0


KINDS: dict[str, type[Entry]] = {
    "model": Analysis,
    "bootstrap": Bootstrap,
    "multiple_imputation": MultipleImputation,
    "delta": Delta,
    "informative_odds": InformativeOdds,
    "reference_based": ReferenceBased,
    "rerandomization": Rerandomization,
    "leave_one_out": LeaveOneOut,
    "responder_curve": ResponderCurve,
    "selected_covariates": SelectedCovariates,
    "balance": Balance,
    "specification_curve": SpecificationCurve,
    "power": Power,
    "simulation": Simulation,
    "mmrm": Mmrm,
    "subgroups": Subgroups,
    "mediation": Mediation,
    "adherence": Adherence,
    "compliers": Compliers,
    "per_protocol": PerProtocol,
    "economics": Economics,
}


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
    published: str = ""

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
