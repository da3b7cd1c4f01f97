"""A plan as one frozen object, of the kinds of analyses that it may have."""

from functools import cache
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import BeforeValidator, Field, StringConstraints, create_model

from trialrr.plan.base import (
    VERSION,
    WORD,
    Distinct,
    Items,
    Maybe,
    Model,
    Name,
    Pair,
    Text,
    key,
    must,
    replace,
)
from trialrr.plan.data import Section, branches
from trialrr.plan.document import PlanError
from trialrr.plan.entry import Entry
from trialrr.plan.mentions import Mention
from trialrr.plan.needs import FIT
from trialrr.plan.sections import (
    Arm,
    BaselineLine,
    Covariate,
    Deviation,
    Estimand,
    Models,
    Outcome,
    Primary,
    Randomization,
    Visit,
)


def _mention(value: Any) -> Mention:
    if isinstance(value, Mention):
        return value
    cells: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in value.items()}
    return Mention(**cells)


Days = Annotated[dict[Name, Pair[int]], Field(min_length=1)]


class Plan(Model):
    """Statistical analysis plan of a trial, or a slice of one: sections that the slice leaves out
    are empty."""

    of_slices: ClassVar[tuple[str, ...]] = ("mentions",)

    trial: Annotated[str, StringConstraints(pattern=WORD, max_length=80)] = must(
        "", "with `version`, names the results: `results/<trial>-<version>/`"
    )
    version: Annotated[str, StringConstraints(pattern=VERSION, max_length=40)] = must(
        "", "of the plan; where it changes in substance a new one, never the old one rewritten"
    )
    title: Text = must("", "printed on the report")
    source: Text = must("", "printed on the report; cites the paper")
    seed: int = must(0, "root of every named stream of random numbers", ge=0, le=2**63 - 1)
    effort: Literal["full", "quick"] = key(
        "full",
        "`quick` divides every count of replicates, draws, imputations and simulated trials by 20 "
        "(some have a least number), executes one notebook, and writes to "
        "`results/<trial>-<version>-quick/`; "
        "`snakemake --workflow-profile workflow/profiles/quick` says it for you",
    )
    data: Section = must(Section, "how raw files become participants and visits")
    arms: Items[Arm] = must((), "what people are randomized to", min_length=2)
    reference: Name = must("", "the arm that the model's coefficients compare with")
    contrasts: Items[Pair[Name]] = must(
        (), "pairs of arms to report, first against second", min_length=1
    )
    randomization: Maybe[Randomization] = key(None, "what a re-randomization repeats")
    visits: Items[Visit] = must((), "when outcomes are measured", min_length=1)
    windows: dict[Name, Days] = key(
        {},
        "further sets of visit windows by name, each month → first and last day; an analysis names "
        "one of them. Only for routes that read dates",
        min_length=1,
    )
    primary: Primary = must(Primary, "the headline result")
    outcomes: Items[Outcome] = must((), "what is measured", min_length=1)
    covariates: Items[Covariate] = key((), "columns of participants that models may use")
    estimands: Items[Estimand] = must(
        (),
        "what is estimated. Every analysis names one; a run with one that does not is refused",
        min_length=1,
    )
    models: Models = must(Models, "what the models of the trial have in common")
    analyses: Items[Entry] = must((), "one entry a row of the forest plot", min_length=1)
    baseline_table: Items[BaselineLine] = key((), "one entry a line")
    deviations: Items[Deviation] = key(
        (), "where the analysis departs from what was planned", min_length=1
    )
    extensions: Distinct[Text] = key(
        (),
        "folders, seen from where the run starts, each a Python package that declares kinds of "
        "analyses or a trial (CONTRIBUTING.md); they are loaded before the plan is checked",
        min_length=1,
    )
    published: Text = key("", "table of published numbers, joined to the results by the same keys")
    mentions: Items[Annotated[Any, BeforeValidator(_mention)]] = key(
        (), "columns that the whole plan names, of a slice that asks for them"
    )

    def outcome(self, id: str) -> Outcome:
        return next(o for o in self.outcomes if o.id == id)

    def covariate(self, id: str) -> Covariate:
        return next(c for c in self.covariates if c.id == id)

    def analysis(self, id: str) -> Entry:
        return next(a for a in self.analyses if a.id == id)

    def of(self, entry: Entry) -> Any:
        """The entry that the key `of` of another names, if it is of the kind that this asks for."""
        id = getattr(entry, "of", "")
        return next((a for a in self.analyses if a.id == id and a.kind == entry.needs.of), None)

    def visits_of(self, outcome: Outcome | None) -> tuple[Visit, ...]:
        """The visits at which an outcome is measured: its own, or the plan's."""
        return outcome.visits if outcome and outcome.visits else self.visits

    @property
    def months(self) -> tuple[str, ...]:
        return tuple(v.month for v in self.visits)

    @property
    def quick(self) -> bool:
        """Whether a run does a fraction of the draws that the plan asks for."""
        return self.effort != "full"

    @property
    def tree(self) -> str:
        """Name of the folder that the results stand in."""
        return f"{self.trial}-{self.version}" + (f"-{self.effort}" if self.quick else "")

    def at_times_of(self, outcome: str) -> "Plan":
        """The plan with the visits at which the outcome is measured, if it has its own."""
        own = self.outcome(outcome).visits
        return replace(self, visits=own) if own else self


class Offered(NamedTuple):
    """kinds : classes of the entries that a plan may have; sections : classes of its section
    `data`, one per route; faults : (place, text) of its `extensions` that cannot be used."""

    kinds: tuple[type[Entry], ...]
    sections: tuple[type[Section], ...]
    faults: list[tuple[str, str]]


def offered(document: Any = None) -> Offered:
    """What the house, and the folders that a document names as `extensions`, declare."""
    from trialrr import house

    named = document.get("extensions") if isinstance(document, dict) else None
    paths = named if isinstance(named, list) and all(isinstance(p, str) for p in named) else []
    kinds, faults = house.entries(paths)
    return Offered(tuple(kinds.values()), house.sections(paths), faults)


@cache
def plan_model(kinds: tuple[type[Entry], ...], sections: tuple[type[Section], ...]) -> type[Plan]:
    """The plan whose entries are of these `kinds`, and its section `data` one of `sections`."""
    fields = Plan.model_fields
    of_kinds = {entry.kind_declared(): entry for entry in kinds}
    of_routes = {section.route_declared(): section for section in sections}
    entry = branches(of_kinds, "kind", FIT)
    entries = must((), str(fields["analyses"].description), min_length=1)
    section = must(Section, str(fields["data"].description))
    of_entries: Any = Items
    made = create_model(
        "Plan",
        __base__=Plan,
        data=(branches(of_routes, "route"), section),
        analyses=(of_entries[entry], entries),
    )
    made.__doc__ = Plan.__doc__
    return made


def finished(read: Model, document: dict[str, Any]) -> Plan:
    """What `plan_model` read of a document, as the class that everybody knows."""
    made = Plan.model_construct(**read.__dict__)
    made._written.update(document)
    return made


def parse(document: dict[str, Any]) -> Plan:
    """The object of a checked document, or of a slice of one (see `part`). Raises PlanError if a
    folder of its `extensions` cannot be used."""
    kinds, sections, faults = offered(document)
    if faults:
        raise PlanError("\n".join(f"{place}: {text}" for place, text in faults))
    return finished(plan_model(kinds, sections).model_validate(document), document)
