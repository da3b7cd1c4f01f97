"""Entries of a plan's `analyses`, one model a kind."""

from typing import ClassVar, Literal

from trialrr.plan.base import (
    Count,
    Day,
    Distinct,
    Exact,
    Items,
    Maybe,
    Model,
    Name,
    Number,
    Several,
    Signed,
    Text,
    key,
    must,
    written,
)


class Population(Model):
    """People chosen by the day of their randomization."""

    randomized_before: Day = key("", "a date; that day is left out")
    randomized_from: Day = key("", "a date, that day included")
    randomized_after: Day = key("", "a date; that day is left out")

    @property
    def rules(self) -> dict[str, str]:
        """Rule → day, of the rules that were written, in their order."""
        return written(self)


class Definition(Model):
    """A responder drops by at least `threshold`, a share of baseline, or by `drop`, in points."""

    threshold: Maybe[Exact] = key(None, "a share of baseline")
    drop: Maybe[Exact] = key(None, "points")


class OutcomeDefinition(Definition):
    """An outcome, and a definition of its responder: its own, if there is neither key."""

    outcome: Name = must("", "the outcome")


class Entry(Model):
    """What every kind of analysis has."""

    id: Name = must("", "name in the results")
    status: Literal["prespecified", "post_hoc", "exploratory"] = must(
        "", "whether the analysis was planned before the data were seen"
    )
    outcomes: Items[Name] = must((), "which outcomes it is done for", min_length=1)
    label: Text = must("", "words in tables")
    group: Text = key("", "heading that the analysis stands under in the forest plot")
    kind: str = key("model", "what is done")
    estimand: Name = must(
        "",
        "id of one of the plan's `estimands`, or `descriptive` for an analysis that estimates no "
        "effect",
    )


class Analysis(Entry):
    """One fit of the outcome model."""

    kind: Literal["model"] = key("model", "`model` if absent: one fit, with the keys below")
    missing: Literal["pattern_mixture", "complete_case", "worst_best_case"] = must(
        "complete_case",
        "`pattern_mixture`: predict the change, then dichotomize; `complete_case`; "
        "`worst_best_case`: missing is a failure, in the reference arm a success",
    )
    weights: Maybe[Literal["response", "response_stabilized"]] = key(
        None,
        "`response`: inverse probability of any follow-up; `response_stabilized`: that times the "
        "probability in the arm; absent: none",
    )
    truncation: Maybe[Number] = key(None, "weights above this quantile are set to it")
    variance: Literal["robust", "weights_stacked", "stacked"] = key(
        "robust",
        "`robust`: weights and imputations taken as known; `weights_stacked`; `stacked`: both "
        "models stacked with the outcome's",
    )
    covariance: Literal[
        "hc0", "stata", "hc1", "hc2", "hc3",
        "cr0", "cr1", "cr1s", "cr2", "cr3", "kc", "md", "fg", "mbn",
    ] = key(
        "cr0",
        "robust covariance by name: `hc0`, `stata`, `hc1`, `hc2`, `hc3` by row, where people share "
        "nothing or the entry says `clusters: person`; `cr0`, `cr1`, `cr1s`, `cr2`, `cr3`, `kc`, "
        "`md`, `fg`, `mbn` by cluster ([docs/methods](../docs/methods/robust-variance.md))",
    )  # fmt: skip
    degrees_of_freedom: Literal["z", "satterthwaite", "clusters_minus_parameters"] = key(
        "z",
        "of intervals and tests: `z` (normal), `satterthwaite`, `clusters_minus_parameters`",
    )
    model: Literal["modified_poisson", "log_binomial", "logistic", "linear"] = key(
        "modified_poisson",
        "`modified_poisson`, `log_binomial`, or `logistic` (with standardized risks); `linear`: "
        "the change in score from baseline, or the score of an outcome without one",
    )
    working: Literal["independence", "exchangeable"] = key(
        "independence", "correlation of a person's visits in the estimating equations"
    )
    risks: Literal["at_means", "standardized", "standardized_random"] = key(
        "at_means",
        "`at_means`: at the covariate means; `standardized` over the people of the fit, covariates "
        "fixed; `standardized_random`: people as a sample",
    )
    interval: Literal["log", "logit"] = key(
        "log", "scale of the risks' intervals: `log`, or `logit`, which never leaves 0 to 1"
    )
    inference: Literal["wald", "quasi_score"] = key(
        "wald",
        "intervals and tests of risk ratios by `wald`, or by inverting the robust `quasi_score` "
        "test",
    )
    clusters: Literal["plan", "person"] = key("plan", "`plan` (as the arms say) or `person`")
    covariates: Maybe[Items[Name]] = key(None, "instead of `adjusted`; `[]` for none")
    population: Population = key(Population(), "who is analyzed; absent: everybody")
    definition: Maybe[Definition] = key(
        None, "another responder than the outcome's own: one of `threshold` and `drop`"
    )
    windows: Name = key("", "a set of visit windows of the plan, by name")
    companions: Name = key(
        "",
        "a categorical covariate: Fisher's exact test of each contrast, and over its levels the "
        "Mantel-Haenszel risk ratio and the Cochran-Mantel-Haenszel test, of observed outcomes",
    )
    bandwidth_factor: Number = key(
        1.0,
        "times Silverman's bandwidth, which smooths the dichotomized prediction in the stacked "
        "variance",
    )
    separation: Literal["stop", "drop", "report"] = key(
        "stop",
        "what to do with a level that has no event: `stop`, `drop` its people and report how many, "
        "or `report`: an outcome whose fit is impossible, for this or another reason, has no "
        "estimate, and a row and the table say why",
    )


OF = "the entry that it does again"


class Bootstrap(Entry):
    """The whole procedure of an entry on resampled people: percentile, basic and BCa intervals."""

    kind: Literal["bootstrap"] = key("bootstrap", "what is done")
    of: Name = must("", OF)
    replicates: Count = must(0, "how many samples")
    clusters: Literal["plan", "person"] = key(
        "plan", "what is resampled: `plan`, whole clusters where arms have them; `person`"
    )


class MultipleImputation(Entry):
    """The score by chained equations, arm by arm, then dichotomized; Rubin's rules. The number of
    imputations follows from `pilot` ones and `cv`, at most `maximum`."""

    kind: Literal["multiple_imputation"] = key("multiple_imputation", "what is done")
    imputer: Literal["normal", "predictive_mean"] = key("normal", "draws of a score")
    auxiliary: Distinct[Name] = key((), "covariates that help to impute, and are in no model")
    iterations: Count = must(0, "rounds of the chain")
    pilot: Several = must(0, "imputations that the number of all is found from")
    cv: Number = key(0.05, "coefficient of variation of the standard error that is aimed at")
    maximum: Several = must(0, "imputations at most")


class Delta(Entry):
    """The same imputations shifted, in points (positive: worse), over a grid; where the conclusion
    tips."""

    kind: Literal["delta"] = key("delta", "what is done")
    of: Name = must("", "a multiple imputation")
    active: Distinct[Signed] = must((), "shifts in the active arms, 0 among them", min_length=1)
    control: Distinct[Signed] = must((), "shifts in the reference arm", min_length=1)
    points: Distinct[Name] = key((), "other analyses, to be found on the map")


class InformativeOdds(Entry):
    """Odds of response among the missing as a multiple of those among the observed with the same
    covariates."""

    kind: Literal["informative_odds"] = key("informative_odds", "what is done")
    active: Distinct[Number] = must((), "ratios in the active arms, 1 among them", min_length=1)
    control: Distinct[Number] = must((), "ratios in the reference arm", min_length=1)
    points: Distinct[Name] = key((), "other analyses, to be found on the map")


class ReferenceBased(Entry):
    """Imputation after drop-out by the reference arm's profile."""

    kind: Literal["reference_based"] = key("reference_based", "what is done")
    rule: Literal["jump_to_reference", "copy_reference", "copy_increments"] = must(
        "", "which part of the reference arm's profile is taken over"
    )
    imputations: Several = must(0, "how many")
    burn_in: Count = must(0, "draws of the chain that are thrown away")
    bootstraps: Several = must(0, "samples for the second variance")
    per_bootstrap: Several = key(2, "imputations of each of these samples")


class Rerandomization(Entry):
    """The score test of an entry against repetitions of the trial's randomization."""

    kind: Literal["rerandomization"] = key("rerandomization", "what is done")
    of: Name = must("", OF)
    draws: Count = must(0, "how many repetitions")


class LeaveOneOut(Entry):
    """An entry without each level of a column."""

    kind: Literal["leave_one_out"] = key("leave_one_out", "what is done")
    of: Name = must("", OF)
    by: Name = must("", "`cluster` or a covariate")


class ResponderCurve(Entry):
    """An entry at many thresholds, and the cumulative share of responders."""

    kind: Literal["responder_curve"] = key("responder_curve", "what is done")
    of: Name = must("", OF)
    thresholds: Distinct[Exact] = must((), "shares of baseline", min_length=1)


class SelectedCovariates(Entry):
    """An entry with those `candidates` whose p is below `level` for missingness and for the
    outcome at the primary month."""

    kind: Literal["selected_covariates"] = key("selected_covariates", "what is done")
    of: Name = must("", OF)
    candidates: Distinct[Name] = must((), "covariates that may join", min_length=1)
    level: Number = key(0.10, "both p values of a candidate that joins are below it")


class Balance(Entry):
    """Standardized differences between people seen and everybody, before and after weighting."""

    kind: Literal["balance"] = key("balance", "what is done")
    of: Name = must("", "the entry that has the weights")


class SpecificationCurve(Entry):
    """The full cross of five lists at the primary month, with a joint re-randomization test."""

    kind: Literal["specification_curve"] = key("specification_curve", "what is done")
    populations: dict[Name, Population] = must(
        {}, "by name, rules as in `population`", min_length=1
    )
    definitions: dict[Name, OutcomeDefinition] = must(
        {}, "by name, an `outcome` and its `threshold` or `drop`", min_length=1
    )
    missing: Distinct[
        Literal[
            "complete_case", "weighted", "pattern_mixture", "weighted_pattern_mixture",
            "worst_best_case", "multiple_imputation",
        ]
    ] = must((), "what is done with missing outcomes", min_length=1)  # fmt: skip
    covariates: dict[Name, Distinct[Name]] = must({}, "lists by name", min_length=1)
    estimators: Distinct[
        Literal[
            "modified_poisson", "standardized_poisson", "standardized_logistic", "person_poisson"
        ]
    ] = must((), "how risks are estimated", min_length=1)  # fmt: skip
    draws: Count = must(0, "repetitions of the randomization")


class Power(Entry):
    """Simulated trials of the planned size."""

    kind: Literal["power"] = key("power", "what is done")
    outcomes: ClassVar[tuple[str, ...]] = ()
    people: Count = must(0, "people an arm")
    risks: dict[Name, Number] = must({}, "risk of response by arm", min_length=2)
    loss: Number = must(0.0, "share of people who are not seen")
    trials: Count = must(0, "how many trials")


class Simulation(Entry):
    """Coverage and type-I error of an entry's whole procedure."""

    kind: Literal["simulation"] = key("simulation", "what is done")
    of: Name = must("", OF)
    trials: Count = must(0, "how many trials of each scenario")
    scenarios: dict[Name, Signed] = must(
        {},
        "name → points by which the active arms' scores drop more than the reference arm's",
        min_length=1,
    )


class Mmrm(Entry):
    """Change in score by a mixed model for repeated measures: unstructured covariance, REML."""

    kind: Literal["mmrm"] = key("mmrm", "what is done")
    covariates: Maybe[Distinct[Name]] = key(None, "instead of `adjusted`")
    degrees_of_freedom: Literal["satterthwaite", "kenward_roger"] = key(
        "satterthwaite", "of intervals and tests"
    )


class Moderator(Model):
    """A column of participants that an effect may depend on."""

    id: Name = must("", "a column of participants that holds levels")
    label: Text = must("", "words in tables")
    instead_of: Name = key("", "covariate that says the same and leaves the outcome model")


class Subgroups(Entry):
    """An entry with moderator × arm × month, one moderator at a time; the interaction with the arm
    at the primary month on both scales, no test within a level."""

    kind: Literal["subgroups"] = key("subgroups", "what is done")
    of: Name = must("", OF)
    moderators: Items[Moderator] = must((), "columns of participants", min_length=1)


class Mediation(Entry):
    """How much of the effect at `month` goes through `mediators` measured `at` an earlier visit:
    those with an arm effect of p below `level`, by inverse-probability weights."""

    kind: Literal["mediation"] = key("mediation", "what is done")
    of: Name = must("", "an entry of complete cases")
    month: Name = must("", "visit of the effect")
    mediators: Distinct[Name] = must((), "outcomes with a score at baseline", min_length=1)
    at: Name = must("", "visit of the mediators")
    level: Number = must(0.10, "an arm effect with p below it keeps a mediator")
    replicates: Count = must(0, "samples of the bootstrap")


TOOK = 'a comparison such as `">=6"`: who took the treatment'


class Adherence(Entry):
    """What people took of their treatment, and the outcome by it, described."""

    kind: Literal["adherence"] = key("adherence", "what is done")
    column: Name = must("", "a column of participants")
    took: Text = must("", TOOK)
    groups: Distinct[Text] = must((), "levels of the column", min_length=1)


class Compliers(Entry):
    """Effect among those who take the treatment if offered, by principal strata and by
    instrument."""

    kind: Literal["compliers"] = key("compliers", "what is done")
    of: Name = must("", OF)
    column: Name = must("", "a column of participants")
    took: Text = must("", TOOK)


class PerProtocol(Entry):
    """Those who took the treatment, weighted by the inverse probability of it."""

    kind: Literal["per_protocol"] = key("per_protocol", "what is done")
    of: Name = must("", OF)
    column: Name = must("", "a column of participants")
    took: Text = must("", TOOK)
    covariates: Distinct[Name] = must((), "of that probability", min_length=1)


class Economics(Entry):
    """Costs, responders and quality-adjusted life-years over the time up to `month`: differences,
    cost per unit of effect, net benefit, acceptability."""

    kind: Literal["economics"] = key("economics", "what is done")
    of: Name = must("", OF)
    month: Name = must("", "the time ends at this visit")
    utility: Name = must("", "an outcome, whose scores make life-years")
    currency: Text = must("", "of the costs, in words or as a sign")
    unit_costs: dict[Name, Number] = must(
        {},
        "column of participants → cost of one; a column named with `_before` added is the same "
        "before the trial",
        min_length=1,
    )
    covariates: Maybe[Distinct[Name]] = key(None, "instead of `adjusted`")
    willingness_to_pay: Distinct[Number] = must(
        (), "per responder and per quality-adjusted life-year", min_length=1
    )
    winsorize: Number = must(0.99, "quantile that costs are cut at, as a sensitivity")
    replicates: Count = must(0, "samples of the bootstrap")


KINDS: dict[str, type[Entry]] = {
    str(entry.model_fields["kind"].default): entry
    for entry in (
        Analysis,
        Bootstrap,
        MultipleImputation,
        Delta,
        InformativeOdds,
        ReferenceBased,
        Rerandomization,
        LeaveOneOut,
        ResponderCurve,
        SelectedCovariates,
        Balance,
        SpecificationCurve,
        Power,
        Simulation,
        Mmrm,
        Subgroups,
        Mediation,
        Adherence,
        Compliers,
        PerProtocol,
        Economics,
    )
}
"""Kind → its entry, of the kinds that every plan may have."""
