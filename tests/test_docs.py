"""The pages on methods: they leave nothing out, and what they name is there."""

import re
from pathlib import Path

import pytest

from trialrr.estimate.covariance import NAMES
from trialrr.estimate.multiplicity import METHODS

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs" / "methods").glob("*.md"))
TEXT = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
FOLDERS = "bench|config|docs|notebooks|scripts|src|tests|workflow"


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
    assert not [path for path in named if not (ROOT / path).exists()]
    assert not [link for link in linked if not (page.parent / link).exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_functions_named_behind_a_module_are_in_it(page):
    text = page.read_text(encoding="utf-8")
    for path, names in re.findall(r"`(src/[\w/]+\.py)`(?:,| \()((?:\s*`\w+`,?)+)", text):
        code = (ROOT / path).read_text(encoding="utf-8")
        for name in re.findall(r"`(\w+)`", names):
            assert re.search(rf"^(def|class) {name}\b", code, re.M), f"{path} has no {name}"


def test_every_page_of_methods_is_in_the_index():
    index = (ROOT / "docs" / "methods" / "README.md").read_text(encoding="utf-8")
    assert not [p.name for p in PAGES if p.name != "README.md" and f"({p.name})" not in index]
