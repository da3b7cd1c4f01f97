"""Entries of a plan's `analyses` as frozen dataclasses, one a kind."""

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Definition:
    """A responder drops by at least `threshold`, a share of baseline, or by `drop`, in points."""

    threshold: Decimal | None = None
    drop: Decimal | None = None


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
