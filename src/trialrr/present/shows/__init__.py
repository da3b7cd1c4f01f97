"""Which figures and tables a plan asks for, from the plan alone: quick to import, draws nothing.

Every family here, and every folder elsewhere with kinds of analyses, declares its own as `SHOWS`.
"""

import importlib
import pkgutil
import re
from collections.abc import Collection, Iterable
from functools import cache

from trialrr.plan import Entry, Plan
from trialrr.present.shows.base import (
    FigureShow,
    PartShow,
    Shows,
    TableShow,
    found,
    module_of,
    named,
    together,
)

WIDTHS = {"": 7.0, "_column": 3.3}
"""Ending of the name of a figure's files → its width, in inches: that of a journal's page, and that
of one of its columns."""

FORMATS = ("csv", "html", "tex", "rtf", "docx")
"""Kinds of files that every table is written as."""


PUBLISHED = "published_vs_reproduced"
"""Figure, table and notebook of a trial with published numbers."""

_elsewhere: dict[type[Entry], Shows] = {}
"""Class of entries → what the folder declares that its kind stands in, of folders elsewhere."""


def register(entries: Iterable[type[Entry]], shows: Shows) -> None:
    """Make known how kinds are shown that stand elsewhere, by the classes of their entries."""
    _elsewhere.update(dict.fromkeys(entries, shows))


@cache
def families() -> dict[str, Shows]:
    """Package → what it declares, of every family here."""
    names = [f"{__name__}.{f.name}" for f in pkgutil.iter_modules(__path__) if f.ispkg]
    return {name: importlib.import_module(name).SHOWS.seen_from(name) for name in names}


def of(plan: Plan) -> Shows:
    """All that is declared for a plan, by place: by the families here and by its extensions."""
    classes = dict.fromkeys(type(entry) for entry in plan.analyses)
    further = {id(s): s for own in classes if (s := _elsewhere.get(own))}
    return together(*families().values(), *further.values())


def fault(own: Shows, kinds: Collection[str]) -> str:
    """What is wrong with the shows of a folder elsewhere that has these kinds, "" if nothing: each
    shows one of them, under a name that is free, in a part that there is."""
    ours = together(*families().values())
    for show in own.kinds:
        if show.name not in kinds:
            return f"{show.name!r} is no kind of this folder; it has: {', '.join(kinds) or 'none'}"
    if text := taken(own, ours):
        return text
    there = [part.id for part in (*ours.parts, *own.parts)]
    for show in (*own.figures, *own.tables):
        if not re.fullmatch(r"[a-z0-9_]+", show.id):
            return f"{show.id!r} cannot name files; expected small letters, digits and _"
        if not set(show.kinds) & set(kinds):
            return f"{show.id!r} shows none of the kinds of this folder; name them as `kinds`"
        if show.part not in there:
            return f"{show.id!r} stands in a part {show.part!r}; there are: {', '.join(there)}"
    return ""


def taken(new: Shows, old: Shows) -> str:
    """What is wrong if a figure, table or part has the name of another, "" if nothing."""
    for word in ("figures", "tables", "parts"):
        own = [show.id for show in getattr(new, word)]
        ids = [*own, *(show.id for show in getattr(old, word))]
        if twice := next((id for id in own if ids.count(id) > 1), ""):
            return f"a {word[:-1]} {twice!r} is there already; give this one another name"
    return ""


def asked_figures(plan: Plan) -> list[FigureShow]:
    """The figures of a trial with this plan, in the order of the report."""
    return [show for show in of(plan).figures if asks(plan, show)]


def asked_tables(plan: Plan) -> list[TableShow]:
    """The tables of a trial with this plan, in the order of the report."""
    return [show for show in of(plan).tables if asks(plan, show)]


def figures(plan: Plan) -> list[str]:
    """Ids of `asked_figures`."""
    return [show.id for show in asked_figures(plan)]


def tables(plan: Plan) -> list[str]:
    """Ids of `asked_tables`."""
    return [show.id for show in asked_tables(plan)]


def parts(plan: Plan) -> list[PartShow]:
    """The parts of the report that a figure or table of this plan stands in, by place."""
    filled = {show.part for show in (*asked_figures(plan), *asked_tables(plan))}
    return [part for part in of(plan).parts if part.id in filled]


def figure_modules(plan: Plan) -> list[str]:
    """Modules that declare and draw the figures of this plan."""
    return _modules(asked_figures(plan))


def table_modules(plan: Plan) -> list[str]:
    """Modules that declare and make the tables of this plan and the words above them."""
    return _modules([*asked_tables(plan), *parts(plan)])


def drawn_as(plan: Plan) -> list[str]:
    """Kinds of files that every figure is written as. A quick run has those of the report."""
    return ["svg"] if plan.quick else ["svg", "png", "pdf"]


def notebooks(plan: Plan) -> list[str]:
    """Names of the notebooks that make sense for a trial with this plan. A quick run, which is for
    trying things out, executes one."""
    if plan.quick:
        return ["primary_result"]
    shown = ["data_quality", "primary_result"]
    explored = {kind.name for kind in of(plan).kinds if kind.explored}
    shown += ["sensitivity_explorer"] if explored & _kinds(plan) else []
    shown += [PUBLISHED] if plan.published else []
    return shown + (["few_clusters"] if _shared(plan) else [])


def asks(plan: Plan, show: FigureShow | TableShow) -> bool:
    """True if the plan asks for a figure or table."""
    if show.asked:
        return bool(found(show.asked)(plan))
    return bool(_kinds(plan) & set(show.kinds))


def _modules(shown: Iterable[FigureShow | TableShow | PartShow]) -> list[str]:
    names = (module_of(name) for show in shown for name in named(show))
    return sorted({*families(), *names})


def _shared(plan: Plan) -> bool:
    """True if people of an arm share something."""
    return any(arm.clusters != "person" for arm in plan.arms)


def _kinds(plan: Plan) -> set[str]:
    return {entry.kind for entry in plan.analyses}
