"""Entries of a plan that do an analysis again."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from trialrr.analyses.procedure.engines import RESAMPLED, SCORES, SIMULATED
from trialrr.plan.base import Count, Distinct, Exact, Name, Number, Signed, key, must, texts
from trialrr.plan.entry import OF, Definition, Entry, Population
from trialrr.plan.mentions import GROUPS, Mention
from trialrr.plan.needs import ALL_MODES, Needs
from trialrr.plan.rules import Faults, share_faults, without_score

if TYPE_CHECKING:
    from trialrr.plan import Plan


class Bootstrap(Entry):
    """The whole procedure of an entry on resampled people: percentile, basic and BCa intervals."""

    needs: ClassVar[Needs] = Needs(engine=RESAMPLED)

    kind: Literal["bootstrap"] = key("bootstrap", "what is done")
    of: Name = must("", OF)
    replicates: Count = must(0, "how many samples")
    clusters: Literal["plan", "person"] = key(
        "plan", "what is resampled: `plan`, whole clusters where arms have them; `person`"
    )


class Rerandomization(Entry):
    """The score test of an entry against repetitions of the trial's randomization."""

    needs: ClassVar[Needs] = Needs(engine=SCORES, randomization=True)

    kind: Literal["rerandomization"] = key("rerandomization", "what is done")
    of: Name = must("", OF)
    draws: Count = must(0, "how many repetitions")


class LeaveOneOut(Entry):
    """An entry without each level of a column."""

    needs: ClassVar[Needs] = Needs(missing_covariates=ALL_MODES)

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

    needs: ClassVar[Needs] = Needs(score=True, missing_covariates=ALL_MODES)

    kind: Literal["responder_curve"] = key("responder_curve", "what is done")
    of: Name = must("", OF)
    thresholds: Distinct[Exact] = must((), "shares of baseline", min_length=1)

    def faults(self, plan: "Plan") -> Faults:
        return share_faults("thresholds", texts(self, "thresholds"))


class OutcomeDefinition(Definition):
    """An outcome, and a definition of its responder: its own, if there is neither key."""

    outcome: Name = must("", "the outcome")


class SpecificationCurve(Entry):
    """The full cross of five lists at the primary month, with a joint re-randomization test."""

    needs: ClassVar[Needs] = Needs(randomization=True)

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

    needs: ClassVar[Needs] = Needs(
        form="",
        missing_covariates=ALL_MODES,
        independent="simulated people are independent, so the power would be too high; leave the "
        "entry out",
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

    needs: ClassVar[Needs] = Needs(engine=SIMULATED)

    kind: Literal["simulation"] = key("simulation", "what is done")
    of: Name = must("", OF)
    trials: Count = must(0, "how many trials of each scenario")
    scenarios: dict[Name, Signed] = must(
        {},
        "name → points by which the active arms' scores drop more than the reference arm's",
        min_length=1,
    )
