"""Entries of a plan beside the one fit: its mixed-model counterpart, and its subgroups."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from trialrr.analyses.procedure.engines import RISKS_AT_MEANS
from trialrr.plan.base import Distinct, Items, Maybe, Model, Name, Text, key, must
from trialrr.plan.entry import OF, Entry
from trialrr.plan.mentions import GROUPS, Mention
from trialrr.plan.names import OF_PARTICIPANTS
from trialrr.plan.near import nearest
from trialrr.plan.needs import ALL_MODES, SCORE, Needs
from trialrr.plan.rules import Faults

if TYPE_CHECKING:
    from trialrr.plan import Plan


class Mmrm(Entry):
    """Change in score by a mixed model for repeated measures: unstructured covariance, REML."""

    needs: ClassVar[Needs] = Needs(
        form=SCORE,
        missing_covariates=ALL_MODES,
        independent="the mixed model has people as independent units; use model: linear, which "
        "sums by cluster",
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

    needs: ClassVar[Needs] = Needs(engine=RISKS_AT_MEANS, missing_covariates=ALL_MODES)

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
        return [("moderators", text) for text in told]
