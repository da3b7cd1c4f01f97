"""Entries of a plan that assume something of missing outcomes."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, Literal

from trialrr.analyses.procedure.engines import WEIGHTED
from trialrr.plan.base import Count, Distinct, Name, Number, Several, Signed, key, must
from trialrr.plan.entry import OF, Entry
from trialrr.plan.near import nearest
from trialrr.plan.needs import FIT, Needs
from trialrr.plan.rules import Faults

if TYPE_CHECKING:
    from trialrr.plan import Plan


class MultipleImputation(Entry):
    """The score by chained equations, arm by arm, then dichotomized; Rubin's rules. The number of
    imputations follows from `pilot` ones and `cv`, at most `maximum`."""

    needs: ClassVar[Needs] = Needs(score=True)

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

    needs: ClassVar[Needs] = Needs(score=True, of="multiple_imputation")

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

    needs: ClassVar[Needs] = Needs(score=True)

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

    needs: ClassVar[Needs] = Needs(score=True)

    kind: Literal["reference_based"] = key("reference_based", "what is done")
    rule: Literal["jump_to_reference", "copy_reference", "copy_increments"] = must(
        "", "which part of the reference arm's profile is taken over"
    )
    imputations: Several = must(0, "how many")
    burn_in: Count = must(0, "draws of the chain that are thrown away")
    bootstraps: Several = must(0, "samples for the second variance")
    per_bootstrap: Several = key(2, "imputations of each of these samples")


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

    needs: ClassVar[Needs] = Needs(engine=WEIGHTED)

    kind: Literal["balance"] = key("balance", "what is done")
    of: Name = must("", "the entry that has the weights")


def points_faults(plan: "Plan", points: Iterable[str]) -> Faults:
    """Analyses that are to be found on a map, and are no fits."""
    fits = [a.id for a in plan.analyses if a.kind == FIT]
    return [
        ("points", f"unknown analysis of kind {FIT} {id!r}{nearest(id, fits)}")
        for id in points
        if id not in fits
    ]
