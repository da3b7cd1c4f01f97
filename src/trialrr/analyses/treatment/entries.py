"""Entries of a plan about the treatment that people took, and through what it works."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from trialrr.analyses.procedure.engines import (
    OBSERVED_PEOPLE,
    RISKS_AT_MEANS,
    RISKS_OF_WHO_TOOK_IT,
)
from trialrr.plan.base import Count, Distinct, Name, Number, Text, key, must, texts
from trialrr.plan.entry import OF, Entry
from trialrr.plan.mentions import NUMBER, Mention
from trialrr.plan.needs import ALL_MODES, Needs
from trialrr.plan.rules import Faults, month_faults, share_faults

if TYPE_CHECKING:
    from trialrr.plan import Plan

TOOK = 'a comparison such as `">=6"`: who took the treatment'


def offered(column: str, took: str, plan: "Plan") -> Iterator[Mention]:
    """A column of what people took, of whom nobody of the reference arm took the treatment."""
    yield Mention("column", column, NUMBER, needs=("whole_arms",))
    yield Mention("took", column, NUMBER, (took,), ("not_in_arms",), (plan.reference,))


class Adherence(Entry):
    """What people took of their treatment, and the outcome by it, described."""

    needs: ClassVar[Needs] = Needs(missing_covariates=ALL_MODES)

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

    needs: ClassVar[Needs] = Needs(engine=RISKS_AT_MEANS)

    kind: Literal["compliers"] = key("compliers", "what is done")
    of: Name = must("", OF)
    column: Name = must("", "a column of participants")
    took: Text = must("", TOOK)

    def mentions(self, plan: "Plan") -> Iterator[Mention]:
        yield from offered(self.column, self.took, plan)


class PerProtocol(Entry):
    """Those who took the treatment, weighted by the inverse probability of it."""

    needs: ClassVar[Needs] = Needs(engine=RISKS_OF_WHO_TOOK_IT)

    kind: Literal["per_protocol"] = key("per_protocol", "what is done")
    of: Name = must("", OF)
    column: Name = must("", "a column of participants")
    took: Text = must("", TOOK)
    covariates: Distinct[Name] = must((), "of that probability", min_length=1)

    def covariate_lists(self) -> dict[str, tuple[str, ...]]:
        return {"covariates": self.covariates}

    def mentions(self, plan: "Plan") -> Iterator[Mention]:
        yield from offered(self.column, self.took, plan)


class Mediation(Entry):
    """How much of the effect at `month` goes through `mediators` measured `at` an earlier visit:
    those with an arm effect of p below `level`, by inverse-probability weights."""

    needs: ClassVar[Needs] = Needs(engine=OBSERVED_PEOPLE)

    kind: Literal["mediation"] = key("mediation", "what is done")
    of: Name = must("", "an entry of complete cases")
    month: Name = must("", "visit of the effect")
    mediators: Distinct[Name] = must((), "outcomes with a score at baseline", min_length=1)
    at: Name = must("", "visit of the mediators")
    level: Number = must(0.10, "an arm effect with p below it keeps a mediator")
    replicates: Count = must(0, "samples of the bootstrap")

    def faults(self, plan: "Plan") -> Faults:
        faults = month_faults(plan, month=self.month, at=self.at)
        measured = {
            o.id: [v.month for v in plan.visits_of(o)]
            for o in plan.outcomes
            if o.baseline and plan.data.has_form(o, "score")
        }
        for id in self.mediators:
            if self.at not in measured.get(id, []):
                text = f"{id!r} is no outcome with a score at baseline and at month {self.at!r}"
                faults.append(("mediators", text))
        return faults + share_faults("level", texts(self, "level"))
