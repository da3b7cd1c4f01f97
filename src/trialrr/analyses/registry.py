"""Every kind of analysis by its name: those of the families here, and those registered from
elsewhere. Reading declarations imports no statistics."""

import importlib
import pkgutil
from functools import cache

from trialrr import analyses
from trialrr.analyses.base import Kind


def kinds() -> dict[str, Kind]:
    """Name → kind, family by family, then those registered."""
    return dict(_known())


def kind(name: str) -> Kind:
    """The kind of that name. Raises KeyError, which lists the known ones."""
    if name not in _known():
        raise KeyError(f"no kind of analysis {name!r}; known: {', '.join(sorted(_known()))}")
    return _known()[name]


def register(own: Kind) -> None:
    """Make a kind known that is declared elsewhere. Raises ValueError if another has its name."""
    _add(_known(), own)


@cache
def _known() -> dict[str, Kind]:
    """What `KINDS` of every folder here declares; `register` adds to it."""
    found: dict[str, Kind] = {}
    for folder in pkgutil.iter_modules(analyses.__path__):
        if folder.ispkg:
            family = importlib.import_module(f"{analyses.__name__}.{folder.name}")
            for own in getattr(family, "KINDS", ()):
                _add(found, own)
    return found


def _add(known: dict[str, Kind], own: Kind) -> None:
    taken = known.setdefault(own.name, own)
    if taken != own:
        raise ValueError(
            f"a kind of analysis named {own.name!r} is there already, of {taken.module}; give that "
            f"of {own.module} another name"
        )
