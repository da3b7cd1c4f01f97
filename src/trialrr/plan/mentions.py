"""Columns of participants that a plan names, and what it takes for granted of each.

One list, held against the mapping before the data are read and against the data after.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

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


def mentions(d: dict, by_id: bool = False) -> list[Mention]:
    """Every mention of the document, in its order. Places give an entry of a list by position, or
    `by_id`, which stays the same when another entry is put before it."""

    def place(section: str, i: int, entry: dict, rest: str = "") -> str:
        step = f".{entry['id']}" if by_id else f"[{i}]"
        return f"{section}{step}{rest}"

    return [*_of_design(d), *_of_models(d, place), *_of_analyses(d, place), *_of_table(d, place)]


def _of_design(d: dict) -> Iterator[Mention]:
    clustered = tuple(a["id"] for a in d["arms"] if a["clusters"] != "person")
    if clustered:
        yield Mention("arms", "cluster", GROUPS, needs=("complete_in_arms",), arms=clustered)
    rules = d.get("randomization")
    if rules:
        for name in rules["strata"]:
            yield Mention("randomization.strata", name, ANY, needs=("complete",))
        order, strata = rules["order"], tuple(rules["strata"])
        needs = ("complete",) + ("distinct",) * (rules.get("unit", "person") == "person")
        yield Mention("randomization.order", order, NUMBER, needs=needs, within=strata)


def _of_models(d: dict, place: Place) -> Iterator[Mention]:
    mode, used = d["models"].get("missing_covariates", MEAN), _used(d)
    for i, c in enumerate(d.get("covariates", ())):
        form, levels = (LEVELS, (c["reference"],)) if "reference" in c else (NUMBER, ())
        needs = ("level",) * bool(levels) + ("several",) * (c["id"] in used)
        own = mode if c["id"] in used else ""
        yield Mention(place("covariates", i, c), c["id"], form, levels, needs, covariate=own)
    for name, level in d["models"].get("response_references", {}).items():
        if name != "arm":
            key = f"models.response_references.{name}"
            yield Mention(key, name, LEVELS, (level,), ("level",))
    for i, o in enumerate(d["outcomes"]):
        if o.get("baseline"):
            yield Mention(place("outcomes", i, o, ".baseline"), o["baseline"], NUMBER)


def _used(d: dict) -> set[str]:
    """Covariates that some model of the plan uses."""
    used = {id for key in ("adjusted", "response", "imputation") for id in d["models"].get(key, ())}
    for a in d["analyses"]:
        listed = a.get("covariates") or ()
        lists = listed.values() if isinstance(listed, dict) else [listed]
        lists = [*lists, a.get("auxiliary", ()), a.get("candidates", ())]
        used |= {id for names in lists for id in names}
    if d["models"].get("own_baseline"):
        used |= {o["baseline"] for o in d["outcomes"] if o.get("baseline")}
    return used


def _of_analyses(d: dict, place: Place) -> Iterator[Mention]:
    for i, a in enumerate(d["analyses"]):
        populations = a.get("populations", {"": a.get("population", {})})
        for id, rules in populations.items():
            key = place("analyses", i, a, f".populations.{id}" if id else ".population")
            chosen = tuple(f"{rule} {day}" for rule, day in sorted(rules.items()))
            if chosen:
                needs = ("complete", "leaves_every_arm")
                yield Mention(key, "randomized_on", DATE, chosen, needs)
        if "by" in a:
            yield Mention(place("analyses", i, a, ".by"), a["by"], GROUPS, needs=("several",))
        if "companions" in a:
            yield Mention(place("analyses", i, a, ".companions"), a["companions"], GROUPS)
        if "column" in a:
            column, key = a["column"], place("analyses", i, a)
            needs = ("whole_arms",) + ("whole_numbers",) * (a["kind"] == "adherence")
            yield Mention(f"{key}.column", column, NUMBER, needs=needs)
            needs = () if a["kind"] == "adherence" else ("not_in_arms",)
            yield Mention(f"{key}.took", column, NUMBER, (a["took"],), needs, (d["reference"],))
            if "groups" in a:
                yield Mention(f"{key}.groups", column, NUMBER, tuple(a["groups"]))
        for m in a.get("moderators", ()):
            key = place("analyses", i, a, ".moderators")
            yield Mention(key, m["id"], GROUPS, needs=("several",))
        for name in a.get("unit_costs", ()):
            key = place("analyses", i, a, f".unit_costs.{name}")
            yield Mention(key, name, NUMBER, needs=("in_every_arm",))


def _of_table(d: dict, place: Place) -> Iterator[Mention]:
    for i, line in enumerate(d.get("baseline_table", ())):
        key, kind = place("baseline_table", i, line), line.get("kind", "level")
        if kind in ("mean", "median"):
            yield Mention(key, line["id"], NUMBER)
        elif kind == "levels":
            yield Mention(key, line["id"], LEVELS)
        elif kind == "flags":
            yield Mention(key, line["id"], FLAGS)
        else:
            levels = tuple(line.get("of", [line["level"]] if "level" in line else ()))
            yield Mention(key, line["id"], LEVELS if "of" in line else ANY, levels, ("some_level",))
