"""An entry of a plan's `analyses`, of whatever kind; the kinds are declared by their families."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from trialrr.plan.base import Day, Exact, Items, Maybe, Model, Name, Text, key, must, written
from trialrr.plan.mentions import DATE, Mention
from trialrr.plan.needs import FIT, Needs
from trialrr.plan.rules import Faults, day_faults

if TYPE_CHECKING:
    from trialrr.plan.plan import Plan

OF = "the entry that it does again"
"""What the key `of` means to most kinds that have it."""


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


class Entry(Model):
    """What every kind of analysis has."""

    needs: ClassVar[Needs] = Needs()
    """What its kind asks of a plan and its data."""

    id: Name = must("", "name in the results")
    status: Literal["prespecified", "post_hoc", "exploratory"] = must(
        "", "whether the analysis was planned before the data were seen"
    )
    outcomes: Items[Name] = must((), "which outcomes it is done for", min_length=1)
    label: Text = must("", "words in tables")
    group: Text = key("", "heading that the analysis stands under in the forest plot")
    kind: str = key(FIT, "what is done")
    estimand: Name = must(
        "",
        "id of one of the plan's `estimands`, or `descriptive` for an analysis that estimates no "
        "effect",
    )

    @classmethod
    def kind_declared(cls) -> str:
        """The name of the kind, as an entry of a plan says it."""
        return str(cls.model_fields["kind"].default)

    def covariate_lists(self) -> dict[str, tuple[str, ...]]:
        """Key → the covariates that it lists."""
        return {}

    def asked_form(self) -> str:
        """The form of its outcomes that the entry asks for."""
        return self.needs.form

    def mentions(self, plan: "Plan") -> Iterator[Mention]:
        """Columns of participants that the entry names; places are its keys."""
        yield from ()

    def faults(self, plan: "Plan") -> Faults:
        """(key, text) of what is wrong with the entry in this plan, beside what every entry of its
        kind needs."""
        return []
