"""Trials: each a folder that declares itself once, found by the route that a plan names.

A folder here, or one elsewhere that a plan names as an extension (`trialrr.house`), is a package
whose `TRIAL` is a `base.Trial`; its route is the name of the folder. Looking one up reads no data
and imports no more than its `__init__.py` does, so the workflow may ask at every start.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

from trialrr.plan.data import Section
from trialrr.plan.near import nearest
from trialrr.trials.base import Trial

_loaded: dict[str, Trial] = {}
"""Route → trial of a folder elsewhere."""


class TrialError(ValueError):
    """No trial can be had of a name or a folder; the message says why and what to do."""


def routes_here() -> tuple[str, ...]:
    """The route of every trial whose folder stands here, sorted."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg))


def routes() -> tuple[str, ...]:
    """The route of every trial that is declared, here or by a folder elsewhere, sorted."""
    return tuple(sorted([*routes_here(), *_loaded]))


def trial(route: str) -> Trial:
    """The trial of a route. Raises TrialError if nobody declares it."""
    if route in _loaded:
        return _loaded[route]
    if route not in routes():
        near = nearest(route, routes())
        raise TrialError(f"no trial {route!r}{near}; declared: {', '.join(routes())}")
    return _declared(importlib.import_module(f"{__name__}.{route}"), route)


def of(data: Section) -> Trial:
    """The trial that the section `data` of a plan names. Raises TrialError."""
    return trial(data.route)


def sources() -> dict[str, tuple[str, ...]]:
    """Route → sources that its outcomes may name, as `plan.check` asks for them."""
    return {route: trial(route).sources for route in routes()}


def columns() -> dict[str, Mapping[str, dict]]:
    """Route → columns of participants that it derives, of trials that know them without a plan."""
    return {route: own for route in routes() if (own := trial(route).columns)}


def register(package: ModuleType, folder: Path) -> Trial:
    """The trial that a package in a `folder` elsewhere declares, which is found by its route from
    now on: in place of one that another plan of this process brought. Raises TrialError if it
    declares none, or if a trial of the house has its name."""
    route = folder.name
    if route in routes_here():
        raise TrialError(f"there is a trial {route!r} already; rename the folder")
    _loaded[route] = _declared(package, route)
    return _loaded[route]


def _declared(package: ModuleType, route: str) -> Trial:
    """TRIAL of a package, which has the name of its folder. Raises TrialError."""
    found, where = getattr(package, "TRIAL", None), f"{route}/__init__.py"
    if not isinstance(found, Trial):
        raise TrialError(f"{where}: no TRIAL, an instance of trialrr.trials.base.Trial")
    if found.name != route:
        raise TrialError(f"{where}: TRIAL.name is {found.name!r}, its folder {route!r}; use one")
    return found
