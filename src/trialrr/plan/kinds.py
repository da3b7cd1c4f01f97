"""Entries of a plan's `analyses`, one model a kind."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

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
    replace,
    texts,
    written,
)
from trialrr.plan.mentions import DATE, GROUPS, NUMBER, Mention
from trialrr.plan.names import OF_PARTICIPANTS
from trialrr.plan.near import nearest
from trialrr.plan.rules import (
    Faults,
    day_faults,
    is_plain,
    month_faults,
    of_faults,
    points_faults,
    share_faults,
    unknown,
    without_score,
)

if TYPE_CHECKING:
    from trialrr.plan.plan import Plan


class Population(Model):
    """People chosen by the day of their randomization."""

    randomized_before: Day = key("", "a date; that day is left out")
    randomized_from: Day = key("", "a date, that day included")
    randomized_after: Day = key("", "a date; that day is left out")

    @property
    def rules(self) -> dict[str, str]:
        """Rule → day, of the rules that were written, in their order."""
        return written(self)

    def mentions(self, place: str) -> Iterator[Mention]:
        chosen = tuple(f"{rule} {day}" for rule, day in sorted(self.rules.items()))
        if chosen:
            yield Mention(place, "randomized_on", DATE, chosen, ("complete", "leaves_every_arm"))

    def faults(self, place: str) -> Faults:
        return [f for rule, day in self.rules.items() for f in day_faults(f"{place}.{rule}", day)]


class Definition(Model):
    """A responder drops by at least `threshold`, a share of baseline, or by `drop`, in points."""

    threshold: Maybe[Exact] = key(None, "a share of baseline")
    drop: Maybe[Exact] = key(None, "points")


class OutcomeDefinition(Definition):
    """An outcome, and a definition of its responder: its own, if there is neither key."""

    outcome: Name = must("", "the outcome")


BY_ROW = ("hc0", "stata", "hc1", "hc2", "hc3")
"""Covariances that take each row of the data by itself."""

SIMULATED = {
    "model": "modified_poisson",
    "working": "independence",
    "risks": "at_means",
    "weights": "response",
    "truncation": None,
    "covariance": "cr0",
    "degrees_of_freedom": "z",
    "inference": "wald",
}
"""What a procedure that is simulated has, beside its imputation and its variance."""


def offered(column: str, took: str, plan: "Plan") -> Iterator[Mention]:
    """A column of what people took, of whom nobody of the reference arm took the treatment."""
    yield Mention("column", column, NUMBER, needs=("whole_arms",))
    yield Mention("took", column, NUMBER, (took,), ("not_in_arms",), (plan.reference,))


class Entry(Model):
    """What every kind of analysis has."""

    form: ClassVar[str] = "binary"
    """Form of its outcomes that it asks for: `binary`, `score`, or "" for neither."""
    of_kind: ClassVar[str] = "model"
    """Kind of the entry that its key `of` names."""
    needs_score: ClassVar[bool] = False
    """Whether it needs the score behind a responder."""
    follows_missing_covariates: ClassVar[bool] = False
    """Whether it does all that `models.missing_covariates` may ask for."""
    repeats_randomization: ClassVar[bool] = False
    without_clusters: ClassVar[str] = ""
    """Why it cannot be had where whole clusters were randomized, and what to do instead."""

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

    def covariate_lists(self) -> dict[str, tuple[str, ...]]:
        """Key → the covariates that it lists."""
        return {}

    def asked_form(self) -> str:
        """The form of its outcomes that the entry asks for."""
        return self.form

    def mentions(self, plan: "Plan") -> Iterator[Mention]:
        """Columns of participants that the entry names; places are its keys."""
        yield from ()

    def faults(self, plan: "Plan") -> Faults:
        """(key, text) of what is wrong with the entry in this plan, beside what every entry of its
        kind needs."""
        return []


class Analysis(Entry):
    """One fit of the outcome model."""

    follows_missing_covariates: ClassVar[bool] = True

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
    population: Population = key(Population, "who is analyzed; absent: everybody")
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

    def covariate_lists(self) -> dict[str, tuple[str, ...]]:
        return {"covariates": self.covariates or ()}

    def asked_form(self) -> str:
        return "score" if self.model == "linear" else "binary"

    def mentions(self, plan: "Plan") -> Iterator[Mention]:
        yield from self.population.mentions("population")
        if self.companions:
            yield Mention("companions", self.companions, GROUPS)

    def faults(self, plan: "Plan") -> Faults:
        return [
            *self._method_faults(),
            *self._working_faults(plan),
            *self._row_faults(plan),
            *(self._linear_faults() if self.model == "linear" else []),
            *self._companions_faults(plan),
            *self._missing_faults(plan),
            *self._people_faults(plan),
        ]

    def _method_faults(self) -> Faults:
        """Choices of estimator, covariance and degrees of freedom that do not go together."""
        faults = []
        stacked, name = self.variance != "robust", self.covariance
        standardized = self.risks != "at_means"
        if stacked and name in (*BY_ROW, "mbn"):
            text = f"{name!r} has no stacked form; expected cr0, cr1, cr1s, cr2, cr3, kc, md or fg"
            faults.append(("covariance", text))
        if self.degrees_of_freedom == "satterthwaite" and name in ("fg", "mbn"):
            text = f"{name!r} has no Satterthwaite df; use clusters_minus_parameters"
            faults.append(("degrees_of_freedom", text))
        if self.model == "logistic" and not standardized:
            faults.append(("model", "logistic gives risks by `risks: standardized` only"))
        if self.model not in ("modified_poisson", "linear") and self.variance == "stacked":
            text = "the imputation model is stacked with modified_poisson or linear, not "
            faults.append(("variance", text + self.model))
        if standardized and self.degrees_of_freedom != "z":
            text = "standardized risks have normal intervals; use degrees_of_freedom: z"
            faults.append(("risks", text))
        if self.risks == "standardized_random" and (
            stacked or name.startswith(("h", "stata", "mbn"))
        ):
            text = "random covariates are summed by cluster: variance robust and a cluster "
            faults.append(("risks", text + "covariance"))
        return faults + self._quasi_score_faults()

    def _quasi_score_faults(self) -> Faults:
        plain = is_plain(replace(self, inference="wald"))
        robust = self.variance == "robust" and self.covariance == "cr0"
        if self.inference != "quasi_score" or (plain and robust):
            return []
        text = (
            "quasi_score goes with modified_poisson, working independence, risks at_means, "
            "variance robust, covariance cr0 and degrees_of_freedom z"
        )
        return [("inference", text)]

    def _working_faults(self, plan: "Plan") -> Faults:
        """A correlation within a person where outcomes have a single visit, or with what has no
        such form."""
        if self.working != "exchangeable":
            return []
        faults = []
        if self.model != "modified_poisson":
            faults.append(("working", f"exchangeable is for modified_poisson, not {self.model}"))
        robust = self.variance == "robust" and self.covariance in ("cr0", "cr1", "cr1s")
        if not robust or self.degrees_of_freedom == "satterthwaite":
            text = (
                "exchangeable goes with variance robust, covariance cr0, cr1 or cr1s, and df of z"
            )
            faults.append(("working", f"{text} or clusters_minus_parameters"))
        text = "has one visit, so nobody has two rows that could correlate; say independence"
        single = [
            o.id for o in plan.outcomes if o.id in self.outcomes and len(plan.visits_of(o)) == 1
        ]
        return faults + [("working", f"exchangeable, but outcome {id!r} {text}") for id in single]

    def _row_faults(self, plan: "Plan") -> Faults:
        """A covariance by row where people of an arm share something."""
        shared = [arm for arm in plan.arms if arm.clusters != "person"]
        words = [f"arm {arm.id} has `clusters: {arm.clusters}`" for arm in shared]
        if not words or self.covariance not in BY_ROW or self.clusters == "person":
            return []
        text = (
            f"{self.covariance!r} takes each row by itself, but {' and '.join(words)}; expected a "
            "covariance by cluster such as cr0 or kc, or `clusters: person` in this entry"
        )
        return [("covariance", text)]

    def _linear_faults(self) -> Faults:
        """What a model of a change in score cannot be asked for."""
        given = written(self)
        asked = {
            "working": self.working != "independence",
            "risks": self.risks != "at_means",
            "inference": self.inference != "wald",
            "missing": self.missing == "worst_best_case",
            **{k: k in given for k in ("definition", "companions", "interval", "bandwidth_factor")},
        }
        text = "is about a binary outcome; model linear explains the change in score"
        return [(key, f"{key} {given[key]!r} {text}") for key, wrong in asked.items() if wrong]

    def _companions_faults(self, plan: "Plan") -> Faults:
        if not self.companions:
            return []
        declared = [c.id for c in plan.covariates]
        texts = unknown([self.companions], declared, "covariate")
        if self.missing != "complete_case" or self.weights:
            texts.append("tables count observed outcomes, unweighted: missing: complete_case only")
        return [("companions", text) for text in texts]

    def _missing_faults(self, plan: "Plan") -> Faults:
        """Weights and imputations that lack what they are made of."""
        faults = []
        if self.weights and not plan.models.response:
            faults.append(("weights", "response weights need models.response"))
        if self.variance != "robust" and self.weights is None:
            text = f"variance {self.variance!r} stacks the weight model; add weights: response"
            faults.append(("variance", text))
        if self.variance == "stacked" and self.missing != "pattern_mixture":
            text = "variance 'stacked' carries the imputation model of missing: pattern_mixture"
            faults.append(("variance", text))
        if self.missing == "pattern_mixture" and self.model != "linear":
            why = "pattern mixture imputes a score"
            faults += without_score(plan, self.outcomes, "missing", why)
        if self.truncation is not None:
            if not self.weights:
                faults.append(("truncation", "there are no weights to truncate; add weights"))
            faults += share_faults("truncation", texts(self, "truncation"))
        return faults

    def _people_faults(self, plan: "Plan") -> Faults:
        """Who is analyzed, by which windows, and what a responder is."""
        faults = self.population.faults("population")
        if self.windows and self.windows not in plan.windows:
            listed = ", ".join(plan.windows) or "none"
            faults.append(("windows", f"unknown windows {self.windows!r}; declared: {listed}"))
        if self.definition:
            why = "another definition needs the score"
            faults += without_score(plan, self.outcomes, "definition", why)
            faults += share_faults("definition.threshold", texts(self.definition, "threshold"))
            if len(written(self.definition)) != 1:
                text = "a responder is defined by threshold or by drop, by one of them"
                if not written(self.definition):
                    text = "found nothing in it; fill it, or leave the key out if it is optional"
                faults.append(("definition", text))
        return faults


OF = "the entry that it does again"


class Bootstrap(Entry):
    """The whole procedure of an entry on resampled people: percentile, basic and BCa intervals."""

    kind: Literal["bootstrap"] = key("bootstrap", "what is done")
    of: Name = must("", OF)
    replicates: Count = must(0, "how many samples")
    clusters: Literal["plan", "person"] = key(
        "plan", "what is resampled: `plan`, whole clusters where arms have them; `person`"
    )

    def faults(self, plan: "Plan") -> Faults:
        of = plan.of(self)
        if of is None or (
            of.model == "modified_poisson"
            and of.working == "independence"
            and of.risks == "at_means"
            and of.weights in (None, "response")
            and of.truncation is None
        ):
            return []
        text = "what is resampled is modified_poisson, working independence, risks at_means and "
        return [("of", f"{text}weights response or none; analysis {self.of!r} is not")]


class MultipleImputation(Entry):
    """The score by chained equations, arm by arm, then dichotomized; Rubin's rules. The number of
    imputations follows from `pilot` ones and `cv`, at most `maximum`."""

    needs_score: ClassVar[bool] = True

    kind: Literal["multiple_imputation"] = key("multiple_imputation", "what is done")
    imputer: Literal["normal", "predictive_mean"] = key("normal", "draws of a score")
    auxiliary: Distinct[Name] = key((), "covariates that help to impute, and are in no model")
    iterations: Count = must(0, "rounds of the chain")
    pilot: Several = must(0, "imputations that the number of all is found from")
    cv: Number = key(0.05, "coefficient of variation of the standard error that is aimed at")
    maximum: Several = must(0, "imputations at most")

    def covariate_lists(self) -> dict[str, tuple[str, ...]]:
        return {"auxiliary": self.auxiliary}


class Delta(Entry):
    """The same imputations shifted, in points (positive: worse), over a grid; where the conclusion
    tips."""

    needs_score: ClassVar[bool] = True
    of_kind: ClassVar[str] = "multiple_imputation"

    kind: Literal["delta"] = key("delta", "what is done")
    of: Name = must("", "a multiple imputation")
    active: Distinct[Signed] = must((), "shifts in the active arms, 0 among them", min_length=1)
    control: Distinct[Signed] = must((), "shifts in the reference arm", min_length=1)
    points: Distinct[Name] = key((), "other analyses, to be found on the map")

    def faults(self, plan: "Plan") -> Faults:
        text = "the shift 0, which is missing at random, is not among them"
        shifts = {"active": self.active, "control": self.control}
        faults = [(key, text) for key, values in shifts.items() if 0.0 not in values]
        return points_faults(plan, self.points) + faults


class InformativeOdds(Entry):
    """Odds of response among the missing as a multiple of those among the observed with the same
    covariates."""

    needs_score: ClassVar[bool] = True

    kind: Literal["informative_odds"] = key("informative_odds", "what is done")
    active: Distinct[Number] = must((), "ratios in the active arms, 1 among them", min_length=1)
    control: Distinct[Number] = must((), "ratios in the reference arm", min_length=1)
    points: Distinct[Name] = key((), "other analyses, to be found on the map")

    def faults(self, plan: "Plan") -> Faults:
        faults = points_faults(plan, self.points)
        for name, ratios in (("active", self.active), ("control", self.control)):
            if 1.0 not in ratios:
                text = "the ratio 1, which is missing at random, is not among them"
                faults.append((name, text))
            if min(ratios) <= 0:
                faults.append((name, "an odds ratio is above 0; write 0.001 for almost none"))
        return faults


class ReferenceBased(Entry):
    """Imputation after drop-out by the reference arm's profile."""

    needs_score: ClassVar[bool] = True

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

    repeats_randomization: ClassVar[bool] = True

    kind: Literal["rerandomization"] = key("rerandomization", "what is done")
    of: Name = must("", OF)
    draws: Count = must(0, "how many repetitions")

    def faults(self, plan: "Plan") -> Faults:
        of = plan.of(self)
        able = ("modified_poisson", "logistic")
        if of is None or (of.model in able and of.working == "independence"):
            return []
        text = "the test has scores of modified_poisson and logistic, working independence; "
        return [("of", f"{text}analysis {self.of!r} has another model")]


class LeaveOneOut(Entry):
    """An entry without each level of a column."""

    follows_missing_covariates: ClassVar[bool] = True

    kind: Literal["leave_one_out"] = key("leave_one_out", "what is done")
    of: Name = must("", OF)
    by: Name = must("", "`cluster` or a covariate")

    def mentions(self, plan: "Plan") -> Iterator[Mention]:
        yield Mention("by", self.by, GROUPS, needs=("several",))

    def faults(self, plan: "Plan") -> Faults:
        known = ["cluster", *(c.id for c in plan.covariates)]
        if self.by in known:
            return []
        return [("by", f"unknown column {self.by!r}; known: {', '.join(known)}")]


class ResponderCurve(Entry):
    """An entry at many thresholds, and the cumulative share of responders."""

    needs_score: ClassVar[bool] = True
    follows_missing_covariates: ClassVar[bool] = True

    kind: Literal["responder_curve"] = key("responder_curve", "what is done")
    of: Name = must("", OF)
    thresholds: Distinct[Exact] = must((), "shares of baseline", min_length=1)

    def faults(self, plan: "Plan") -> Faults:
        return share_faults("thresholds", texts(self, "thresholds"))


class SelectedCovariates(Entry):
    """An entry with those `candidates` whose p is below `level` for missingness and for the
    outcome at the primary month."""

    kind: Literal["selected_covariates"] = key("selected_covariates", "what is done")
    of: Name = must("", OF)
    candidates: Distinct[Name] = must((), "covariates that may join", min_length=1)
    level: Number = key(0.10, "both p values of a candidate that joins are below it")

    def covariate_lists(self) -> dict[str, tuple[str, ...]]:
        return {"candidates": self.candidates}

    def faults(self, plan: "Plan") -> Faults:
        of = plan.of(self)
        if of is None:
            return []
        base = plan.models.adjusted if of.covariates is None else of.covariates
        if plan.models.own_baseline and of.covariates is None:
            base += tuple(o.baseline for o in plan.outcomes if o.id in self.outcomes and o.baseline)
        text = f"is among the covariates of {self.of!r} already; a candidate is one that may join "
        return [("candidates", f"{id!r} {text}them") for id in self.candidates if id in base]


class Balance(Entry):
    """Standardized differences between people seen and everybody, before and after weighting."""

    kind: Literal["balance"] = key("balance", "what is done")
    of: Name = must("", "the entry that has the weights")

    def faults(self, plan: "Plan") -> Faults:
        of = plan.of(self)
        if of is None or of.weights:
            return []
        return [("of", f"analysis {self.of!r} has no weights that could balance")]


class SpecificationCurve(Entry):
    """The full cross of five lists at the primary month, with a joint re-randomization test."""

    repeats_randomization: ClassVar[bool] = True

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

    def covariate_lists(self) -> dict[str, tuple[str, ...]]:
        return {f"covariates.{id}": names for id, names in self.covariates.items()}

    def mentions(self, plan: "Plan") -> Iterator[Mention]:
        for id, chosen in self.populations.items():
            yield from chosen.mentions(f"populations.{id}")

    def faults(self, plan: "Plan") -> Faults:
        faults, outcomes = [], [o.id for o in plan.outcomes]
        for id, chosen in self.definitions.items():
            key = f"definitions.{id}"
            if chosen.outcome not in outcomes:
                text = f"unknown outcome {chosen.outcome!r}; declared: {', '.join(outcomes)}"
                faults.append((key, text))
            else:
                why = "a definition needs the score"
                faults += without_score(plan, [chosen.outcome], key, why)
            faults += share_faults(f"{key}.threshold", texts(chosen, "threshold"))
            if chosen.threshold is not None and chosen.drop is not None:
                faults.append((key, "a responder is defined by threshold or by drop, not by both"))
        for id, people in self.populations.items():
            faults += people.faults(f"populations.{id}")
        if any("weighted" in m for m in self.missing) and not plan.models.response:
            faults.append(("missing", "response weights need models.response"))
        return faults


class Power(Entry):
    """Simulated trials of the planned size."""

    form: ClassVar[str] = ""
    follows_missing_covariates: ClassVar[bool] = True
    without_clusters: ClassVar[str] = (
        "simulated people are independent, so the power would be too high; leave the entry out"
    )

    kind: Literal["power"] = key("power", "what is done")
    outcomes: ClassVar[tuple[str, ...]] = ()
    people: Count = must(0, "people an arm")
    risks: dict[Name, Number] = must({}, "risk of response by arm", min_length=2)
    loss: Number = must(0.0, "share of people who are not seen")
    trials: Count = must(0, "how many trials")

    def faults(self, plan: "Plan") -> Faults:
        faults, arms = [], [arm.id for arm in plan.arms]
        if set(self.risks) != set(arms):
            text = f"found risks of {', '.join(self.risks)}; expected one of each arm: "
            faults.append(("risks", text + ", ".join(arms)))
        faults += share_faults("risks", texts(self, "risks"))
        if not 0 <= self.loss < 1:
            text = f"found {texts(self, 'loss')[0]}; expected a share from 0 to below 1"
            faults.append(("loss", text))
        return faults


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

    def faults(self, plan: "Plan") -> Faults:
        of = plan.of(self)
        if of is None:
            return []
        other = [key for key, value in SIMULATED.items() if getattr(of, key) != value]
        if of.missing == "pattern_mixture" and of.variance == "stacked" and not other:
            return []
        text = "the whole procedure is one with missing: pattern_mixture, variance: stacked"
        and_all = ", ".join(f"{key}: {value}" for key, value in SIMULATED.items())
        return [("of", f"{text}, {and_all}; analysis {self.of!r} is not")]


class Mmrm(Entry):
    """Change in score by a mixed model for repeated measures: unstructured covariance, REML."""

    form: ClassVar[str] = "score"
    follows_missing_covariates: ClassVar[bool] = True
    without_clusters: ClassVar[str] = (
        "the mixed model has people as independent units; use model: linear, which sums by cluster"
    )

    kind: Literal["mmrm"] = key("mmrm", "what is done")
    covariates: Maybe[Distinct[Name]] = key(None, "instead of `adjusted`")
    degrees_of_freedom: Literal["satterthwaite", "kenward_roger"] = key(
        "satterthwaite", "of intervals and tests"
    )

    def covariate_lists(self) -> dict[str, tuple[str, ...]]:
        return {"covariates": self.covariates or ()}


class Moderator(Model):
    """A column of participants that an effect may depend on."""

    id: Name = must("", "a column of participants that holds levels")
    label: Text = must("", "words in tables")
    instead_of: Name = key("", "covariate that says the same and leaves the outcome model")


class Subgroups(Entry):
    """An entry with moderator × arm × month, one moderator at a time; the interaction with the arm
    at the primary month on both scales, no test within a level."""

    follows_missing_covariates: ClassVar[bool] = True

    kind: Literal["subgroups"] = key("subgroups", "what is done")
    of: Name = must("", OF)
    moderators: Items[Moderator] = must((), "columns of participants", min_length=1)

    def mentions(self, plan: "Plan") -> Iterator[Mention]:
        for moderator in self.moderators:
            yield Mention("moderators", moderator.id, GROUPS, needs=("several",))

    def faults(self, plan: "Plan") -> Faults:
        covariates, ids = [c.id for c in plan.covariates], [m.id for m in self.moderators]
        told = [
            f"unknown covariate {m.instead_of!r}{nearest(m.instead_of, covariates)}"
            for m in self.moderators
            if m.instead_of and m.instead_of not in covariates
        ]
        told += [f"{id!r} stands twice" for id in sorted({id for id in ids if ids.count(id) > 1})]
        for id in ids:
            if meaning := OF_PARTICIPANTS.get(id.casefold()):
                told.append(f"{id!r} is reserved: it is {meaning}; choose another name")
        return [("moderators", text) for text in told] + of_faults(self.kind, plan.of(self))


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

    def faults(self, plan: "Plan") -> Faults:
        of, faults = plan.of(self), of_faults(self.kind, plan.of(self))
        faults += month_faults(plan, month=self.month, at=self.at)
        measured = {
            o.id: [v.month for v in plan.visits_of(o)]
            for o in plan.outcomes
            if o.baseline and plan.data.has_form(o, "score")
        }
        for id in self.mediators:
            if self.at not in measured.get(id, []):
                text = f"{id!r} is no outcome with a score at baseline and at month {self.at!r}"
                faults.append(("mediators", text))
        if of and (of.missing != "complete_case" or of.weights):
            text = f"mediation is of people seen, unweighted; analysis {self.of!r} is not"
            faults.append(("of", text))
        return faults + share_faults("level", texts(self, "level"))


TOOK = 'a comparison such as `">=6"`: who took the treatment'


class Adherence(Entry):
    """What people took of their treatment, and the outcome by it, described."""

    follows_missing_covariates: ClassVar[bool] = True

    kind: Literal["adherence"] = key("adherence", "what is done")
    column: Name = must("", "a column of participants")
    took: Text = must("", TOOK)
    groups: Distinct[Text] = must((), "levels of the column", min_length=1)

    def mentions(self, plan: "Plan") -> Iterator[Mention]:
        yield Mention("column", self.column, NUMBER, needs=("whole_arms", "whole_numbers"))
        yield Mention("took", self.column, NUMBER, (self.took,), (), (plan.reference,))
        yield Mention("groups", self.column, NUMBER, self.groups)


class Compliers(Entry):
    """Effect among those who take the treatment if offered, by principal strata and by
    instrument."""

    kind: Literal["compliers"] = key("compliers", "what is done")
    of: Name = must("", OF)
    column: Name = must("", "a column of participants")
    took: Text = must("", TOOK)

    def mentions(self, plan: "Plan") -> Iterator[Mention]:
        yield from offered(self.column, self.took, plan)

    def faults(self, plan: "Plan") -> Faults:
        return of_faults(self.kind, plan.of(self))


class PerProtocol(Entry):
    """Those who took the treatment, weighted by the inverse probability of it."""

    kind: Literal["per_protocol"] = key("per_protocol", "what is done")
    of: Name = must("", OF)
    column: Name = must("", "a column of participants")
    took: Text = must("", TOOK)
    covariates: Distinct[Name] = must((), "of that probability", min_length=1)

    def covariate_lists(self) -> dict[str, tuple[str, ...]]:
        return {"covariates": self.covariates}

    def mentions(self, plan: "Plan") -> Iterator[Mention]:
        yield from offered(self.column, self.took, plan)

    def faults(self, plan: "Plan") -> Faults:
        of = plan.of(self)
        faults = of_faults(self.kind, of)
        if of and of.covariance == "mbn":
            text = "covariance 'mbn' cannot be stacked with the model of who took the treatment; "
            faults.append(("of", f"{text}analysis {self.of!r} has it"))
        return faults


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

    def covariate_lists(self) -> dict[str, tuple[str, ...]]:
        return {"covariates": self.covariates or ()}

    def mentions(self, plan: "Plan") -> Iterator[Mention]:
        for name in self.unit_costs:
            yield Mention(f"unit_costs.{name}", name, NUMBER, needs=("in_every_arm",))

    def faults(self, plan: "Plan") -> Faults:
        of, outcomes = plan.of(self), {o.id: o for o in plan.outcomes}
        faults = month_faults(plan, month=self.month)
        if self.utility not in outcomes or not outcomes[self.utility].baseline:
            text = f"{self.utility!r} is no outcome with a baseline; declared: "
            faults.append(("utility", text + ", ".join(outcomes)))
        if of and not (of.missing == "pattern_mixture" and of.weights == "response"):
            text = f"people are filled and weighted as in `of`; analysis {self.of!r} is not"
            faults.append(("of", text))
        if len(self.outcomes) > 1:
            text = f"found {len(self.outcomes)} outcomes; expected one, whose responders are the "
            faults.append(("outcomes", f"{text}effect; write an entry for each other"))
        for id in (*self.outcomes, self.utility):
            own = [v.month for v in plan.visits_of(outcomes.get(id))]
            if self.month in plan.months and self.month not in own:
                faults.append(("month", f"{id!r} is not measured at month {self.month!r}"))
        if not 0 < self.winsorize <= 1:
            text = f"found {texts(self, 'winsorize')[0]}; expected above 0, at most 1"
            faults.append(("winsorize", text))
        return faults


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
