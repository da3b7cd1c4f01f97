"""The entry of a plan about costs."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from trialrr.analyses.procedure.engines import COSTS_AND_EFFECTS_OF_EVERYBODY
from trialrr.plan.base import Count, Distinct, Maybe, Name, Number, Text, key, must, texts
from trialrr.plan.entry import OF, Entry
from trialrr.plan.mentions import NUMBER, Mention
from trialrr.plan.needs import Needs
from trialrr.plan.rules import Faults, month_faults

if TYPE_CHECKING:
    from trialrr.plan import Plan


class Economics(Entry):
    """Costs, responders and quality-adjusted life-years over the time up to `month`: differences,
    cost per unit of effect, net benefit, acceptability."""

    needs: ClassVar[Needs] = Needs(engine=COSTS_AND_EFFECTS_OF_EVERYBODY)

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
        outcomes = {o.id: o for o in plan.outcomes}
        faults = month_faults(plan, month=self.month)
        if self.utility not in outcomes or not outcomes[self.utility].baseline:
            text = f"{self.utility!r} is no outcome with a baseline; declared: "
            faults.append(("utility", text + ", ".join(outcomes)))
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
