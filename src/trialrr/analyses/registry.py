"""Every kind of analysis: those of the families here, by name, and those registered from elsewhere.
Reading declarations imports no statistics."""

import importlib
import pkgutil
from functools import cache

from trialrr import analyses
from trialrr.analyses.base import Kind
from trialrr.plan.entry import Entry

_elsewhere: dict[type[Entry], Kind] = {}
"""Class of entries → kind, of the kinds that stand in folders elsewhere."""


@cache
def kinds() -> dict[str, Kind]:
    """Name → kind, family by family: what `KINDS` of every folder here declares. Raises ValueError
    if two have one name."""
    found: dict[str, Kind] = {}
    for folder in pkgutil.iter_modules(analyses.__path__):
        if folder.ispkg:
            family = importlib.import_module(f"{analyses.__name__}.{folder.name}")
            for own in getattr(family, "KINDS", ()):
                taken = found.setdefault(own.name, own)
                if taken is not own:
                    raise ValueError(
                        f"a kind of analysis named {own.name!r} is there already, of "
                        f"{taken.module}; give that of {own.module} another name"
                    )
    return found


def kind(name: str) -> Kind:
    """The kind of that name, of those here. Raises KeyError, which lists them."""
    if name not in kinds():
        raise KeyError(f"no kind of analysis {name!r}; known: {', '.join(sorted(kinds()))}")
    return kinds()[name]


def kind_of(entry: Entry) -> Kind:
    """The kind of an entry, by the class of it: two plans may each have a kind of the same name.
    Raises KeyError for an entry that nobody declares."""
    return _elsewhere[type(entry)] if type(entry) in _elsewhere else kind(entry.kind)


def register(own: Kind) -> None:
    """Make a kind known whose entries and work stand elsewhere."""
    _elsewhere[own.entry] = own
