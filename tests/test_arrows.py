"""The import arrows of the house: a room imports only from rooms that stand before it."""

import ast
import re
from pathlib import Path

import pytest

from trialrr import trials

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"

STATISTICS = ("trialrr.design", "trialrr.estimate", "trialrr.missing", "trialrr.resample")
AFTER_STATISTICS = tuple(
    f"trialrr.{room}"
    for room in ("trials", "instruments", "present", "ingest", "prove", "analyses")
)
AFTER_INGEST = ("trialrr.analyses", "trialrr.present", "trialrr.prove")
# room: what its modules must not import
FORBIDDEN = {
    "trialrr": ("snakemake",),
    "trialrr.plan": (*STATISTICS, *AFTER_STATISTICS),
    **dict.fromkeys(STATISTICS, AFTER_STATISTICS),
    "trialrr.data": ("trialrr.plan", *STATISTICS, *AFTER_STATISTICS),
    "trialrr.ingest": ("trialrr.trials", *AFTER_INGEST),
    "trialrr.instruments": ("trialrr.trials", "trialrr.ingest", *AFTER_INGEST),
    "trialrr.trials": (*STATISTICS, *AFTER_INGEST),
    "trialrr.analyses": ("trialrr.trials", "trialrr.ingest", "trialrr.present", "trialrr.prove"),
    "trialrr.present": (
        *("statsmodels", "scipy", "snakemake"),
        *("trialrr.trials.prepare", "trialrr.trials.flow"),
    ),
}
FAMILIES = ("model", "missing", "resampling", "treatment", "economics")
# room: the only modules of the package that it may import
ALLOWED = {
    "trialrr.present": (
        *("trialrr.present", "trialrr.ard", "trialrr.io", "trialrr.plan", "trialrr.trials"),
        "trialrr.analyses.registry",
        *(f"trialrr.analyses.{family}.entries" for family in FAMILIES),
    ),
}
ENTRIES = re.compile(r"trialrr\.analyses\.\w+\.(entry|entries)(\.|$)")
"""Modules that declare the entries of a family: later rooms may read them, they compute nothing."""
YAML_READER = "trialrr.plan.document"
WHO_ASKS_THE_HOUSE = ("trialrr.plan.plan", "trialrr.prove.manifest", "trialrr.cli")
"""Modules that may ask `trialrr.house`, which looks into every room, what there is."""
PARTICIPANT_LEVEL = ("private", "participants.csv", "visits.csv", "sessions.csv")


def imports(tree: ast.AST) -> list[tuple[int, str]]:
    """(line, dotted name) of every import in a module, also those inside functions.
    `from trialrr import ard` counts as trialrr.ard."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: write imports from the top: trialrr…"
            found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
    return found


def inside(name: str, rooms) -> bool:
    return any(name == room or name.startswith(room + ".") for room in rooms)


def a_trials(name: str, module: str) -> str:
    """The folder of a trial that `name` is of and `module` is not, "" if there is none."""
    if not inside(name, ["trialrr.trials"]):
        return ""
    folders = [f"trialrr.trials.{route}" for route in trials.routes()]
    return next((f for f in folders if inside(name, [f]) and not inside(module, [f])), "")


def violations(module: str, text: str) -> list[str]:
    """One line for every arrow that the source `text` of `module` breaks."""
    tree = ast.parse(text)
    broken = []
    for line, name in imports(tree):
        for room, forbidden in FORBIDDEN.items():
            if inside(module, [room]) and inside(name, forbidden):
                broken.append(f"{module}:{line} imports {name}, which {room} must not know")
        for room, allowed in ALLOWED.items():
            able = inside(name, allowed) or ENTRIES.match(name)
            if inside(module, [room]) and inside(name, ["trialrr"]) and not able:
                broken.append(f"{module}:{line} imports {name}; {room} may import only {allowed}")
        if inside(name, ["trialrr.house"]) and module not in WHO_ASKS_THE_HOUSE:
            broken.append(f"{module}:{line} imports the house, which looks into all rooms")
        if own := a_trials(name, module):
            broken.append(f"{module}:{line} imports {name}; nobody but {own} knows that trial")
        if inside(name, ["yaml"]) and module != YAML_READER:
            broken.append(f"{module}:{line} imports yaml; only {YAML_READER} reads the plan")
    if inside(module, ["trialrr.present"]):
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                names = [n for n in PARTICIPANT_LEVEL if n in Path(node.value).parts]
                broken += [f"{module}:{node.lineno} names the data set {n}" for n in names]
    return broken


def modules() -> dict[str, Path]:
    files = sorted((SOURCE / "trialrr").rglob("*.py"))
    names = [".".join(f.relative_to(SOURCE).with_suffix("").parts) for f in files]
    return {n.removesuffix(".__init__"): f for n, f in zip(names, files, strict=True)}


def test_no_module_breaks_an_arrow():
    assert [v for name, path in modules().items() for v in violations(name, path.read_text())] == []


def test_figure_scripts_read_no_data_set():
    scripts = sorted((ROOT / "scripts").glob("*figure*.py"))
    broken = [v for s in scripts for v in violations("trialrr.present.script", s.read_text())]
    assert broken == []


@pytest.mark.parametrize(
    ("module", "planted"),
    [
        ("trialrr.estimate.fit", "from trialrr.instruments import bpi"),
        ("trialrr.design", "import trialrr.analyses"),
        ("trialrr.missing.weights", "def f():\n    from trialrr import present"),
        ("trialrr.present.forest", "import scipy.stats"),
        ("trialrr.present.forest", "from statsmodels import api"),
        ("trialrr.present.forest", "from trialrr.estimate import fit"),
        ("trialrr.present.forest", "from trialrr.analyses.missing import delta"),
        ("trialrr.present.forest", "table = read('tree/participants.csv')"),
        ("trialrr.analyses.primary", "from trialrr.trials.flow import counts"),
        ("trialrr.ingest.reader", "from trialrr import trials"),
        ("trialrr.data.files", "from trialrr.ingest import reader"),
        ("trialrr.cli", "from trialrr.trials import resolve"),
        ("trialrr.trials.prepare", "import trialrr.trials.tidy.reader"),
        ("trialrr.trials.tidy.checks", "from trialrr.trials.resolve.words import WORDS"),
        ("trialrr.prove.verify", "from snakemake.api import SnakemakeApi"),
        ("trialrr.prove.manifest", "import yaml"),
        ("trialrr.plan.checks", "from trialrr.analyses import registry"),
        ("trialrr.analyses.stages", "from trialrr import house"),
    ],
)
def test_a_planted_violation_is_found(module, planted):
    assert len(violations(module, planted)) == 1


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("trialrr.plan.document", "import yaml"),
        ("trialrr.trials.resolve.windows", "from trialrr.ingest import reader"),
        (
            "trialrr.present.forest",
            "from trialrr import ard, io\nfrom trialrr.present import style",
        ),
        ("trialrr.present.forest", "from trialrr.analyses.missing.entries import Delta"),
        ("trialrr.analyses.primary", "from trialrr.estimate import fit"),
    ],
)
def test_an_arrow_down_the_flow_is_allowed(module, line):
    assert violations(module, line) == []
