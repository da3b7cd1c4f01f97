"""The entry of a plan that the whole procedure is about: one fit of the outcome model."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal

from trialrr.analyses.procedure.engines import BY_ROW, refused
from trialrr.plan.base import Items, Maybe, Name, Number, key, must, texts, written
from trialrr.plan.entry import Definition, Entry, Population
from trialrr.plan.mentions import GROUPS, Mention
from trialrr.plan.needs import ALL_MODES, BINARY, SCORE, Needs
from trialrr.plan.rules import Faults, share_faults, unknown, without_score

if TYPE_CHECKING:
    from trialrr.plan import Plan


class Analysis(Entry):
    """One fit of the outcome model."""

    needs: ClassVar[Needs] = Needs(missing_covariates=ALL_MODES)

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
        return SCORE if self.model == "linear" else BINARY

    def mentions(self, plan: "Plan") -> Iterator[Mention]:
        yield from self.population.mentions("population")
        if self.companions:
            yield Mention("companions", self.companions, GROUPS)

    def faults(self, plan: "Plan") -> Faults:
        return [
            *self._choice_faults(),
            *self._visit_faults(plan),
            *self._row_faults(plan),
            *(self._linear_faults() if self.model == "linear" else []),
            *self._companions_faults(plan),
            *self._missing_faults(plan),
            *self._people_faults(plan),
        ]

    def _choice_faults(self) -> Faults:
        """Choices of estimator, covariance and degrees of freedom that do not go together."""
        get = partial(getattr, self)
        faults = [
            fault
            for key, value, engine in refused(get)
            for fault in engine.faults(get, **{key: value})
        ]
        return list(dict.fromkeys(faults))

    def _visit_faults(self, plan: "Plan") -> Faults:
        """A correlation within a person where outcomes have a single visit."""
        if self.working != "exchangeable":
            return []
        text = "has one visit, so nobody has two rows that could correlate; say independence"
        single = [
            o.id for o in plan.outcomes if o.id in self.outcomes and len(plan.visits_of(o)) == 1
        ]
        return [("working", f"exchangeable, but outcome {id!r} {text}") for id in single]

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
        """Keys about a binary outcome, written in an entry of a change in score."""
        given = written(self)
        asked = ("definition", "companions", "interval", "bandwidth_factor")
        text = "is about a binary outcome; model linear explains the change in score"
        return [(key, f"{key} {given[key]!r} {text}") for key in asked if key in given]

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
