"""Columns of participants that a plan names, and what it takes for granted of each.

One list, held against the mapping before the data are read and against the data after.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trialrr.plan.plan import Plan

NUMBER, LEVELS, GROUPS, DATE, FLAGS, ANY = "number", "levels", "groups", "date", "flags", "any"
MEAN, INDICATOR, COMPLETE_CASE, STOP = "mean", "indicator", "complete_case", "stop"
"""What may be done with missing values of covariates."""


@dataclass(frozen=True, slots=True)
class Mention:
    """place : key of the plan; column : of participants; form : `number`, `levels` (a category),
    `groups` (what has few values: a category, an id or whole numbers), `date`, `flags` (columns
    whose names begin with it and _), or `any`; levels :
    as in `levels.matches`, or of a date the rules of a population; needs : what must hold of the
    people analyzed, see below; arms : that a need is about; covariate : what the models that use
    the column do with its missing values, "" of no covariate.

    needs : `level` somebody has each of the levels; `some_level` somebody has one of them, or the
    mapping knows them; `several` not the same value for everybody; `complete` blank for nobody;
    `complete_in_arms` blank for nobody of `arms`; `in_every_arm` known for somebody of each arm;
    `whole_arms` blank for all of an arm or for nobody of it; `whole_numbers` no fraction and
    nothing below 0; `distinct` no two people with the same values of the columns `within` have the
    same; `not_in_arms` nobody of `arms` has the level; `leaves_every_arm` people of every arm are
    left by the rules.
    """

    place: str
    column: str
    form: str = ANY
    levels: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    arms: tuple[str, ...] = ()
    covariate: str = ""
    within: tuple[str, ...] = ()


Place = Callable[..., str]


def mentions(plan: "Plan", by_id: bool = False) -> list[Mention]:
    """Every mention of the plan, in its order. Places give an entry of a list by position, or
    `by_id`, which stays the same when another entry is put before it."""

    def place(section: str, i: int, id: str, rest: str = "") -> str:
        step = f".{id}" if by_id else f"[{i}]"
        return f"{section}{step}{rest}"

    return [
        *_of_design(plan),
        *_of_models(plan, place),
        *_of_analyses(plan, place),
        *_of_table(plan, place),
    ]


def _of_design(plan: "Plan") -> Iterator[Mention]:
    clustered = tuple(a.id for a in plan.arms if a.clusters != "person")
    if clustered:
        yield Mention("arms", "cluster", GROUPS, needs=("complete_in_arms",), arms=clustered)
    rules = plan.randomization
    if rules:
        for name in rules.strata:
            yield Mention("randomization.strata", name, ANY, needs=("complete",))
        needs = ("complete",) + ("distinct",) * (rules.unit != "cluster")
        yield Mention("randomization.order", rules.order, NUMBER, needs=needs, within=rules.strata)


def _of_models(plan: "Plan", place: Place) -> Iterator[Mention]:
    mode, used = plan.models.missing_covariates, _used(plan)
    for i, c in enumerate(plan.covariates):
        form, levels = (NUMBER, ()) if c.reference is None else (LEVELS, (c.reference,))
        needs = ("level",) * bool(levels) + ("several",) * (c.id in used)
        own = mode if c.id in used else ""
        yield Mention(place("covariates", i, c.id), c.id, form, levels, needs, covariate=own)
    for name, level in plan.models.response_references.items():
        if name != "arm":
            key = f"models.response_references.{name}"
            yield Mention(key, name, LEVELS, (level,), ("level",))
    for i, o in enumerate(plan.outcomes):
        if o.baseline:
            yield Mention(place("outcomes", i, o.id, ".baseline"), o.baseline, NUMBER)


def _used(plan: "Plan") -> set[str]:
    """Covariates that some model of the plan uses."""
    models = plan.models
    used = {*models.adjusted, *models.response, *models.imputation}
    for a in plan.analyses:
        used.update(*a.covariate_lists().values())
    if models.own_baseline:
        used |= {o.baseline for o in plan.outcomes if o.baseline}
    return used


def _of_analyses(plan: "Plan", place: Place) -> Iterator[Mention]:
    for i, a in enumerate(plan.analyses):
        for mention in a.mentions(plan):
            yield replace(mention, place=place("analyses", i, a.id, f".{mention.place}"))


def _of_table(plan: "Plan", place: Place) -> Iterator[Mention]:
    for i, line in enumerate(plan.baseline_table):
        key = place("baseline_table", i, line.id)
        if line.kind in ("mean", "median"):
            yield Mention(key, line.id, NUMBER)
        elif line.kind == "levels":
            yield Mention(key, line.id, LEVELS)
        elif line.kind == "flags":
            yield Mention(key, line.id, FLAGS)
        else:
            levels = line.of or (line.level,) * bool(line.level)
            form = LEVELS if line.of else ANY
            yield Mention(key, line.id, form, levels, ("some_level",))
