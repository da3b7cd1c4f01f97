"""What a family, or a folder elsewhere, declares of how its analyses are shown.

A declaration is data: it draws nothing and reads no table, so that the workflow may ask in a moment
which files a plan makes. Functions are named as "module:function", with a dot first from the
package that declares them, and are imported when they are first called.
"""

import importlib
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from trialrr.plan import Plan

AFTER_OURS = 500
"""Place of what names none: after all results of the trial, before what is published of it and what
the plan says in words."""

ALWAYS = f"{__name__}:always"
"""What asks for a figure or table of every plan."""


def always(plan: Plan) -> bool:
    """True of every plan."""
    return True


@dataclass(frozen=True, slots=True)
class KindShow:
    """A kind of analysis.

    name : the kind; label : words for it, "" where its name as words will do; method : quantity
    whose `method` the section on methods repeats, "" if none; place : in that section; ranging :
    whether its relative risks are shown as a range; apart : whether it estimates something else
    than the primary analysis, so that it does not stand in a row with it; explored : whether the
    notebook `sensitivity_explorer` looks things up in it; assumption : what it assumes of missing
    outcomes, "" if nothing.
    """

    name: str
    label: str = ""
    method: str = ""
    place: int = AFTER_OURS
    ranging: bool = False
    apart: bool = False
    explored: bool = False
    assumption: str = ""


@dataclass(frozen=True, slots=True)
class _Shown:
    """What figures and tables have in common.

    id : name of its files; maker : function that makes it; place : in the order of figures or
    tables; part : id of the part of the report that it stands in, "" if the page has a place for
    it; kinds : of analyses that it shows: a plan that has one asks for it; asked : function of the
    plan that says whether it asks for it, where that is no matter of kinds; analyses : of the ARD,
    without an entry in the plan, that it shows; rests : function of the results that returns the
    ids of the analyses that it shows, where these are neither of its kinds nor `analyses`; given :
    what it is not made without, "flow", "published" or "calibration"; the last two are also given
    to its maker.
    """

    id: str
    maker: str
    place: int = AFTER_OURS
    part: str = ""
    kinds: tuple[str, ...] = ()
    asked: str = ""
    analyses: tuple[str, ...] = ()
    rests: str = ""
    given: str = ""


@dataclass(frozen=True, slots=True)
class FigureShow(_Shown):
    """A figure. Its maker takes the results and `width`, in inches, and returns a
    `kit.style.Drawing` with the same id, a title, which is the caption, and a description, which is
    the alternative text.

    quantity : without rows of which it is not drawn, "" if it always is; start : what the subgroup
    of these rows starts with; surface : a `shows.missing.grid.Surface`, if values can be read off
    it.
    """

    quantity: str = ""
    start: str = ""
    surface: str = ""


@dataclass(frozen=True, slots=True)
class TableShow(_Shown):
    """A table. Its maker takes the results and returns a `kit.table.Table` with the same id.

    controls : whether the page offers a choice of its comparisons and scales; written : where its
    words come from, if it has no number of the ARD.
    """

    controls: bool = False
    written: str = ""


@dataclass(frozen=True, slots=True)
class PartShow:
    """A part of the report, which stands there if one of its figures or tables does.

    heading : its words, of which its id is made; sentences : functions of the results that return
    the sentences under it; place : among parts; section : whether it is a section of its own, else
    it is a part of that on sensitivity.
    """

    heading: str
    sentences: tuple[str, ...] = ()
    place: int = AFTER_OURS
    section: bool = False

    @property
    def id(self) -> str:
        return self.heading.lower().replace(" ", "-")


NAMED = ("maker", "asked", "rests", "surface", "sentences")
"""Fields that name something in a module."""


@dataclass(frozen=True, slots=True)
class Shows:
    """All that one package declares, or several."""

    kinds: tuple[KindShow, ...] = ()
    figures: tuple[FigureShow, ...] = ()
    tables: tuple[TableShow, ...] = ()
    parts: tuple[PartShow, ...] = ()

    def __iter__(self) -> Iterator[KindShow | FigureShow | TableShow | PartShow]:
        return iter((*self.kinds, *self.figures, *self.tables, *self.parts))

    def seen_from(self, package: str) -> "Shows":
        """The same with the names of modules made whole. Raises ImportError of a relative name
        above all packages."""
        groups = ((field.name, getattr(self, field.name)) for field in fields(self))
        return Shows(**{name: tuple(_whole(show, package) for show in of) for name, of in groups})


def together(*several: Shows) -> Shows:
    """The shows of several packages, each group by place."""
    return Shows(
        *(
            tuple(sorted((one for s in several for one in getattr(s, f.name)), key=_place))
            for f in fields(Shows)
        )
    )


def named(show: Any) -> tuple[str, ...]:
    """All that a show names in modules, as "module:name"."""
    values = (getattr(show, name, ()) for name in NAMED)
    return tuple(n for v in values for n in ((v,) if isinstance(v, str) else v) if n)


def module_of(name: str) -> str:
    """The module of "module:name"."""
    return name.partition(":")[0]


def found(name: str) -> Any:
    """What "module:name" names. Raises ImportError, AttributeError."""
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


def _whole(show: Any, package: str) -> Any:
    def whole(name: str) -> str:
        module, _, attribute = name.partition(":")
        return f"{importlib.util.resolve_name(module, package)}:{attribute}"

    made = {}
    for field in NAMED:
        value = getattr(show, field, "")
        if value:
            made[field] = whole(value) if isinstance(value, str) else tuple(map(whole, value))
    return replace(show, **made)


def _place(show: Any) -> int:
    return show.place
