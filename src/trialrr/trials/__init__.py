"""Trials: each a folder that declares itself once, found by the route that a plan names.

A folder here, or one that `load` brings in from elsewhere, is a package whose `TRIAL` is a
`base.Trial`; its route is the name of the folder. Looking one up reads no data and imports no more
than its `__init__.py` does, so the workflow may ask at every start.
"""

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Mapping
from pathlib import Path

from trialrr.plan.data import Section
from trialrr.plan.near import nearest
from trialrr.trials.base import Trial

_loaded: dict[str, Trial] = {}
"""Route → trial of a folder elsewhere."""


class TrialError(ValueError):
    """No trial can be had of a name or a folder; the message says why and what to do."""


def routes() -> tuple[str, ...]:
    """The route of every trial that is declared, sorted."""
    here = [module.name for module in pkgutil.iter_modules(__path__) if module.ispkg]
    return tuple(sorted([*here, *_loaded]))


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


def load(folder: str | Path) -> Trial:
    """The trial that `folder`, a package anywhere, declares; from now on it is found by its route.

    The package is imported as `trialrr.trials.<name of the folder>`, so its modules import each
    other as those of a folder here do. Raises TrialError if there is no such folder, if it declares
    no trial, or if its name is taken.
    """
    folder = Path(folder).resolve()
    route, file = folder.name, folder / "__init__.py"
    if not folder.is_dir():
        raise TrialError(f"{folder}: no such folder; name the folder of a trial")
    if route in _loaded and _loaded[route].folder == folder:
        return _loaded[route]
    if route in routes():
        raise TrialError(f"{folder}: there is a trial {route!r} already; rename the folder")
    if not file.is_file():
        raise TrialError(f"{folder}: no __init__.py, which declares the trial as TRIAL")
    name = f"{__name__}.{route}"
    spec = importlib.util.spec_from_file_location(name, file)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        _loaded[route] = _declared(module, route)
    except BaseException:
        del sys.modules[name]
        raise
    return _loaded[route]


def _declared(module, route: str) -> Trial:
    """TRIAL of a package, which has the name of its folder. Raises TrialError."""
    found, where = getattr(module, "TRIAL", None), module.__file__
    if not isinstance(found, Trial):
        raise TrialError(f"{where}: no TRIAL, an instance of trialrr.trials.base.Trial")
    if found.name != route:
        raise TrialError(f"{where}: TRIAL.name is {found.name!r}, its folder {route!r}; use one")
    return found
