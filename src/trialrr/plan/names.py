"""Names that a plan must not give, because they mean something already, or two things at once."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from trialrr.plan.document import at

if TYPE_CHECKING:
    from trialrr.plan.plan import Plan

Faults = Iterator[tuple[str, str]]

COLUMNS = {
    "line": "the line of the file that a row stands on",
    "data_origin": "the word for real or synthetic data",
    "analyzed": "the mark of who is analyzed, which is everybody on the route tidy",
    "completed": "the mark of a visit that took place",
    "month": "the visit",
    "visited_on": "the day of a visit",
    "mode": "the way a survey was answered",
    "windows": "the set of visit windows",
}
"""Columns that the readers write themselves, into participants or visits → what they hold."""

OF_PARTICIPANTS = {
    "participant_id": "the person",
    "arm": "the arm",
    "cluster": "what people of a clustered arm share",
}
"""Columns of participants with a meaning of their own: no covariate or moderator, no outcome."""

ARMS = {
    "all": "the word for everybody in the results",
    "intercept": "the name of a model's constant in the results",
}
MONTHS = {"none": "the word for no visit at all in the patterns of follow-up"}
ANALYSES = {
    "flow": "the flow of participants",
    "follow_up": "the visits completed",
    "observed": "the observed outcomes",
    "baseline": "the baseline table",
    "safety": "the adverse events",
    "clusters": "the outcomes by cluster",
    "imputation_model": "the coefficients of the imputation model",
    "response_model": "the coefficients of the response model",
}
"""Blocks of the table of results that no entry of the plan writes."""

DERIVED = ("responder", "reduction", "sum", "items")
"""Columns `<outcome>_<ending>` of visits, and of participants `<baseline>_sum`, `_items`."""


def reserved(plan: "Plan") -> Faults:
    """Ids of the plan that are reserved words, and ids that meet each other's columns."""
    words = {
        "arms": ARMS,
        "analyses": ANALYSES,
        "outcomes": COLUMNS | OF_PARTICIPANTS,
        "covariates": {"intercept": ARMS["intercept"]} | COLUMNS | OF_PARTICIPANTS,
    }
    for section, taken in words.items():
        for i, entry in enumerate(getattr(plan, section)):
            yield from _reserved_name(f"{section}[{i}].id", entry.id, taken)
    for i, arm in enumerate(plan.arms):
        if arm.clusters != "person" and arm.clusters.casefold() == "person":
            text = f"found {arm.clusters!r}; write 'person' for people who share nothing"
            yield f"arms[{i}].clusters", text
    for i, visit in enumerate(plan.visits):
        yield from _reserved_name(f"visits[{i}].month", visit.month, MONTHS)
    for name in plan.data.columns:
        yield from _reserved_name(at("data.participants.columns", name), name, COLUMNS)
    outcomes = [o.id for o in plan.outcomes]
    made = {f"{id}_{ending}": id for id in outcomes for ending in DERIVED}
    for i, id in enumerate(outcomes):
        if id in made:
            text = f"{id!r} is also the name of a column that outcome {made[id]!r} has; choose"
            yield f"outcomes[{i}].id", f"{text} another name"


def labels(plan: "Plan") -> Faults:
    """Labels by which a reader could not tell two things of one kind apart."""
    for section in ("arms", "visits", "outcomes", "covariates", "analyses"):
        first: dict[str, int] = {}
        for i, entry in enumerate(getattr(plan, section)):
            label = " ".join(entry.label.split())
            other = first.setdefault(label, i) if label else i
            if other != i:
                text = f"{label!r} is the label of {section}[{other}] too; a "
                yield f"{section}[{i}].label", text + "reader could not tell them apart: reword one"


def _reserved_name(place: str, name: str, words: dict[str, str]) -> Faults:
    """A name that is a reserved word; files of some systems do not tell capitals apart."""
    meaning = words.get(name.casefold())
    if meaning:
        yield place, f"{name!r} is reserved: it is {meaning}; choose another name"


def alike(place: str, names: Iterable[str], what: str) -> Faults:
    """Ids of one kind that are the same, or the same but for capitals."""
    counts = Counter(names)
    for name, count in counts.items():
        if count > 1:
            yield place, f"{what} {name!r} is declared twice; ids are unique"
    first: dict[str, str] = {}
    for name in counts:
        other = first.setdefault(name.casefold(), name)
        if other != name:
            text = f"{other!r} and {name!r} differ in capitals only; rename one {what}"
            yield place, text
