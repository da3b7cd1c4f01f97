"""The pages on methods: they leave nothing out, and what they name is there."""

import ast
import json
import re
from functools import cache
from pathlib import Path

import pytest

from trialrr import plan
from trialrr.estimate.covariance import NAMES
from trialrr.estimate.multiplicity import METHODS

ROOT = Path(__file__).parents[1]
INDEX = ROOT / "docs" / "methods" / "README.md"
PAGES = sorted((ROOT / "docs" / "methods").glob("*.md"))
METHOD_PAGES = [page for page in PAGES if page != INDEX]
TEXT = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
FOLDERS = "bench|config|docs|notebooks|scripts|src|tests|workflow"
OTHER_PROGRAMS = {"GLM", "IV2SLS", "Logit", "OLS", "glm", "lmer", "snakemake", "var_weights"}
"""What pages name of statsmodels, of R and of the command line."""
FEWEST_LETTERS = 6
"""Fewer letters of a composed name would let any name pass."""

MODULE = r"`(src/[\w/]+\.py)`"
LIST = r"`\w+`(?:(?:,|,?\s+and)\s+`\w+`)*"


def named_behind(text: str) -> list[tuple[str, str]]:
    """(module, name) for each name in a list behind the path of a module, "`module`, `a`, `b`" or
    "`module` (`a`, `b`)", or before it, "`a` and `b` in `module`"."""
    behind = re.findall(rf"{MODULE}(?:,| \()\s*({LIST})", text)
    before = [(path, names) for names, path in re.findall(rf"({LIST})\s+in\s+{MODULE}", text)]
    return [
        (path, name) for path, names in behind + before for name in re.findall(r"`(\w+)`", names)
    ]


@cache
def defined(path: str) -> set[str]:
    """Functions, classes and constants at the top of a module."""
    body = ast.parse((ROOT / path).read_text(encoding="utf-8")).body
    names = {node.name for node in body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    assigned = [node for node in body if isinstance(node, (ast.Assign, ast.AnnAssign))]
    targets = [t for node in assigned for t in getattr(node, "targets", None) or [node.target]]
    return names | {target.id for target in targets if isinstance(target, ast.Name)}


@cache
def vocabulary() -> tuple[set[str], re.Pattern]:
    """Every name that code, plan or results use: functions, classes, fields and texts of the code;
    keys and values of the plan's schema; ids of the plan of RESOLVE. And the form of those that the
    code composes, as f"{quantity}_failed"."""
    words, composed = set(OTHER_PROGRAMS), set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                words.add(node.name)
            elif isinstance(node, ast.Name):
                words.add(node.id)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [getattr(part, "value", None) for part in node.values]
                texts = [part if isinstance(part, str) else "" for part in parts]
                if len("".join(texts)) >= FEWEST_LETTERS and re.fullmatch(r"\w+", "".join(texts)):
                    composed.add("".join(text or r"[a-z]+" for text in texts))

    def collect(node) -> None:
        if isinstance(node, dict):
            words.update(node)
            collect(list(node.values()))
        elif isinstance(node, list):
            words.update(value for value in node if isinstance(value, str))
            [collect(value) for value in node]
        elif isinstance(node, str):
            words.add(node)

    collect(json.loads((ROOT / "workflow/schemas/config.schema.json").read_text(encoding="utf-8")))
    collect(plan.read(ROOT / "config" / "resolve.yaml"))
    return words, re.compile("|".join(sorted(composed)))


@pytest.mark.parametrize("name", [*NAMES, *METHODS, "protected_lsd"])
def test_every_name_that_a_plan_may_choose_is_explained(name):
    assert f"`{name}`" in TEXT


@pytest.mark.parametrize("package", ["estimate", "missing", "resample"])
def test_every_module_of_methods_has_its_page(package):
    modules = (ROOT / "src" / "trialrr" / package).glob("[!_]*.py")
    assert not [m.name for m in modules if f"`src/trialrr/{package}/{m.name}`" not in TEXT]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_and_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    named = re.findall(rf"`((?:{FOLDERS})/[^`\s]+)`", text)
    linked = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    assert named or linked, f"{page.name} leads nowhere"
    assert not [path for path in named if not (ROOT / path).exists()]
    assert not [link for link in linked if not (page.parent / link).exists()]


@pytest.mark.parametrize("page", METHOD_PAGES, ids=lambda page: page.name)
def test_names_that_stand_with_a_module_are_in_it(page):
    named = named_behind(page.read_text(encoding="utf-8"))
    assert named, f"{page.name} names no function or class of the modules that do what it says"
    assert not [f"{path} has no {name}" for path, name in named if name not in defined(path)]


@pytest.mark.parametrize("page", METHOD_PAGES, ids=lambda page: page.name)
def test_names_that_stand_alone_are_of_the_code_the_plan_or_the_results(page):
    text = page.read_text(encoding="utf-8")
    found = re.findall(r"`([A-Za-z_]\w*)`", text) + re.findall(r"`([A-Za-z_]\w*): \S+`", text)
    assert found, f"{page.name} names nothing"
    words, composed = vocabulary()
    assert not sorted({n for n in found if n not in words and not composed.fullmatch(n)})


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("`src/a.py`, `one`, `two`; `src/b.py` (`three`)", ["one", "two", "three"]),
        ("The pieces are `one`,\n`two` and `three` in `src/a.py`.", ["one", "two", "three"]),
        ("`src/a.py`, `one`\nand `two`. **Tests** `tests/a.py`, `other`", ["one", "two"]),
    ],
)
def test_names_are_found_before_and_behind_a_module(text, named):
    assert [name for _, name in named_behind(text)] == named


def test_every_page_of_methods_is_in_the_index():
    index = INDEX.read_text(encoding="utf-8")
    assert not [p.name for p in METHOD_PAGES if f"({p.name})" not in index]
