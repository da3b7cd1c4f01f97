"""The house put together: the kinds of analyses that a plan may have, those of the folders here and
those of the folders that its `extensions` name.

An extension is a folder anywhere that declares itself as a folder here does: a Python package whose
`__init__.py` has `KINDS`, a tuple of `analyses.base.Kind`, and `SHOWS`, of `present.shows.base`, if
they have tables or figures of their own; or `TRIAL`; or both. Rooms import only from rooms that
stand before them in the flow; this module alone looks into all of them, and of the rooms the plan
alone asks it.
"""

import ast
import hashlib
import importlib.util
import re
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trialrr.analyses.base import Kind
    from trialrr.plan import Entry, Plan
    from trialrr.plan.data import Section
    from trialrr.present.shows.base import Shows

PARENT = "trialrr.extensions"
"""What the names of extensions begin with once they are imported: no installed package has it."""
NOT_CODE = ("__pycache__", ".ipynb_checkpoints")
EXPECTED = "expected KINDS, a tuple of trialrr.analyses.base.Kind, or TRIAL"


class ExtensionError(ValueError):
    """A folder cannot be used as an extension; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Extension:
    """folder : where it stands; kinds : of analyses that it declares; shows : how they are shown;
    route : of the trial that it
    declares, "" if it declares none; declared_by : the files that reading the declarations takes,
    so without the modules that do the work."""

    folder: Path
    kinds: "tuple[Kind, ...]"
    shows: "Shows"
    route: str
    declared_by: tuple[Path, ...]


def files(folder: str | Path) -> list[Path]:
    """The files of an extension, sorted: any of them may decide what it computes."""
    found = (f for f in Path(folder).rglob("*") if f.is_file())
    return sorted(f for f in found if not any(part in NOT_CODE for part in f.parts))


def check(document: dict, files: Sequence[str | Path] = ()) -> "Plan":
    """The plan of a written document, read from `files`, held against itself and against what all
    trials declare. Raises PlanError with every fault of it."""
    from trialrr import plan, trials

    plan.offered(document)
    return plan.check(document, trials.sources(), files=files, columns=trials.columns())


def is_extension(module: str) -> bool:
    """Whether a module, by its dotted name, stands in an extension."""
    return module.startswith(f"{PARENT}.")


def entries(
    extensions: Sequence[str] = (),
) -> "tuple[dict[str, type[Entry]], list[tuple[str, str]]]":
    """Kind → class of its entries, of those here and those of the folders named; and the faults
    (place in the plan, text) of the folders, whose kinds are then left out."""
    from trialrr.analyses import registry
    from trialrr.present import shows

    found = {name: own.entry for name, own in registry.kinds().items()}
    homes: dict[str, str] = dict.fromkeys(found, "the house")
    folders: dict[Path, str] = {}
    shown = shows.Shows()
    faults = []
    for i, path in enumerate(extensions):
        place, folder = f"extensions[{i}]", Path(path).resolve()
        if folder in folders:
            faults.append((place, f"the same folder as {folders[folder]}; keep one"))
            continue
        folders[folder] = place
        try:
            own = load(path)
        except ExtensionError as error:
            faults.append((place, str(error)))
            continue
        for kind in own.kinds:
            if kind.name in homes:
                text = f"a kind of analysis named {kind.name!r} is there already, of "
                faults.append((place, f"{text}{homes[kind.name]}; give this one another name"))
                continue
            found[kind.name], homes[kind.name] = kind.entry, place
        if text := shows.taken(own.shows, shown):
            faults.append((place, text))
        shown = shows.together(shown, own.shows)
    return found, faults


def sections(extensions: Sequence[str] = ()) -> "tuple[type[Section], ...]":
    """Classes of the section `data` of a plan, one per route of a trial here, and of those that the
    folders named declare; folders that cannot be used are left out."""
    from trialrr import trials
    from trialrr.plan.data import section_of

    routes = list(trials.routes_here())
    for path in extensions:
        with suppress(ExtensionError):
            routes += filter(None, [load(path).route])
    found = ((route, trials.trial(route).section) for route in dict.fromkeys(routes))
    return tuple(section or section_of(route) for route, section in found)


def load(path: str | Path) -> Extension:
    """The extension in the folder at `path`, seen from where the run starts. Its kinds are known
    from now on. Raises ExtensionError."""
    folder = Path(path).resolve()
    if not folder.is_dir():
        raise ExtensionError(f"no folder {str(path)!r}; paths begin where the run starts")
    if not (folder / "__init__.py").is_file():
        raise ExtensionError(f"{str(path)!r} has no __init__.py, which declares it; {EXPECTED}")
    return _loaded(folder)


@cache
def _loaded(folder: Path) -> Extension:
    from trialrr.analyses import registry
    from trialrr.present import shows

    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    name = f"{PARENT}.{re.sub(r'[^A-Za-z0-9_]', '_', folder.name)}_{digest}"
    try:
        package = _imported(folder, name)
        kinds = tuple(_kinds(package, folder))
        own = _shows(package, folder, [kind.name for kind in kinds])
        route = _route_of_trial(package, folder)
        if not kinds and not route:
            raise ExtensionError(f"{folder.name}/__init__.py declares nothing; {EXPECTED}")
    except ExtensionError:
        for loaded in _modules(name):
            del sys.modules[loaded]
        raise
    for kind in kinds:
        registry.register(kind)
    shows.register([kind.entry for kind in kinds], own)
    code = [Path(file) for module in _modules(name).values() if (file := module.__file__)]
    data = [file for file in files(folder) if file.suffix != ".py"]
    return Extension(folder, kinds, own, route, tuple(sorted([*code, *data])))


def _imported(folder: Path, name: str) -> ModuleType:
    """The package in a folder under a name of its own, in which relative imports work. Raises
    ExtensionError with file and line of an error in its code."""
    for file in files(folder):
        if file.suffix == ".py":
            try:
                ast.parse(file.read_bytes(), str(file))
            except SyntaxError as error:
                told = f"SyntaxError: {error.msg}"
                raise ExtensionError(_at(folder, file, error.lineno, told)) from None
    spec = importlib.util.spec_from_file_location(name, folder / "__init__.py")
    assert spec and spec.loader
    package = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(package)
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        last = [f for f in frames if Path(f.filename).is_relative_to(folder)][-1]
        told = f"{type(error).__name__}: {error}".replace(name, folder.name)
        raise ExtensionError(_at(folder, Path(last.filename), last.lineno, told)) from error
    return package


def _modules(package: str) -> dict[str, ModuleType]:
    """Name → module, of a package and what was imported inside it."""
    names = [n for n in sys.modules if n == package or n.startswith(f"{package}.")]
    return {name: sys.modules[name] for name in names}


def _at(folder: Path, file: Path, line: int | None, error: str) -> str:
    """An error of the code in a folder, with its file and line."""
    name = f"{folder.name}/{file.relative_to(folder).as_posix()}"
    return f"{name}, line {line}: {error}; correct the code"


def _kinds(package: ModuleType, folder: Path) -> "Iterator[Kind]":
    """What `KINDS` of a package declares. Raises ExtensionError."""
    from trialrr.analyses.base import Kind

    declared = getattr(package, "KINDS", ())
    if not isinstance(declared, (tuple, list)) or not all(isinstance(k, Kind) for k in declared):
        raise ExtensionError(
            f"KINDS of {folder.name}/__init__.py is {declared!r}; expected a tuple of "
            "trialrr.analyses.base.Kind"
        )
    for kind in declared:
        if not _is_there(kind.module):
            raise ExtensionError(
                f"kind {kind.name!r} of {folder.name}/__init__.py is done by the module "
                f"{kind.work!r}, which is not there"
            )
        yield kind


def _shows(package: ModuleType, folder: Path, kinds: list[str]) -> "Shows":
    """What `SHOWS` of a package declares of these kinds. Raises ExtensionError."""
    from trialrr.present import shows
    from trialrr.present.shows.base import Shows, module_of, named

    declared, init = getattr(package, "SHOWS", Shows()), f"{folder.name}/__init__.py"
    if not isinstance(declared, Shows):
        raise ExtensionError(
            f"SHOWS of {init} is {declared!r}; expected a trialrr.present.shows.base.Shows"
        )
    declared = declared.seen_from(package.__name__)
    for show in declared:
        for name in named(show):
            if not _is_there(module_of(name)):
                told = name.removeprefix(package.__name__)
                raise ExtensionError(f"SHOWS of {init}: the module of {told!r} is not there")
    if fault := shows.fault(declared, kinds):
        raise ExtensionError(f"SHOWS of {init}: {fault}")
    return declared


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _route_of_trial(package: ModuleType, folder: Path) -> str:
    """The route of the trial that a package declares, "" if it declares none. Raises
    ExtensionError."""
    from trialrr import trials

    if not hasattr(package, "TRIAL"):
        return ""
    try:
        return trials.register(package, folder).name
    except trials.TrialError as error:
        raise ExtensionError(str(error)) from error
